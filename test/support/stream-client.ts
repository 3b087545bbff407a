import { once } from 'node:events';
import WebSocket from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
export type Message = any;

/** A client of `/ws/stream` that pairs replies with requests by their ids. */
export class StreamClient {
  readonly unasked: Message[] = [];
  private readonly socket: WebSocket;
  private readonly waiting = new Map<
    number,
    { resolve: (reply: Message) => void; reject: () => void }
  >();
  private lastId = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (text) => {
      const message = JSON.parse(String(text));
      const waiter = this.waiting.get(message.id);
      if (waiter === undefined) this.unasked.push(message);
      else waiter.resolve(message);
      this.waiting.delete(message.id);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.waiting.values()) reject();
      this.waiting.clear();
    });
  }

  static async connect(url: string, headers: Record<string, string> = {}): Promise<StreamClient> {
    const socket = new WebSocket(url, { headers });
    const client = new StreamClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Resolves with the reply of that id; rejects when the connection ends before it. */
  ask(request: object): Promise<Message> {
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('the connection ended'));
      if (this.socket.readyState !== WebSocket.OPEN) return gone();
      this.waiting.set(id, { resolve, reject: gone });
      this.socket.send(JSON.stringify({ ...request, id }));
    });
  }

  close(): void {
    this.socket.close();
  }
}
