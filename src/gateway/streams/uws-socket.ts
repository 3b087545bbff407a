import type { WebSocket } from 'uWebSockets.js';
import type { Backlogged, Backlogs } from './backlogs.ts';
import { CLOSE_RATE_LIMITED, CLOSE_SLOW_CONSUMER } from './close-codes.ts';
import type { StreamCounters } from './counters.ts';
import type { StreamRequest, StreamSession, StreamSocket } from './endpoint.ts';
import type { MessageRate } from './message-rate.ts';

const SLOW_CONSUMER = 'slow_consumer';
/** `send`'s answer for a message that was dropped. */
const DROPPED = 2;

/** What uWebSockets.js keeps for us with each connection. */
export interface UwsUserData {
  readonly request: StreamRequest;
  /** `undefined` while limits are off. */
  readonly rate: MessageRate | undefined;
  socket: UwsSocket | null;
  session: StreamSession | null;
}

/**
 * A connection over uWebSockets.js. A client whose backlog is beyond its bound must go. It is first
 * taken off its topics, between two publications, so that it is known what it will have got when it
 * has read everything; then it is told that and gets the close frame with 4008, and if it does not
 * read in time, it is cut off.
 *
 * The library's own bound is higher. Where it is reached all the same, by what one moment publishes,
 * messages are lost that the library does not tell of: that client is closed likewise, but nothing
 * is said of where it stands.
 */
export class UwsSocket implements StreamSocket, Backlogged {
  /** The conversation over this socket. */
  session: StreamSession | null = null;
  private readonly ws: WebSocket<UwsUserData>;
  private readonly counters: StreamCounters;
  private readonly backlogs: Backlogs;
  private readonly graceMs: number;
  private open = true;
  private slow = false;
  /** A message was dropped, and perhaps others with it. */
  private hasGap = false;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(
    ws: WebSocket<UwsUserData>,
    counters: StreamCounters,
    backlogs: Backlogs,
    graceMs: number,
  ) {
    this.ws = ws;
    this.counters = counters;
    this.backlogs = backlogs;
    this.graceMs = graceMs;
    backlogs.watch(this);
  }

  get bufferedBytes(): number {
    return this.open ? this.ws.getBufferedAmount() : 0;
  }

  send(message: string | Uint8Array): boolean {
    return this.write(message, typeof message !== 'string');
  }

  sendText(bytes: Uint8Array): boolean {
    return this.write(bytes, false);
  }

  sendAll(messages: readonly (string | Uint8Array)[]): void {
    if (!this.open) return;
    this.ws.cork(() => {
      for (const message of messages) this.write(message, typeof message !== 'string');
    });
  }

  subscribe(topic: string): void {
    if (this.open && !this.slow) this.ws.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    if (this.open) this.ws.unsubscribe(topic);
  }

  close(code: number, reason: string): void {
    if (this.open) this.ws.end(code, reason);
  }

  /** Ends a connection whose client goes on sending above its rate. */
  endForRate(): void {
    this.counters.refuse('RATE_LIMIT_EXCEEDED');
    this.close(CLOSE_RATE_LIMITED, 'rate_limited');
  }

  /** Cuts the connection without a close frame. */
  cut(): void {
    if (this.open) this.ws.close();
  }

  /** The library dropped a message to this socket; it may be in its walk over the subscribers. */
  dropped(): void {
    this.counters.drops += 1;
    this.hasGap = true;
    setImmediate(() => this.becomeSlow());
  }

  /** Leaves all topics. What was published before still reaches the backlog. */
  becomeSlow(): void {
    if (!this.open || this.slow) return;
    this.slow = true;
    this.counters.slow += 1;
    this.backlogs.forget(this);
    this.session?.leavesTopics?.();
    for (const topic of this.ws.getTopics()) this.ws.unsubscribe(topic);
    this.cutOff = setTimeout(() => {
      this.counters.slowCuts += 1;
      this.cut();
    }, this.graceMs);
    this.cutOff.unref();
    if (this.bufferedBytes === 0) setImmediate(() => this.endSlow());
  }

  /** The backlog has shrunk; true when the conversation may go on. */
  drained(): boolean {
    if (!this.slow) return true;
    // Not from inside the library's drain handler, which goes on to use the socket.
    if (this.bufferedBytes === 0) setImmediate(() => this.endSlow());
    return false;
  }

  closed(): void {
    this.open = false;
    if (this.slow) this.counters.slow -= 1;
    this.backlogs.forget(this);
    clearTimeout(this.cutOff);
  }

  private write(message: string | Uint8Array, binary: boolean): boolean {
    if (!this.open || this.slow) return false;
    const bytes = typeof message === 'string' ? Buffer.byteLength(message) : message.length;
    if (this.ws.send(message, binary) === DROPPED) return false;
    this.counters.sent(bytes, 1);
    return true;
  }

  private endSlow(): void {
    if (!this.open) return;
    this.counters.slowCloses += 1;
    const lastWords = this.hasGap ? undefined : this.session?.lastWords?.();
    if (lastWords !== undefined) this.ws.send(lastWords, false);
    this.close(CLOSE_SLOW_CONSUMER, SLOW_CONSUMER);
  }
}
