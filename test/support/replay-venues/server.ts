import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface HttpQuestion {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How one exchange speaks; `ReplayServer` does the sockets. */
export interface VenueProtocol {
  answer(question: HttpQuestion): HttpAnswer;
  /** A client's message: subscribes the connection and acknowledges. */
  message(text: string, connection: Connection): void;
}

/** A client's socket. */
export class Connection {
  readonly path: string;
  readonly channels = new Set<string>();
  /** Nothing but acknowledgements and pongs goes out. */
  isSilent = false;
  private readonly socket: WebSocket;
  private readonly stream: Socket;

  constructor(socket: WebSocket, stream: Socket, path: string) {
    this.socket = socket;
    this.stream = stream;
    this.path = path;
  }

  send(text: string): void {
    this.socket.send(text);
  }

  /** The peer is gone without a word: nothing is read, nothing is answered, nothing is closed. */
  freeze(): void {
    this.isSilent = true;
    this.stream.pause();
  }

  close(): void {
    this.stream.resume();
    this.socket.close(1001);
  }

  drop(): void {
    this.socket.terminate();
  }
}

/** What goes wrong with sockets that are opened from now on. */
export type DialFault = 'none' | 'refused' | 'unanswered' | 'silent';

/**
 * An exchange on 127.0.0.1: one port for HTTP and WebSockets. What it says comes from recordings by
 * way of a `VenueProtocol`; what goes wrong is up to the test.
 */
export class ReplayServer {
  /** Our clock, one for each attempt to open a socket. */
  readonly dialsMs: number[] = [];
  readonly questions: HttpQuestion[] = [];
  readonly connections = new Set<Connection>();
  /** Answers instead of the exchange, where it answers at all. */
  interception: ((question: HttpQuestion) => HttpAnswer | 'never' | undefined) | undefined;
  dialFault: DialFault = 'none';
  private readonly protocol: VenueProtocol;
  private readonly http: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly streams = new Set<Socket>();

  static async open(protocol: VenueProtocol): Promise<ReplayServer> {
    const server = new ReplayServer(protocol);
    await new Promise<void>((resolve) => {
      server.http.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  private constructor(protocol: VenueProtocol) {
    this.protocol = protocol;
    this.http = createServer((request, response) => void this.request(request, response));
    this.http.on('upgrade', (request, stream, head) =>
      this.upgrade(request, stream as Socket, head),
    );
    this.http.on('connection', (stream) => {
      this.streams.add(stream);
      stream.on('close', () => this.streams.delete(stream));
    });
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get endpoints(): { readonly rest: string; readonly socket: string } {
    return { rest: `http://127.0.0.1:${this.port}`, socket: `ws://127.0.0.1:${this.port}` };
  }

  /** To everyone who has subscribed to the channel. @returns how many that were */
  publish(channel: string, text: string | ((connection: Connection) => string)): number {
    let count = 0;
    for (const connection of this.connections) {
      if (connection.isSilent || !connection.channels.has(channel)) continue;
      connection.send(typeof text === 'string' ? text : text(connection));
      count += 1;
    }
    return count;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.drop();
    for (const stream of this.streams) stream.destroy();
    this.sockets.close();
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
    });
  }

  private async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://replay');
    const question: HttpQuestion = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(chunks).toString(),
    };
    this.questions.push(question);
    const answer = this.interception?.(question) ?? this.protocol.answer(question);
    if (answer === 'never') return;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body);
  }

  private upgrade(request: IncomingMessage, stream: Socket, head: Buffer): void {
    this.dialsMs.push(Date.now());
    stream.on('error', () => undefined);
    if (this.dialFault === 'unanswered') return;
    if (this.dialFault === 'refused') {
      stream.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const isSilent = this.dialFault === 'silent';
    this.sockets.handleUpgrade(request, stream, head, (socket) => {
      const { pathname } = new URL(request.url ?? '/', 'http://replay');
      const connection = new Connection(socket, stream, pathname);
      connection.isSilent = isSilent;
      this.connections.add(connection);
      socket.on('message', (data) => this.protocol.message(String(data), connection));
      socket.on('error', () => undefined);
      socket.on('close', () => this.connections.delete(connection));
    });
  }
}

export function json(value: unknown): HttpAnswer {
  return { status: 200, body: typeof value === 'string' ? value : JSON.stringify(value) };
}
