import { Refusal } from '../../gateway/http/refusal.ts';
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
import { LoginFailures } from '../../gateway/streams/login-failures.ts';
import {
  LOGIN_WINDOW_MS,
  type SocketAuthenticator,
} from '../../gateway/streams/socket-credentials.ts';
import { SocketLogin } from '../../gateway/streams/socket-login.ts';
import type { OrderView } from '../../gateway/venue.ts';
import { type Clock, isoMicros } from '../../lib/clock.ts';
import { errorReply } from './errors.ts';
import { admit, gatewayErrorText, parseMessage } from './socket-errors.ts';
import { SOCKETS } from './sockets.ts';
import { orderToWire } from './translate.ts';

/**
 * `/v1/ws/orders`: the caller's orders, each time one changes. A client proves who it is at the
 * upgrade (`?token=`, `Authorization: Bearer`, or the key headers) or within five seconds by
 * `{"action":"authenticate","token":…}`; else the socket closes with 4401, as it does when the
 * credential ends.
 */
export class VelocimexOrderStream implements StreamEndpoint {
  readonly name = SOCKETS.orders.name;
  readonly path = SOCKETS.orders.path;
  readonly counters = new StreamCounters();
  readonly authenticate: SocketAuthenticator;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  readonly loginFailures: LoginFailures;
  readonly loginWindowMs: number;
  private publisher: Publisher | undefined;

  constructor(
    authenticate: SocketAuthenticator,
    clock: Clock,
    connectionLimit: ConnectionLimit,
    loginFailures: LoginFailures = new LoginFailures(),
    loginWindowMs = LOGIN_WINDOW_MS,
  ) {
    this.authenticate = authenticate;
    this.clock = clock;
    this.connectionLimit = connectionLimit;
    this.loginFailures = loginFailures;
    this.loginWindowMs = loginWindowMs;
  }

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  negotiate(request: StreamRequest): Negotiation {
    return admit(this.connectionLimit, request.clientKey);
  }

  errorText(code: string, message: string): string {
    return gatewayErrorText(code, message);
  }

  open(socket: StreamSocket, request: StreamRequest): StreamSession {
    return new OrderSession(this, socket, request);
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
  private readonly clientKey: string;
  private readonly login: SocketLogin;

  constructor(stream: VelocimexOrderStream, socket: StreamSocket, request: StreamRequest) {
    this.stream = stream;
    this.socket = socket;
    this.clientKey = request.clientKey;
    this.login = new SocketLogin(stream, socket, request, {
      onLogin: ({ userId }, asked) => this.follow(userId, asked),
      refuse: (refusal) => this.refuse(refusal),
    });
    this.login.begin(request);
    stream.connectionLimit.opened(request.clientKey);
  }

  message(text: string): void {
    const body = parseMessage(text);
    if (body?.action === 'ping') {
      const { clock } = this.stream;
      clock.tick();
      const timestamp = isoMicros(clock.seconds, clock.nanos);
      this.socket.send(JSON.stringify({ type: 'pong', timestamp }));
    } else if (body?.action === 'authenticate' && typeof body.token === 'string') {
      if (this.login.principal === undefined) this.login.withToken(body.token);
      else this.refuseParameter('action', 'this connection is authenticated');
    } else if (body?.action === 'authenticate') {
      this.refuseParameter('token', '"token" is the text of an access token');
    } else this.refuseParameter('action', '"action" is one of authenticate, ping');
  }

  rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    const details = { retry_after_seconds: waitSeconds };
    this.refuse(
      new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', 'too many messages', { details }),
    );
  }

  binaryMessage(): void {
    this.refuseParameter('message', 'messages are JSON in text frames');
  }

  drained(): void {}

  closed(): void {
    this.login.closed();
    this.stream.connectionLimit.closed(this.clientKey);
    if (this.login.principal !== undefined) this.stream.counters.subscriptions -= 1;
  }

  /** @param asked by a message, which gets an answer; else all that is ever sent are orders */
  private follow(userId: number, asked: boolean): void {
    this.stream.counters.subscriptions += 1;
    this.socket.subscribe(this.stream.topic(userId));
    if (asked) this.socket.send(JSON.stringify({ type: 'authenticated' }));
  }

  private refuseParameter(parameter: string, message: string): void {
    this.refuse(new Refusal('invalid', 'INVALID_PARAMETER', message, { details: { parameter } }));
  }

  private refuse(refusal: Refusal): void {
    const { body } = errorReply(refusal);
    this.stream.counters.errors += 1;
    this.stream.counters.refuse((body as { error: { code: string } }).error.code);
    this.socket.send(JSON.stringify(body));
  }
}
