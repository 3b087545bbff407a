import type { Refusal } from '../../gateway/http/refusal.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import { SocketDoor } from '../../gateway/streams/socket-door.ts';
import type { LoginDesk } from '../../gateway/streams/socket-login.ts';
import type { SocketPath } from '../../gateway/streams/socket-path.ts';
import type { Principal } from '../../identity/principal.ts';
import type { Clock } from '../../lib/clock.ts';
import { errorReply } from './errors.ts';
import { PrivateSession } from './private-session.ts';

export interface PrivateStreamParts extends LoginDesk {
  readonly connectionLimit: ConnectionLimit;
}

/**
 * A path that tells a user what is theirs, in JSON. A client proves who it is at the upgrade
 * (`?token=`, `Authorization`, the key headers) or within five seconds by
 * `{"type":"authenticate","token":…}`; else the socket closes with 4401, as it does when the
 * credential ends.
 */
export abstract class PrivateStream implements StreamEndpoint {
  readonly name: string;
  readonly path: string;
  readonly counters = new StreamCounters();
  readonly parts: PrivateStreamParts;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  private readonly door: SocketDoor;
  private publisher: Publisher | undefined;

  constructor({ name, path }: SocketPath, parts: PrivateStreamParts) {
    this.name = name;
    this.path = path;
    this.parts = parts;
    this.clock = parts.clock;
    this.connectionLimit = parts.connectionLimit;
    this.door = new SocketDoor({ errorReply, ...parts });
  }

  /** The client has proved who it is: subscribes it, or says why not. */
  abstract admit(session: PrivateSession, who: Principal): Refusal | undefined;

  /** A client that was admitted has gone. */
  left(_session: PrivateSession): void {}

  bind(publisher: Publisher): void {
    this.publisher = publisher;
  }

  negotiate(request: StreamRequest): Negotiation {
    return this.door.refused(request) ?? { subprotocol: '' };
  }

  errorText(code: string, message: string): string {
    return this.door.errorText(code, message);
  }

  /** An error as this surface tells them. */
  refusalText(refusal: Refusal): string {
    return this.door.text(refusal);
  }

  open(socket: StreamSocket, request: StreamRequest): PrivateSession {
    return new PrivateSession(this, socket, request);
  }

  /** Sends to all sockets of a topic; what is not listened to is not written. */
  protected publishTo(topic: string, message: () => object): void {
    const receivers = this.publisher?.numSubscribers(topic) ?? 0;
    if (receivers === 0) return;
    const bytes = Buffer.from(JSON.stringify(message()));
    this.publisher?.publish(topic, bytes, false);
    this.counters.sent(bytes.length, receivers);
  }
}
