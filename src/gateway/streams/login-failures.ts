import { LIMITS } from '../../config/limits.ts';
import { RecentMap } from '../../lib/recent-map.ts';

const WINDOW_MS = 60_000;

/**
 * Bounds how often one client may fail to authenticate over sockets, however many it opens: five
 * times within any minute, as FlashMM documents it.
 */
export class LoginFailures {
  private readonly max: number;
  /** Times of the failures within the last minute, oldest first, by client. */
  private readonly byClient = new RecentMap<number[]>(LIMITS.rateLimitKeysPerGeneration);

  /** @param max `Infinity` switches the limit off. */
  constructor(max: number = LIMITS.webSocketLoginFailuresPerMinute) {
    this.max = max;
  }

  /** Whole seconds to wait before the next attempt; 0 when it may be made now. */
  waitSeconds(clientKey: string, nowMs: number): number {
    const failures = this.byClient.get(clientKey);
    if (failures === undefined) return 0;
    while (failures.length > 0 && nowMs - failures[0] >= WINDOW_MS) failures.shift();
    if (failures.length < this.max) return 0;
    return Math.max(1, Math.ceil((failures[0] + WINDOW_MS - nowMs) / 1000));
  }

  failed(clientKey: string, nowMs: number): void {
    if (this.max === Number.POSITIVE_INFINITY) return;
    const failures = this.byClient.get(clientKey);
    if (failures === undefined) this.byClient.set(clientKey, [nowMs]);
    else if (failures.length < this.max) failures.push(nowMs);
  }
}
