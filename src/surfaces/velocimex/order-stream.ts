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
  CLOSE_UNAUTHENTICATED,
  CredentialWatch,
  LOGIN_WINDOW_MS,
  offeredCredentials,
  type SocketAuthenticator,
  tokenCredentials,
} from '../../gateway/streams/socket-credentials.ts';
import type { OrderView } from '../../gateway/venue.ts';
import {
  AuthFailure,
  type Credentials,
  hasScope,
  type Principal,
} from '../../identity/principal.ts';
import { type Clock, isoMicros } from '../../lib/clock.ts';
import {
  admit,
  errorText,
  gatewayErrorText,
  parseMessage,
  rateLimitText,
} from './socket-errors.ts';
import { SOCKETS } from './sockets.ts';
import { orderToWire } from './translate.ts';

/** Close code of a client that failed to prove who it is too often. */
const CLOSE_RATE_LIMITED = 4429;

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
    const session = new OrderSession(this, socket, request);
    const credentials = offeredCredentials(request);
    if (credentials === undefined) session.awaitLogin();
    // Not at once: a session must not close its socket before it is known to be open.
    else setImmediate(() => session.login(credentials, false));
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
  private readonly clientKey: string;
  private userId = 0;
  private readonly watch: CredentialWatch;
  private deadline: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    stream: VelocimexOrderStream,
    socket: StreamSocket,
    { address, clientKey }: StreamRequest,
  ) {
    this.stream = stream;
    this.socket = socket;
    this.address = address;
    this.clientKey = clientKey;
    this.watch = new CredentialWatch(stream.clock);
    stream.connectionLimit.opened(clientKey);
  }

  awaitLogin(): void {
    this.deadline = setTimeout(
      () => this.reject('no credentials were sent in time'),
      this.stream.loginWindowMs,
    );
    this.deadline.unref();
  }

  /** `asked`: by a message, which gets an answer; else all that is ever sent are orders. */
  login(credentials: Credentials, asked: boolean): void {
    if (this.ended || this.userId !== 0) return;
    const { loginFailures, clock } = this.stream;
    const waitSeconds = loginFailures.waitSeconds(this.clientKey, clock.nowMs());
    if (waitSeconds > 0) {
      this.refuseForRate('too many failed logins', waitSeconds);
      this.end('rate_limited', CLOSE_RATE_LIMITED);
      return;
    }
    let who: Principal | AuthFailure;
    try {
      who = this.stream.authenticate(credentials);
    } catch {
      this.stream.counters.errors += 1;
      this.socket.send(errorText('INTERNAL_ERROR', 'the credentials could not be checked'));
      this.end('internal_error', 1011);
      return;
    }
    if (who instanceof AuthFailure) loginFailures.failed(this.clientKey, clock.nowMs());
    if (who instanceof AuthFailure || !hasScope(who.scopes, 'read')) {
      this.reject('invalid credentials');
      return;
    }
    clearTimeout(this.deadline);
    this.userId = who.userId;
    this.watch.watch(who, () => this.reject('the credential has ended'));
    this.stream.counters.subscriptions += 1;
    this.socket.subscribe(this.stream.topic(who.userId));
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
      else this.login(tokenCredentials(body.token, this.address), true);
    } else if (body?.action === 'authenticate') {
      this.refuse('"token" is the text of an access token', 'token');
    } else this.refuse('"action" is one of authenticate, ping', 'action');
  }

  rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    this.refuseForRate('too many messages', waitSeconds);
  }

  binaryMessage(): void {
    this.refuse('messages are JSON in text frames', 'message');
  }

  drained(): void {}

  closed(): void {
    this.ended = true;
    clearTimeout(this.deadline);
    this.watch.stop();
    this.stream.connectionLimit.closed(this.clientKey);
    if (this.userId !== 0) this.stream.counters.subscriptions -= 1;
  }

  private refuse(message: string, parameter: string): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse('INVALID_PARAMETER');
    this.socket.send(errorText('INVALID_PARAMETER', message, { parameter }));
  }

  private refuseForRate(message: string, waitSeconds: number): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse('RATE_LIMIT_EXCEEDED');
    this.socket.send(rateLimitText(message, waitSeconds));
  }

  private reject(message: string): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse('AUTHENTICATION_ERROR');
    this.socket.send(errorText('AUTHENTICATION_ERROR', message));
    this.end('authentication_error', CLOSE_UNAUTHENTICATED);
  }

  private end(reason: string, code: number): void {
    this.ended = true;
    clearTimeout(this.deadline);
    this.socket.close(code, reason);
  }
}
