import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSession,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { type Clock, isoMicros } from '../../lib/clock.ts';
import { admit, errorText, parseMessage } from './socket-errors.ts';
import { orderToWire } from './translate.ts';

/** Close code of a private socket whose client did not prove who it is. */
export const CLOSE_UNAUTHENTICATED = 4401;
const LOGIN_WINDOW_MS = 5000;

/** What a client offers to prove who it is; `''` where it offered none. */
export interface SocketCredentials {
  readonly token: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** The client's address, for keys that are bound to one. */
  readonly address: string;
}

/** Resolves to the user's id, or to `undefined` where the credentials are not good. */
export type SocketAuthenticator = (credentials: SocketCredentials) => Promise<number | undefined>;

/**
 * `/v1/ws/orders`: the caller's orders, each time one changes. A client proves who it is at the
 * upgrade (`?token=`, `Authorization: Bearer`, or the key headers) or within five seconds by
 * `{"action":"authenticate","token":…}`; else the socket closes with 4401.
 */
export class VelocimexOrderStream implements StreamEndpoint {
  readonly name = 'velocimex_orders';
  readonly path = '/v1/ws/orders';
  readonly counters = new StreamCounters();
  readonly authenticate: SocketAuthenticator;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  readonly loginWindowMs: number;
  private publisher: Publisher | undefined;

  constructor(
    authenticate: SocketAuthenticator,
    clock: Clock,
    connectionLimit: ConnectionLimit,
    loginWindowMs = LOGIN_WINDOW_MS,
  ) {
    this.authenticate = authenticate;
    this.clock = clock;
    this.connectionLimit = connectionLimit;
    this.loginWindowMs = loginWindowMs;
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  negotiate(request: StreamRequest): Negotiation {
    return admit(this.connectionLimit, request.address);
  }

  open(socket: StreamSocket, request: StreamRequest): StreamSession {
    const session = new OrderSession(this, socket, request.address);
    const credentials = credentialsOf(request);
    if (credentials.token !== '' || credentials.apiKey !== '')
      void session.login(credentials, false);
    else session.awaitLogin();
    return session;
  }

  /** Sends an order's new state to its owner's sockets. */
  publishOrder(userId: number, order: OrderView): void {
    const topic = this.topic(userId);
    const receivers = this.publisher?.numSubscribers(topic) ?? 0;
    if (receivers === 0) return;
    const bytes = Buffer.from(JSON.stringify(orderToWire(order)));
    this.publisher?.publish(topic, bytes, false);
    this.counters.sent(bytes.length, receivers);
  }

  topic(userId: number): string {
    return `velocimex/orders/${userId}`;
  }
}

class OrderSession implements StreamSession {
  private readonly stream: VelocimexOrderStream;
  private readonly socket: StreamSocket;
  private readonly address: string;
  private userId = 0;
  private deadline: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(stream: VelocimexOrderStream, socket: StreamSocket, address: string) {
    this.stream = stream;
    this.socket = socket;
    this.address = address;
    stream.connectionLimit.opened(address);
  }

  awaitLogin(): void {
    this.deadline = setTimeout(
      () => this.reject('no credentials were sent in time'),
      this.stream.loginWindowMs,
    );
    this.deadline.unref();
  }

  /** `asked`: by a message, which gets an answer; else all that is ever sent are orders. */
  async login(credentials: SocketCredentials, asked: boolean): Promise<void> {
    let userId: number | undefined;
    try {
      userId = await this.stream.authenticate(credentials);
    } catch {
      if (this.ended) return;
      this.stream.counters.errors += 1;
      this.socket.send(errorText('INTERNAL_ERROR', 'the credentials could not be checked'));
      this.end('internal_error', 1011);
      return;
    }
    if (this.ended || this.userId !== 0) return;
    if (userId === undefined) {
      this.reject('invalid credentials');
      return;
    }
    clearTimeout(this.deadline);
    this.userId = userId;
    this.stream.counters.subscriptions += 1;
    this.socket.subscribe(this.stream.topic(userId));
    if (asked) this.socket.send(JSON.stringify({ type: 'authenticated' }));
  }

  message(text: string): void {
    const body = parseMessage(text);
    if (body?.action === 'ping') {
      const { clock } = this.stream;
      clock.tick();
      const timestamp = isoMicros(clock.seconds, clock.nanos);
      this.socket.send(JSON.stringify({ type: 'pong', timestamp }));
    } else if (body?.action === 'authenticate' && typeof body.token === 'string') {
      if (this.userId !== 0) this.refuse('this connection is authenticated', 'action');
      else {
        const none = { apiKey: '', apiSecret: '', address: this.address };
        void this.login({ ...none, token: body.token }, true);
      }
    } else if (body?.action === 'authenticate') {
      this.refuse('"token" is the text of an access token', 'token');
    } else this.refuse('"action" is one of authenticate, ping', 'action');
  }

  binaryMessage(): void {
    this.refuse('messages are JSON in text frames', 'message');
  }

  drained(): void {}

  closed(): void {
    this.ended = true;
    clearTimeout(this.deadline);
    this.stream.connectionLimit.closed(this.address);
    if (this.userId !== 0) this.stream.counters.subscriptions -= 1;
  }

  private refuse(message: string, parameter: string): void {
    this.stream.counters.errors += 1;
    this.socket.send(errorText('INVALID_PARAMETER', message, { parameter }));
  }

  private reject(message: string): void {
    this.stream.counters.errors += 1;
    this.socket.send(errorText('AUTHENTICATION_ERROR', message));
    this.end('authentication_error', CLOSE_UNAUTHENTICATED);
  }

  private end(reason: string, code: number): void {
    this.ended = true;
    clearTimeout(this.deadline);
    this.socket.close(code, reason);
  }
}

function credentialsOf(request: StreamRequest): SocketCredentials {
  const bearer = /^Bearer (\S+)$/i.exec(request.authorization)?.[1] ?? '';
  const token = bearer === '' ? (new URLSearchParams(request.query).get('token') ?? '') : bearer;
  return {
    token,
    apiKey: request.apiKey,
    apiSecret: request.apiSecret,
    address: request.address,
  };
}
