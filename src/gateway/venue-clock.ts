import type { Logger } from 'pino';
import { newestTime } from '../journal/newest-time.ts';
import type { JournalStore } from '../journal/store.ts';
import { SystemClock } from '../lib/clock.ts';

/** The clock of a venue: starts no earlier than its journal ends, and logs steps of the wall. */
export function venueClock(store: JournalStore, log: Logger): SystemClock {
  return new SystemClock({
    notBefore: newestTime(store),
    onJump: (jumpMs) => log.warn({ jumpMs: Math.round(jumpMs) }, 'the wall clock was set'),
  });
}
