import {
  AuthFailure,
  type Credentials,
  hasScope,
  type Principal,
} from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import { Refusal } from '../http/refusal.ts';
import { CLOSE_FAILED, CLOSE_RATE_LIMITED, CLOSE_UNAUTHENTICATED } from './close-codes.ts';
import type { StreamRequest, StreamSocket } from './endpoint.ts';
import type { LoginFailures } from './login-failures.ts';
import {
  CredentialWatch,
  LOGIN_WINDOW_MS,
  offeredCredentials,
  type SocketAuthenticator,
  tokenCredentials,
} from './socket-credentials.ts';

export interface LoginDesk {
  readonly authenticate: SocketAuthenticator;
  readonly clock: Clock;
  readonly loginFailures: LoginFailures;
  /** `LOGIN_WINDOW_MS` unless told. */
  readonly loginWindowMs?: number;
}

/** The session that somebody logs in to. */
export interface LoginListener {
  /** @param asked by a message, which gets an answer; else at the upgrade */
  onLogin(principal: Principal, asked: boolean): void;
  /** Tells the client an error. */
  refuse(refusal: Refusal): void;
}

/**
 * Who the client of a private path is. It says so at the upgrade, or by a message within five
 * seconds; else the socket closes with 4401, as it does when the credential ends, and with 4429
 * where logins failed too often.
 */
export class SocketLogin {
  /** `undefined` before the login. */
  principal: Principal | undefined;
  /** The socket is closed, or is about to be. */
  ended = false;
  private readonly desk: LoginDesk;
  private readonly socket: StreamSocket;
  private readonly address: string;
  private readonly clientKey: string;
  private readonly listener: LoginListener;
  private readonly watch: CredentialWatch;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    desk: LoginDesk,
    socket: StreamSocket,
    { address, clientKey }: StreamRequest,
    listener: LoginListener,
  ) {
    this.desk = desk;
    this.socket = socket;
    this.address = address;
    this.clientKey = clientKey;
    this.listener = listener;
    this.watch = new CredentialWatch(desk.clock);
  }

  /** Takes what came with the upgrade, or waits for a message; to be called in `open`. */
  begin(request: StreamRequest): void {
    const credentials = offeredCredentials(request);
    if (credentials === undefined) this.expect();
    // Not at once: a session must not close its socket before it is known to be open.
    else setImmediate(() => this.attempt(credentials, false));
  }

  /** A message names an access token. */
  withToken(token: string): void {
    this.attempt(tokenCredentials(token, this.address), true);
  }

  /** Lets the client wait no longer than it may; does nothing while that runs already. */
  expect(): void {
    this.deadline ??= setTimeout(
      () => this.reject('no credentials were sent in time'),
      this.desk.loginWindowMs ?? LOGIN_WINDOW_MS,
    ).unref();
  }

  /** Nothing private is asked for: the deadline for a login is off until `expect`. */
  excuse(): void {
    clearTimeout(this.deadline);
    this.deadline = undefined;
  }

  /** The connection has ended. */
  closed(): void {
    this.ended = true;
    this.excuse();
    this.watch.stop();
  }

  private attempt(credentials: Credentials, asked: boolean): void {
    if (this.ended || this.principal !== undefined) return;
    const { loginFailures, clock, authenticate } = this.desk;
    const waitSeconds = loginFailures.waitSeconds(this.clientKey, clock.nowMs());
    if (waitSeconds > 0) {
      const details = { retry_after_seconds: waitSeconds };
      const message = 'too many failed logins';
      this.listener.refuse(
        new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', message, { details }),
      );
      this.end(CLOSE_RATE_LIMITED, 'rate_limited');
      return;
    }
    let who: Principal | AuthFailure;
    try {
      who = authenticate(credentials);
    } catch {
      const message = 'the credentials could not be checked';
      this.listener.refuse(new Refusal('internal', 'INTERNAL_ERROR', message));
      this.end(CLOSE_FAILED, 'internal_error');
      return;
    }
    if (who instanceof AuthFailure) loginFailures.failed(this.clientKey, clock.nowMs());
    if (who instanceof AuthFailure || !hasScope(who.scopes, 'read')) {
      this.reject('invalid credentials');
      return;
    }
    this.excuse();
    this.principal = who;
    this.watch.watch(who, () => this.reject('the credential has ended'));
    this.listener.onLogin(who, asked);
  }

  private reject(message: string): void {
    this.listener.refuse(new Refusal('unauthenticated', 'UNAUTHORIZED', message));
    this.end(CLOSE_UNAUTHENTICATED, 'authentication_error');
  }

  private end(code: number, reason: string): void {
    this.ended = true;
    this.excuse();
    this.socket.close(code, reason);
  }
}
