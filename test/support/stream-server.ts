import {
  App,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { once } from 'node:events';
import WebSocket from 'ws';
import type { MarketRegistry } from '../../src/config/markets.ts';
import type { StreamEndpoint } from '../../src/gateway/streams/endpoint.ts';
import { StreamHub, type StreamHubOptions } from '../../src/gateway/streams/hub.ts';
import { type Clock, SystemClock } from '../../src/lib/clock.ts';
import { MarketViews } from '../../src/projections/market-view.ts';

export interface StreamServer {
  readonly hub: StreamHub;
  readonly port: number;
  connect(path: string, subprotocols?: string[]): WebSocket;
  close(): void;
}

/** How long a frame is waited for: a bound for failures, not a measure. */
const NEXT_MS = 20_000;

/** Serves endpoints on a free port of the loopback interface. */
export async function serveStreams(
  markets: MarketRegistry,
  endpoints: (views: MarketViews, clock: Clock) => StreamEndpoint[],
  options: Pick<StreamHubOptions, 'backpressureBytes' | 'slowGraceMs' | 'connectionsMax'> = {},
): Promise<StreamServer> {
  const clock = new SystemClock();
  const views = new MarketViews(markets.all);
  const hub = new StreamHub({ views, clock, endpoints: endpoints(views, clock), ...options });
  const app = App();
  hub.attach(app);
  const listening = await new Promise<us_listen_socket>((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('no port to listen on'));
      else resolve(socket);
    });
  });
  const port = us_socket_local_port(listening as never);
  return {
    hub,
    port,
    connect: (path, subprotocols = []) =>
      new WebSocket(`ws://127.0.0.1:${port}${path}`, subprotocols),
    close: () => {
      hub.closeAll(1001, 'test over');
      us_listen_socket_close(listening);
      app.close();
    },
  };
}

/** Reads frames one by one, in the order of their arrival. */
export class FrameReader {
  readonly frames: (string | Uint8Array)[] = [];
  readonly socket: WebSocket;
  private waiter: (() => void) | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.frames.push(isBinary ? data : data.toString());
      this.waiter?.();
    });
  }

  /** The next frame; rejects when none comes in a time that even a busy machine keeps. */
  async next(): Promise<string | Uint8Array> {
    if (this.frames.length === 0) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('no frame came')), NEXT_MS);
        this.waiter = () => {
          clearTimeout(timer);
          this.waiter = undefined;
          resolve();
        };
      });
    }
    return this.frames.shift()!;
  }

  // biome-ignore lint/suspicious/noExplicitAny: answers differ, and the tests say what they expect
  async nextJson(): Promise<any> {
    return JSON.parse((await this.next()) as string);
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }
}

/** The close code and reason of a socket that is being closed. */
export async function closed(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}
