import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ADMIN_PASSWORD = 'correct horse battery staple';
const START_TIMEOUT_MS = 30_000;

/** The built server as a process of its own, as a user starts it. */
export class ServerProcess {
  readonly url: string;
  /** What it printed before and with `ready`. */
  readonly banner: string;
  private readonly child: ChildProcess;
  private readonly exit: Promise<{ code: number | null; signal: string | null }>;
  private readonly logLines: string[];

  private constructor(child: ChildProcess, url: string, banner: string, logLines: string[]) {
    this.child = child;
    this.url = url;
    this.banner = banner;
    this.logLines = logLines;
    this.exit = new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        resolve({ code: child.exitCode, signal: child.signalCode });
      }
      child.on('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Starts on a free port and waits for `ready`; rejects with the log when it does not come. */
  static start(dataDirectory: string, env: Record<string, string> = {}): Promise<ServerProcess> {
    const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
    const child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        OPENBELL_PORT: '0',
        OPENBELL_DATA_DIR: dataDirectory,
        OPENBELL_ADMIN_PASSWORD: ADMIN_PASSWORD,
        OPENBELL_RATE_LIMITS: 'off',
        // Seconds of work beside whatever a test is about.
        OPENBELL_SIMULATION_HISTORY: 'off',
        // Tests deploy their own, and count orders and facts.
        OPENBELL_MARKET_MAKER: 'off',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const logLines: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => logLines.push(text));
    return new Promise((resolve, reject) => {
      let out = '';
      const fail = (why: string): void => {
        child.kill('SIGKILL');
        reject(new Error(`${why}\n${out}${logLines.join('')}`));
      };
      const timer = setTimeout(() => fail('the server did not get ready'), START_TIMEOUT_MS);
      child.on('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`the server ended with code ${code}\n${out}${logLines.join('')}`));
      });
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        const ready = /^ready (https?:\S+)$/m.exec(out);
        if (ready === null) return;
        clearTimeout(timer);
        child.removeAllListeners('exit');
        resolve(new ServerProcess(child, ready[1], out, logLines));
      });
    });
  }

  get log(): string {
    return this.logLines.join('');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: string | null }> {
    this.child.kill(signal);
    return this.exit;
  }

  /** Waits until the process has ended by itself, or by a signal that was sent before. */
  ended(): Promise<{ code: number | null; signal: string | null }> {
    return this.exit;
  }

  webSocketUrl(path: string): string {
    return `${this.url.replace('http', 'ws')}${path}`;
  }

  /** Logs in, as the administrator if nobody is named, and returns a client with that token. */
  async login(username = 'admin'): Promise<Client> {
    const reply = await fetch(`${this.url}/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, password: ADMIN_PASSWORD }),
    });
    const { access_token: token } = (await reply.json()) as { access_token: string };
    return new Client(this.url, token);
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
  readonly body: any;
}

/** REST with a token. */
export class Client {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  get(path: string): Promise<Reply> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<Reply> {
    return this.send('POST', path, body);
  }

  delete(path: string): Promise<Reply> {
    return this.send('DELETE', path);
  }

  private async send(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await reply.text();
    const isJson = reply.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: reply.status, headers: reply.headers, body: isJson ? JSON.parse(text) : text };
  }
}

/** Waits until `check` gives something other than undefined; rejects after the time. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 40_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (performance.now() > until) throw new Error(`did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
