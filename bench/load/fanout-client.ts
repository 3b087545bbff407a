import { connect, type Socket } from 'node:net';

/**
 * The subscribers of the fan-out benchmark, in a process of their own. They read frame headers only,
 * so that the reader's cost stays far below the server's. Parent → child: `FanoutOrder`; child →
 * parent: `FanoutReport`.
 */
export interface FanoutOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  /** Sent by each connection once it is open; '' for none. */
  readonly request: string;
  /** Frames that each connection gets before the measured ones. */
  readonly framesBefore: number;
}

export interface FanoutReport {
  readonly ready: boolean;
  /** Measured frames received so far, over all connections. */
  readonly frames: number;
}

const HANDSHAKE_END = Buffer.from('\r\n\r\n');
const REPORT_EVERY_MS = 5;

let frames = 0;
let reported = 0;

/** One connection: counts frames across chunk borders. */
class FrameCounter {
  count = 0;
  private body = 0;
  private readonly header = Buffer.alloc(10);
  private headerLength = 0;

  take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.body > 0) {
        const step = Math.min(this.body, chunk.length - at);
        at += step;
        this.body -= step;
        if (this.body === 0) this.count += 1;
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
    this.body = short;
    if (short === 126) this.body = this.header.readUInt16BE(2);
    else if (short === 127) this.body = Number(this.header.readBigUInt64BE(2));
    this.headerLength = 0;
    if (this.body === 0) this.count += 1;
  }
}

function maskedText(text: string): Buffer {
  const body = Buffer.from(text);
  if (body.length > 125) throw new Error('the request is too long for a short frame');
  // A mask of zeros leaves the text as it is.
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0]), body]);
}

function open(order: FanoutOrder, onReady: () => void): Socket {
  const counter = new FrameCounter();
  const socket = connect(order.port, '127.0.0.1');
  let upgraded = false;
  let ready = false;
  socket.setNoDelay(true);
  socket.write(
    `GET ${order.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    if (!upgraded) {
      const end = chunk.indexOf(HANDSHAKE_END);
      if (end < 0) return;
      upgraded = true;
      if (order.request !== '') socket.write(maskedText(order.request));
      rest = chunk.subarray(end + HANDSHAKE_END.length);
    }
    const before = counter.count;
    counter.take(rest);
    if (ready) frames += counter.count - before;
    else if (counter.count >= order.framesBefore) {
      ready = true;
      onReady();
    }
  });
  return socket;
}

function report(ready: boolean): void {
  const message: FanoutReport = { ready, frames };
  process.send?.(message);
  reported = frames;
}

process.once('message', (order: FanoutOrder) => {
  let waiting = order.connections;
  for (let i = 0; i < order.connections; i += 1) {
    open(order, () => {
      waiting -= 1;
      if (waiting === 0) report(true);
    });
  }
  setInterval(() => {
    if (frames !== reported) report(false);
  }, REPORT_EVERY_MS);
});
process.once('disconnect', () => process.exit(0));
