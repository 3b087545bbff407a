import { connect, type Socket } from 'node:net';

/** How long anything is waited for: a bound for failures, not a measure. */
const PATIENCE_MS = 20_000;

export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A bare TCP connection, for requests that no well-behaved client would send. */
export class RawConnection {
  private readonly socket: Socket;
  private received = '';
  /** All that the server ever sent on it. */
  everything = '';
  closed = false;
  private wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.everything += text;
      this.wake();
    });
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
    socket.on('error', () => undefined);
  }

  static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawConnection(socket)));
      socket.once('error', reject);
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Goes away without a word. */
  abort(): void {
    this.socket.resetAndDestroy();
  }

  end(): void {
    this.socket.destroy();
  }

  /** The next reply; fails when the server closes first or takes far too long. */
  async reply(headOnly = false): Promise<RawReply> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const reply = this.takeReply(headOnly);
      if (reply !== undefined) return reply;
      if (this.closed) throw new Error(`closed after ${JSON.stringify(this.received)}`);
      await this.more(deadline);
    }
  }

  /** Resolves when the server has closed the connection. */
  async closing(timeoutMs = PATIENCE_MS): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.closed) await this.more(deadline);
  }

  private more(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`nothing after ${JSON.stringify(this.received)}`));
      const timer = setTimeout(late, Math.max(0, deadline - Date.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private takeReply(headOnly: boolean): RawReply | undefined {
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [statusLine, ...lines] = this.received.slice(0, headEnd).split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    const length = headOnly ? 0 : Number(headers.get('content-length') ?? 0);
    if (this.received.length < headEnd + 4 + length) return undefined;
    const body = this.received.slice(headEnd + 4, headEnd + 4 + length);
    this.received = this.received.slice(headEnd + 4 + length);
    return { status: Number(statusLine.split(' ')[1]), headers, body };
  }
}
