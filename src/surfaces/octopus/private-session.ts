import { parseMessageText } from '../../gateway/http/client-json.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { CLOSE_NOT_FOUND } from '../../gateway/streams/close-codes.ts';
import type { StreamRequest, StreamSession, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { SocketLogin } from '../../gateway/streams/socket-login.ts';
import type { Principal } from '../../identity/principal.ts';
import { isoMillis } from '../../lib/clock.ts';
import { JsonFault } from '../../lib/strict-json.ts';
import type { PrivateStream } from './private-stream.ts';

const TYPES = ['authenticate', 'ping'];

/** One client of a private path. */
export class PrivateSession implements StreamSession {
  readonly socket: StreamSocket;
  /** Parameters of the path. */
  readonly params: Readonly<Record<string, string>>;
  private readonly stream: PrivateStream;
  private readonly clientKey: string;
  private readonly login: SocketLogin;
  private admitted = false;

  constructor(stream: PrivateStream, socket: StreamSocket, request: StreamRequest) {
    this.stream = stream;
    this.socket = socket;
    this.params = request.params;
    this.clientKey = request.clientKey;
    this.login = new SocketLogin(stream.parts, socket, request, {
      onLogin: (principal, asked) => this.enter(principal, asked),
      refuse: (refusal) => this.refuse(refusal),
    });
    this.login.begin(request);
    stream.parts.connectionLimit.opened(this.clientKey);
  }

  message(text: string): void {
    const parsed = parseMessageText(text);
    if (parsed instanceof JsonFault) {
      return this.refuse(new Refusal('malformed', 'INVALID_JSON', `The message ${parsed.message}`));
    }
    const { type, action, token } = (parsed.value ?? {}) as Record<string, unknown>;
    // One surface's clients say `type`, another's `action`; authentication is understood from both.
    const asked = type ?? action;
    if (asked === 'ping') {
      const { clock } = this.stream.parts;
      clock.tick();
      this.tell({ type: 'pong', timestamp: isoMillis(clock.seconds, clock.nanos) });
    } else if (asked !== 'authenticate') {
      this.refuse(invalidParameter('type', asked, `"type" is one of ${TYPES.join(', ')}`));
    } else if (this.login.principal !== undefined) {
      this.refuse(invalidParameter('type', asked, 'this connection is authenticated'));
    } else if (typeof token !== 'string') {
      this.refuse(invalidParameter('token', null, '"token" is the text of an access token'));
    } else this.login.withToken(token);
  }

  tell(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  rateLimited(_message: string | Uint8Array, waitSeconds: number): void {
    const details = { retry_after_seconds: waitSeconds };
    const message = 'too many messages';
    this.refuse(new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', message, { details }));
  }

  binaryMessage(): void {
    this.refuse(invalidParameter('message', 'binary', 'messages are JSON in text frames'));
  }

  drained(): void {}

  closed(): void {
    this.login.closed();
    this.stream.parts.connectionLimit.closed(this.clientKey);
    if (!this.admitted) return;
    this.stream.counters.subscriptions -= 1;
    this.stream.left(this);
  }

  /** Ends the connection: there is nothing (any more) under this path. */
  endAsNotFound(reason: string): void {
    this.socket.close(CLOSE_NOT_FOUND, reason);
  }

  /** @param asked by a message, which gets an answer of its own */
  private enter(principal: Principal, asked: boolean): void {
    if (asked) this.tell({ type: 'authenticated' });
    const refusal = this.stream.admit(this, principal);
    if (refusal === undefined) {
      this.admitted = true;
      this.stream.counters.subscriptions += 1;
      return;
    }
    this.refuse(refusal);
    this.endAsNotFound('not_found');
  }

  private refuse(refusal: Refusal): void {
    this.stream.counters.errors += 1;
    this.stream.counters.refuse(refusal.code);
    this.socket.send(this.stream.refusalText(refusal));
  }
}
