import {
  App,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
  us_socket_local_port,
} from 'uWebSockets.js';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as SocketIoServer } from 'socket.io';
import { WebSocketServer } from 'ws';

/** What the publish path sent: topic and bytes. */
export interface Sent {
  readonly topic: string;
  readonly bytes: Uint8Array;
}

/** A server that publishes bytes it is given, as its users would. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  /** A client sends it once it is connected; '' for nothing. */
  readonly request: string;
  /** Frames each client gets before the measured ones. */
  readonly framesBefore: number;
  readonly framesPerMessage: number;
  /** Does outside the measured time what its users would have done already. */
  prepare(message: Sent): unknown;
  publish(prepared: unknown): void;
  close(): void;
}

/** Listens on a port of the system's choice. */
export async function listen(app: TemplatedApp): Promise<{ port: number; close: () => void }> {
  const socket = await new Promise<us_listen_socket | false>((resolve) => {
    app.listen('127.0.0.1', 0, resolve);
  });
  if (socket === false) throw new Error('no port to listen on');
  const close = (): void => {
    us_listen_socket_close(socket);
    app.close();
  };
  return { port: us_socket_local_port(socket as never), close };
}

/** uWebSockets.js publishing to its own topics, one per market as the venue has them. */
export async function rawPeer(topics: readonly string[], binary: boolean): Promise<Peer> {
  const app = App();
  app.ws('/raw', {
    maxBackpressure: 1 << 20,
    open: (ws) => {
      for (const topic of topics) ws.subscribe(topic);
    },
  });
  return {
    name: 'raw',
    ...(await listen(app)),
    path: '/raw',
    request: '',
    framesBefore: 0,
    framesPerMessage: 1,
    prepare: (message) => message,
    publish: (message) => {
      const { topic, bytes } = message as Sent;
      app.publish(topic, bytes, binary);
    },
  };
}

/** The library `ws`: the loop over all clients that its documentation shows. */
export async function wsPeer(binary: boolean): Promise<Peer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  return {
    name: 'ws',
    port: (server.address() as AddressInfo).port,
    path: '/',
    request: '',
    framesBefore: 0,
    framesPerMessage: 1,
    prepare: ({ bytes }) => Buffer.from(bytes),
    publish: (bytes) => {
      for (const client of server.clients) client.send(bytes as Buffer, { binary });
    },
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/**
 * socket.io over WebSockets alone. It is given the object of a JSON message, which it prints once
 * for all clients, and the bytes of a binary one, which it sends as a frame behind a frame of its own.
 */
export async function socketIoPeer(binary: boolean): Promise<Peer> {
  const http = createServer();
  const server = new SocketIoServer(http, {
    transports: ['websocket'],
    perMessageDeflate: false,
    serveClient: false,
    // Its pings are no part of this.
    pingInterval: 3_600_000,
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    name: 'socket.io',
    port: (http.address() as AddressInfo).port,
    path: '/socket.io/?EIO=4&transport=websocket',
    // Joins the namespace; the server has greeted before and confirms after.
    request: '40',
    framesBefore: 2,
    framesPerMessage: binary ? 2 : 1,
    prepare: ({ bytes }) =>
      binary ? Buffer.from(bytes) : JSON.parse(Buffer.from(bytes).toString('utf8')),
    publish: (message) => {
      server.emit('m', message);
    },
    close: () => void server.close(),
  };
}
