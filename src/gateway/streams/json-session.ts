import { type Clock, isoMillis } from '../../lib/clock.ts';
import { JsonFault } from '../../lib/strict-json.ts';
import { parseMessageText } from '../http/client-json.ts';
import { invalidParameter, Refusal } from '../http/refusal.ts';
import type { ConnectionLimit } from './connection-limit.ts';
import type { StreamCounters } from './counters.ts';
import type { StreamSession, StreamSocket } from './endpoint.ts';

/** What a path gives its sessions. */
export interface SessionDesk {
  readonly counters: StreamCounters;
  readonly connectionLimit: ConnectionLimit;
  readonly clock: Clock;
  /** An error as the path tells it. */
  refusalText(refusal: Refusal, acceptLanguage: string): string;
}

/**
 * One client of a path on which clients say JSON in text frames: what they say is obeyed or refused,
 * a refusal counts, and the connection counts for as long as it is open.
 */
export abstract class JsonSession implements StreamSession {
  readonly socket: StreamSocket;
  private readonly desk: SessionDesk;
  private readonly clientKey: string;
  private readonly acceptLanguage: string;

  constructor(
    desk: SessionDesk,
    socket: StreamSocket,
    { clientKey, acceptLanguage }: { readonly clientKey: string; readonly acceptLanguage: string },
  ) {
    this.desk = desk;
    this.socket = socket;
    this.clientKey = clientKey;
    this.acceptLanguage = acceptLanguage;
    desk.connectionLimit.opened(clientKey);
  }

  /** Does what a message says, or answers why not. */
  protected abstract obey(body: unknown): Refusal | undefined;

  /** The connection has ended: leaves everything. */
  protected abstract left(): void;

  message(text: string): void {
    const parsed = parseMessageText(text);
    if (parsed instanceof JsonFault) {
      this.refuse(new Refusal('malformed', 'INVALID_JSON', `The message ${parsed.message}`));
      return;
    }
    const refusal = this.obey(parsed.value);
    if (refusal !== undefined) this.refuse(refusal);
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
    this.desk.connectionLimit.closed(this.clientKey);
    this.left();
  }

  refuse(refusal: Refusal): void {
    this.desk.counters.errors += 1;
    this.desk.counters.refuse(this.codeOf(refusal));
    this.socket.send(this.desk.refusalText(refusal, this.acceptLanguage));
  }

  tell(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Under which a refusal counts. */
  protected codeOf({ code }: Refusal): string {
    return code;
  }

  /** Answers a ping. */
  protected pong(): void {
    const { clock } = this.desk;
    clock.tick();
    this.tell({ type: 'pong', timestamp: isoMillis(clock.seconds, clock.nanos) });
  }
}
