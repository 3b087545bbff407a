import { connect } from 'node:net';

export interface Heard {
  /** Statuses of the replies, in order. */
  readonly statuses: readonly number[];
  readonly closed: boolean;
  readonly bytes: Buffer;
}

export interface SendOptions {
  /** How long the first answer may take. */
  readonly patienceMs?: number;
  /** How long more may follow an answer. */
  readonly quietMs?: number;
  /** Sent once the server has said something, as frames follow an upgrade. */
  readonly afterFirstReply?: readonly Buffer[];
}

/**
 * Sends bytes on a connection of their own and listens until the server closes, has been silent for
 * a while after it answered, or says nothing at all (it waits for more): then the client goes away.
 */
export function sendRaw(
  port: number,
  parts: readonly Buffer[],
  { patienceMs = 250, quietMs = 30, afterFirstReply = [] }: SendOptions = {},
): Promise<Heard> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let closed = false;
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      for (const part of parts) socket.write(part);
    });
    socket.setNoDelay(true);
    let later = afterFirstReply;
    let quiet = setTimeout(() => socket.destroy(), patienceMs);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      for (const part of later) socket.write(part);
      later = [];
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.destroy(), quietMs);
    });
    // Cut off while we were still sending: a legitimate answer to nonsense.
    socket.on('error', () => undefined);
    socket.on('end', () => {
      closed = true;
    });
    socket.on('close', () => {
      clearTimeout(quiet);
      const bytes = Buffer.concat(chunks);
      resolve({ statuses: statusesIn(bytes), closed, bytes });
    });
  });
}

function statusesIn(bytes: Buffer): number[] {
  return [...bytes.toString('latin1').matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) =>
    Number(match[1]),
  );
}

/** Runs jobs with a number of them under way. */
export async function inParallel(
  count: number,
  width: number,
  job: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await job(index);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
