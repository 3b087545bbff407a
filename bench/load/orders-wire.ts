import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /content-length: (\d+)/i;
const TEXT_FRAME = 0x81;
const MASKED = 0x80;
const LENGTH_16 = 126;
const NOTHING = Buffer.alloc(0);

/**
 * Connections with as little work as Node allows between a request and its reply, because the
 * client's work is part of what is measured: bytes go straight into the socket and replies are cut
 * out of what arrives.
 */
abstract class Connection {
  /** Called with each whole reply's text; only ASCII is sent here. */
  onReply: (text: string) => void = () => {};
  protected readonly socket: Socket;
  private received: Buffer = NOTHING;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      let rest = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
      for (let taken = this.take(rest); taken > 0; taken = this.take(rest)) {
        rest = rest.subarray(taken);
      }
      this.received = rest;
    });
    socket.on('error', (error) => {
      throw error;
    });
  }

  close(): void {
    this.socket.destroy();
  }

  /** Takes one reply off the front: the number of its bytes, 0 when it is not whole yet. */
  protected abstract take(bytes: Buffer): number;
}

/** HTTP/1.1 with keep-alive, one request at a time. */
export class HttpConnection extends Connection {
  private readonly token: string;

  private constructor(socket: Socket, token: string) {
    super(socket);
    this.token = token;
  }

  static async open(port: number, token: string): Promise<HttpConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new HttpConnection(socket, token);
  }

  request(method: string, path: string, body = ''): void {
    const head =
      `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${this.token}\r\n` +
      (body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`);
    this.socket.write(`${head}\r\n${body}`, 'latin1');
  }

  protected take(bytes: Buffer): number {
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) return 0;
    const head = bytes.toString('latin1', 0, headEnd);
    const end = headEnd + 4 + Number(LENGTH.exec(head)?.[1] ?? 0);
    if (bytes.length < end) return 0;
    if (head[9] !== '2') throw new Error(bytes.toString('latin1', 0, end));
    this.onReply(bytes.toString('latin1', headEnd + 4, end));
    return end;
  }
}

/** WebSocket client frames with a mask of zeros, which is allowed and costs nothing. */
export class SocketConnection extends Connection {
  /** Opens `/ws/stream` and resolves once the token was accepted. */
  static async open(port: number, token: string): Promise<SocketConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `GET /ws/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n` +
        `Authorization: Bearer ${token}\r\n\r\n`,
    );
    const connection = new SocketConnection(socket);
    await new Promise<void>((resolve, reject) => {
      connection.onReply = (text) => {
        if (text.startsWith('{"type":"logged_in"')) resolve();
        else if (text.startsWith('{"type":"error"')) reject(new Error(text));
      };
    });
    return connection;
  }

  private upgraded = false;

  /** Sends several messages in one write. */
  send(messages: readonly string[]): void {
    const bytes = messages.reduce((sum, { length }) => sum + length + 8, 0);
    const frames = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const text of messages) {
      frames[at] = TEXT_FRAME;
      frames[at + 1] = MASKED | LENGTH_16;
      frames.writeUInt16BE(text.length, at + 2);
      frames.writeUInt32LE(0, at + 4);
      frames.write(text, at + 8, 'latin1');
      at += 8 + text.length;
    }
    this.socket.write(frames);
  }

  protected take(bytes: Buffer): number {
    if (!this.upgraded) {
      const headEnd = bytes.indexOf(HEAD_END);
      if (headEnd < 0) return 0;
      this.upgraded = true;
      return headEnd + 4;
    }
    if (bytes.length < 4) return 0;
    const short = bytes[1];
    const start = short === LENGTH_16 ? 4 : 2;
    const end = start + (short === LENGTH_16 ? bytes.readUInt16BE(2) : short);
    if (bytes.length < end) return 0;
    if (bytes[0] === TEXT_FRAME) this.onReply(bytes.toString('latin1', start, end));
    return end;
  }
}
