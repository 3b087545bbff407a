import type { Logger } from 'pino';
import type { RecoveredState } from './gateway/recover.ts';

/** Says what the journal held, what was passed over on the way, and how long that took. */
export function logRecovery(
  log: Logger,
  { summary, snapshotBatch, warnings, seconds, orders }: RecoveredState,
  epoch: number,
): void {
  for (const warning of warnings) log.warn(warning);
  log.info(
    {
      epoch,
      snapshotBatch,
      batches: summary.batches,
      records: summary.frames,
      bytes: summary.bytes,
      openOrders: orders.openCount,
      seconds: Number(seconds.toFixed(3)),
    },
    'recovered',
  );
}
