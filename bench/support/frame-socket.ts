import { connect, type Socket } from 'node:net';

export interface FrameSocketOptions {
  readonly port: number;
  readonly path: string;
  /** One of this machine's addresses; each has ports of its own to connect from. */
  readonly localAddress?: string;
  /** Sent once the connection is open; '' for nothing. */
  readonly request: string;
  /** Frames that come before the client counts as ready. */
  readonly framesBefore: number;
}

const HANDSHAKE_END = Buffer.from('\r\n\r\n');
const OPCODE_PING = 9;
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** Counts data frames across chunk borders, and answers pings. */
class FrameCounter {
  count = 0;
  pings = 0;
  private body = 0;
  private isControl = false;
  private readonly header = Buffer.alloc(10);
  private headerLength = 0;

  take(chunk: Buffer, from: number): void {
    let at = from;
    while (at < chunk.length) {
      if (this.body > 0) {
        const step = Math.min(this.body, chunk.length - at);
        at += step;
        this.body -= step;
        if (this.body === 0) this.end();
        continue;
      }
      this.header[this.headerLength] = chunk[at];
      this.headerLength += 1;
      at += 1;
      this.readHeader();
    }
  }

  private readHeader(): void {
    if (this.headerLength < 2) return;
    const short = this.header[1] & 0x7f;
    const need = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (this.headerLength < need) return;
    const opcode = this.header[0] & 0x0f;
    this.isControl = opcode >= 8;
    if (opcode === OPCODE_PING) this.pings += 1;
    this.body = short;
    if (short === 126) this.body = this.header.readUInt16BE(2);
    else if (short === 127) this.body = Number(this.header.readBigUInt64BE(2));
    this.headerLength = 0;
    if (this.body === 0) this.end();
  }

  private end(): void {
    if (!this.isControl) this.count += 1;
  }
}

/**
 * A WebSocket client that reads frame headers only, so that thousands of them cost the machine far
 * less than the server that is measured.
 */
export class FrameSocket {
  private readonly socket: Socket;
  private readonly counter = new FrameCounter();

  /**
   * @param onReady the first frames are there
   * @param onFrames so many more have come
   */
  constructor(
    options: FrameSocketOptions,
    onReady: () => void,
    onFrames: (count: number) => void = () => undefined,
  ) {
    const { port, path, localAddress, request, framesBefore } = options;
    const { counter } = this;
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    this.socket = socket;
    let upgraded = false;
    let ready = false;
    let pings = 0;
    socket.setNoDelay(true);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    socket.on('data', (chunk: Buffer) => {
      let from = 0;
      if (!upgraded) {
        const end = chunk.indexOf(HANDSHAKE_END);
        if (end < 0) return;
        if (!chunk.toString('latin1').startsWith('HTTP/1.1 101')) {
          throw new Error(`no WebSocket: ${chunk.toString('latin1')}`);
        }
        upgraded = true;
        if (request !== '') this.send(request);
        from = end + HANDSHAKE_END.length;
      }
      const before = counter.count;
      counter.take(chunk, from);
      for (; pings < counter.pings; pings += 1) socket.write(PONG);
      if (ready) onFrames(counter.count - before);
      else if (counter.count >= framesBefore) {
        ready = true;
        onReady();
      }
    });
  }

  /** Data frames so far. */
  get frames(): number {
    return this.counter.count;
  }

  send(text: string): void {
    this.socket.write(maskedText(text));
  }

  onError(handle: (error: Error) => void): void {
    this.socket.on('error', handle);
  }

  /** Ends the connection in order, or cuts it. */
  close(inOrder: boolean, onClosed: () => void): void {
    this.socket.once('close', onClosed);
    if (inOrder) this.socket.end();
    else this.socket.destroy();
  }
}

function maskedText(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length > 125) throw new Error('the request is too long for a short frame');
  // A mask of zeros leaves the text as it is.
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]);
}
