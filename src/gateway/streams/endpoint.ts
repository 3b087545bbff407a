import type { MarketView } from '../../projections/market-view.ts';
import type { StreamCounters } from './counters.ts';

/** One open connection, as a surface sees it. Calls after it has closed do nothing. */
export interface StreamSocket {
  /** Sends text, or binary when given bytes. False when the socket is gone or too slow. */
  send(message: string | Uint8Array): boolean;
  /** Sends bytes of UTF-8 as a text frame. */
  sendText(bytes: Uint8Array): boolean;
  /** Sends messages, text or bytes, with as few writes to the network as can be. */
  sendAll(messages: readonly (string | Uint8Array)[]): void;
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  /** Bytes that wait in this process for the client to read. */
  readonly bufferedBytes: number;
  close(code: number, reason: string): void;
}

/** Fan-out to all sockets subscribed to a topic. */
export interface Publisher {
  numSubscribers(topic: string): number;
  publish(topic: string, message: Uint8Array, binary: boolean): void;
}

/** What a client said when it asked for the connection. */
export interface StreamRequest {
  /** Parts of the path that stand for parameters, decoded, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** The raw query string, without `?`. */
  readonly query: string;
  /** Offered subprotocols in the client's order. */
  readonly subprotocols: readonly string[];
  /** Headers `Authorization`, `X-API-Key`, `X-API-Secret`; `''` where absent. */
  readonly authorization: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Header `Accept-Language`, for paths that tell errors in several languages. */
  readonly acceptLanguage: string;
  /** The client's address as text, as far as trusted proxies vouch for it. */
  readonly address: string;
  /** What limits per client count under: the address, or its IPv6 network. */
  readonly clientKey: string;
}

/** The subprotocol to answer with (`''` for none), or an HTTP refusal of the upgrade. */
export type Negotiation =
  | { readonly subprotocol: string }
  | { readonly status: string; readonly code: string; readonly body: string };

/** One client's conversation. */
export interface StreamSession {
  /** A text frame. */
  message(text: string): void;
  /**
   * A frame above the rate that one socket may send: to be refused, not served.
   * @param message text, or the bytes of a binary frame, REUSED: valid until the call returns
   * @param waitSeconds whole seconds until the next one would be served
   */
  rateLimited(message: string | Uint8Array, waitSeconds: number): void;
  /** A binary frame. @param bytes REUSED: valid until the call returns */
  binaryMessage(bytes: Uint8Array): void;
  /** The socket's backlog has shrunk; look at `bufferedBytes`. */
  drained(): void;
  /** The socket has left too much unread and leaves all its topics; what is published is on its way. */
  leavesTopics?(): void;
  /**
   * What it is told when it has read its backlog, just before it is closed with 4008; not asked for
   * when messages were lost.
   */
  lastWords?(): string | undefined;
  closed(): void;
}

/**
 * One WebSocket path of a surface. Handlers run between drains of the event rings, with every view
 * equal to what has been published.
 */
export interface StreamEndpoint {
  /** Label in metrics. */
  readonly name: string;
  /** URL path, e.g. `/ws/stream`; `{name}` stands for one segment. */
  readonly path: string;
  readonly counters: StreamCounters;
  /** Messages per second that a socket may send, where the path's document names a rate. */
  readonly messagesPerSecond?: number;
  /** An error in the form of this path, for what is refused before a surface sees it. */
  errorText(code: string, message: string): string;
  /** Refuses or accepts an upgrade; the request is not kept. */
  negotiate(request: StreamRequest): Negotiation;
  /** Starts a conversation. Must not close the socket before it returns: nobody would be told. */
  open(socket: StreamSocket, request: StreamRequest): StreamSession;
  /** Called once, before the first `open`. */
  bind(publisher: Publisher): void;
  /** Publishes what changed in a settled view; absent where a surface has no market data. */
  publish?(view: MarketView): void;
  /** Called after everything that changed was published; every view is as published. */
  published?(): void;
  /** Tells everybody that the server is about to close their connections. */
  announceShutdown?(graceMs: number): void;
  /** Bytes of sent messages that are kept for clients which come back. */
  readonly historyBytes?: number;
  /** Sends what was kept back during a drain, so that it goes out together. */
  flushReplies?(): void;
}
