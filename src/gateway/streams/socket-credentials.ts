import type { AuthFailure, Credentials, Principal } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import type { StreamRequest } from './endpoint.ts';

/** How long a client of a private path may take to prove who it is. */
export const LOGIN_WINDOW_MS = 5000;

/** Checks what a client offers, as for a request over HTTP. */
export type SocketAuthenticator = (credentials: Credentials) => Principal | AuthFailure;

/**
 * What a client sent along when it asked for the connection: the header before `?token=`, and the
 * API key's headers. `undefined` when it offered nothing.
 */
export function offeredCredentials(request: StreamRequest): Credentials | undefined {
  const { apiKey, apiSecret, address } = request;
  const authorization = request.authorization || bearer(tokenInQuery(request.query));
  if (authorization === '' && apiKey === '') return undefined;
  return { authorization, apiKey, apiSecret, address: () => address };
}

/** Credentials from a message: an access token. */
export function tokenCredentials(token: string, address: string): Credentials {
  return { authorization: bearer(token), apiKey: '', apiSecret: '', address: () => address };
}

function tokenInQuery(query: string): string {
  return query === '' ? '' : (new URLSearchParams(query).get('token') ?? '');
}

function bearer(token: string): string {
  return token === '' ? '' : `Bearer ${token}`;
}

/** Timers cannot be set further ahead than 24 days. */
const LOOK_AGAIN_MS = 86_400_000;

/** Tells when the credential behind a socket is over: ended, revoked, or past its time. */
export class CredentialWatch {
  private readonly clock: Clock;
  private release: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Watches this principal from now on, and no other. `onOver` is called at most once. */
  watch({ grant, expiresAtMs }: Principal, onOver: () => void): void {
    this.stop();
    const over = (): void => {
      this.stop();
      onOver();
    };
    this.release = grant?.onEnd(over);
    if (expiresAtMs !== undefined) this.expireAt(expiresAtMs, over);
  }

  stop(): void {
    this.release?.();
    this.release = undefined;
    clearTimeout(this.timer);
  }

  private expireAt(expiresAtMs: number, over: () => void): void {
    const leftMs = expiresAtMs - this.clock.nowMs();
    const look = leftMs <= 0 ? over : () => this.expireAt(expiresAtMs, over);
    this.timer = setTimeout(look, Math.max(0, Math.min(leftMs, LOOK_AGAIN_MS)));
    this.timer.unref();
  }
}
