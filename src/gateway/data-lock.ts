import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another process uses the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

/** `lock-<process id>-<random>`: a socket that its process listens on. */
const MARK = /^lock-(\d+)-[0-9a-f]{12}$/;
/** Two processes that start at once may both step back; each tries again after a while. */
const ATTEMPTS = 4;
const STEP_BACK_MS = 60;
/** Longest path a Unix socket may have, on the systems that allow the least. */
const SOCKET_PATH_BYTES = 100;

/**
 * Claims a data directory for this process. The claim is a Unix socket in the directory on which the
 * process listens: the kernel takes it back when the process ends, however it ends, so a file left
 * behind tells of nobody, whichever process has its id now (see docs/decisions/005-data-lock.md).
 *
 * @returns the release, to be called once at the end
 * @throws DataDirectoryInUseError naming the process that has the directory
 */
export async function lockDataDirectory(directory: string): Promise<() => void> {
  prepare(directory);
  const address = new SocketFolder(directory);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const mark = await Mark.set(directory, address);
      const owner = await livingOwner(directory, address, mark.name);
      if (owner === undefined) return () => mark.remove();
      mark.remove();
      if (attempt === ATTEMPTS) {
        throw new DataDirectoryInUseError(
          `${directory} is in use by process ${owner}: stop it, or set OPENBELL_DATA_DIR to another`,
        );
      }
      const waitMs = STEP_BACK_MS * attempt * Math.random();
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  } finally {
    address.close();
  }
}

function prepare(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(
      `the data directory ${directory} cannot be used (${(error as Error).message}): ` +
        'set OPENBELL_DATA_DIR to one this user can write',
    );
  }
}

/** This process's own socket in the directory. */
class Mark {
  readonly name: string;
  private readonly path: string;
  private readonly server: Server;

  private constructor(directory: string, name: string, server: Server) {
    this.name = name;
    this.path = join(directory, name);
    this.server = server;
  }

  /** It shows under its name only when it is listened on: one that refuses has no process. */
  static async set(directory: string, address: SocketFolder): Promise<Mark> {
    const name = `lock-${process.pid}-${randomBytes(6).toString('hex')}`;
    const hidden = `.${name}`;
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new Error(`the data directory ${directory} cannot be locked: ${error.message}`)),
      );
      server.listen(address.of(hidden), resolve);
    });
    server.unref();
    renameSync(join(directory, hidden), join(directory, name));
    return new Mark(directory, name, server);
  }

  remove(): void {
    rmSync(this.path, { force: true });
    this.server.close();
  }
}

/**
 * The id of another process that claims the directory; clears away marks nobody listens on. Whoever
 * looks has set its own mark before, so of two that look at once at least one sees the other.
 */
async function livingOwner(
  directory: string,
  address: SocketFolder,
  own: string,
): Promise<number | undefined> {
  for (const name of readdirSync(directory)) {
    const match = MARK.exec(name);
    if (match === null || name === own) continue;
    const answer = await knock(address.of(name));
    if (answer === 'ECONNREFUSED') rmSync(join(directory, name), { force: true });
    // ENOENT: its process has just given it up. Anything else is taken for somebody living.
    else if (answer !== 'ENOENT') return Number(match[1]);
  }
  return undefined;
}

/** `connected`, or the code of the error. The kernel answers, even for a process that is stuck. */
function knock(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}

/** Names sockets in a directory whose own path may be too long for a socket's address. */
class SocketFolder {
  private readonly folder: string;
  private readonly detour: string | undefined;

  constructor(directory: string) {
    const longest = join(directory, `.lock-${2 ** 22}-${'f'.repeat(12)}`);
    if (Buffer.byteLength(longest) <= SOCKET_PATH_BYTES) {
      this.folder = directory;
      return;
    }
    this.detour = mkdtempSync(join(tmpdir(), 'ob-'));
    this.folder = join(this.detour, 'd');
    symlinkSync(directory, this.folder);
  }

  of(name: string): string {
    return join(this.folder, name);
  }

  close(): void {
    if (this.detour !== undefined) rmSync(this.detour, { recursive: true, force: true });
  }
}
