import type { Logger } from 'pino';
import type { RecoveredState } from './gateway/recover.ts';

/** Says what the journal held and how long that took. */
export function logRecovery(
  log: Logger,
  { summary, seconds, orders }: RecoveredState,
  epoch: number,
): void {
  log.info(
    {
      epoch,
      batches: summary.batches,
      records: summary.frames,
      bytes: summary.bytes,
      openOrders: orders.openCount,
      seconds: Number(seconds.toFixed(3)),
    },
    'recovered',
  );
}
