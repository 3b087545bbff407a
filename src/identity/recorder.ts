import type { Clock } from '../lib/clock.ts';
import {
  type Client,
  type IdentityEvent,
  type IdentityFacts,
  originOf,
  type RecordIdentityEvent,
} from './events.ts';
import type { IdentityState } from './identity-state.ts';

/** Gives events their number, time and origin, makes them durable and applies them. */
export class Recorder {
  private readonly state: IdentityState;
  private readonly clock: Clock;
  private readonly record: RecordIdentityEvent;
  private issued = 0;

  constructor(state: IdentityState, clock: Clock, record: RecordIdentityEvent) {
    this.state = state;
    this.clock = clock;
    this.record = record;
  }

  /** Durable before visible: resolves when the event is both. */
  async commit(facts: IdentityFacts, client: Client, byUserId: number): Promise<void> {
    this.issued = Math.max(this.issued, this.state.lastNumber) + 1;
    const event = {
      ...facts,
      n: this.issued,
      atMs: Math.floor(this.clock.nowMs()),
      origin: originOf(client, byUserId),
    } as IdentityEvent;
    await this.record(event);
    this.state.apply(event);
  }
}
