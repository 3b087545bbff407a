import { setTimeout as delay } from 'node:timers/promises';
import type { PlayerClock } from '../../src/recording/player.ts';

/**
 * Time of a playback that does not follow the machine's: every moment comes a turn of the event loop
 * after the one before, and later where something else is to happen first.
 */
export class TurnClock implements PlayerClock {
  private readonly hold: (moments: number) => Promise<unknown> | undefined;
  private ns = 0n;
  private moments = 0;

  /** @param hold called with the number of moments so far; playing goes on when it resolves */
  constructor(hold: (moments: number) => Promise<unknown> | undefined) {
    this.hold = hold;
  }

  nowNs(): bigint {
    return this.ns;
  }

  async until(ns: bigint): Promise<void> {
    this.ns = ns;
    this.moments += 1;
    // Clients read meanwhile, else everything would wait for them at the end.
    await delay(1);
    await this.hold(this.moments);
  }
}
