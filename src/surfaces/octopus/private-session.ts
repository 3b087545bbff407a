import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';
import { CLOSE_NOT_FOUND } from '../../gateway/streams/close-codes.ts';
import type { StreamRequest, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { JsonSession } from '../../gateway/streams/json-session.ts';
import { SocketLogin } from '../../gateway/streams/socket-login.ts';
import type { Principal } from '../../identity/principal.ts';
import type { PrivateStream } from './private-stream.ts';

const TYPES = ['authenticate', 'ping'];

/** One client of a private path. */
export class PrivateSession extends JsonSession {
  /** Parameters of the path. */
  readonly params: Readonly<Record<string, string>>;
  private readonly stream: PrivateStream;
  private readonly login: SocketLogin;
  private admitted = false;

  constructor(stream: PrivateStream, socket: StreamSocket, request: StreamRequest) {
    super(stream, socket, request);
    this.stream = stream;
    this.params = request.params;
    this.login = new SocketLogin(stream.parts, socket, request, {
      onLogin: (principal, asked) => this.enter(principal, asked),
      refuse: (refusal) => this.refuse(refusal),
    });
    this.login.begin(request);
  }

  protected obey(body: unknown): Refusal | undefined {
    const { type, action, token } = (body ?? {}) as Record<string, unknown>;
    // One surface's clients say `type`, another's `action`; authentication is understood from both.
    const asked = type ?? action;
    if (asked === 'ping') {
      this.pong();
      return undefined;
    }
    if (asked !== 'authenticate') {
      return invalidParameter('type', asked, `"type" is one of ${TYPES.join(', ')}`);
    }
    if (this.login.principal !== undefined) {
      return invalidParameter('type', asked, 'this connection is authenticated');
    }
    if (typeof token !== 'string') {
      return invalidParameter('token', null, '"token" is the text of an access token');
    }
    this.login.withToken(token);
    return undefined;
  }

  protected left(): void {
    this.login.closed();
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
}
