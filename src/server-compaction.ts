import type { Logger } from 'pino';
import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import { CompactionProxy } from './gateway/compaction-proxy.ts';
import type { JournalProxy } from './journal/journal-proxy.ts';

/**
 * Starts the thread that takes snapshots and lets go what is older.
 * @param bytesBehind of journal since the newest snapshot
 */
export function startCompaction(
  settings: Settings,
  markets: MarketRegistry,
  log: Logger,
  journal: JournalProxy,
  bytesBehind: number,
): CompactionProxy {
  return new CompactionProxy({
    journal,
    directory: settings.dataDirectory,
    markets: markets.all,
    snapshotIntervalBytes: settings.snapshotIntervalBytes,
    snapshotIntervalSeconds: settings.snapshotIntervalSeconds,
    retention: {
      snapshots: settings.retainSnapshots,
      simulatedOrders: settings.retainSimulatedOrders,
      simulatedTradesPerMarket: settings.retainSimulatedTradesPerMarket,
    },
    bytesBehind,
    onReport: ({ warnings, ...report }) => {
      for (const warning of warnings) log.warn(warning);
      log.info(report, 'snapshot');
    },
    onFailure: (error) => log.error({ err: error }, 'no snapshot was taken'),
  });
}
