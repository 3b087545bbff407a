import type { Engine } from './gateway/engine.ts';
import type { RecoveredState } from './gateway/recover.ts';
import { StrategyDesk, type StrategyDeskParts } from './gateway/strategies/strategy-desk.ts';
import type { TrackRecord } from './ledger/track-record.ts';
import { scaledToNumber } from './lib/fixed-point.ts';
import type { Metrics } from './metrics/metrics.ts';

/** The strategies' desk of one server; it trades only from `resume` on. */
export function openStrategies(
  parts: Pick<StrategyDeskParts, 'seat' | 'markets' | 'clock' | 'record' | 'log' | 'isHeld'> & {
    readonly engine: Engine;
    readonly recovered: RecoveredState;
    readonly metrics: Metrics;
  },
): StrategyDesk {
  const { engine, recovered, metrics, ...others } = parts;
  const { ledger, accounts, views, deployments } = recovered;
  const desk = new StrategyDesk({
    ...others,
    venue: engine,
    ledger,
    accounts,
    views,
    deployments,
  });
  registerStrategyMetrics(metrics, desk, recovered);
  return desk;
}

/** What each deployment that is meant to trade has done, by deployment, strategy and quote asset. */
function registerStrategyMetrics(
  metrics: Metrics,
  desk: StrategyDesk,
  { deployments, ledger }: RecoveredState,
): void {
  const each = (read: (record: TrackRecord, decimals: number, open: number) => number) => () =>
    deployments.running().map(({ deploymentId, strategy, marketIds, record, openOrderIds }) => {
      const quote = ledger.marketOf(marketIds[0])?.quote;
      return {
        labels: { deployment: String(deploymentId), strategy, asset: quote?.name ?? '' },
        value: read(record, quote?.decimals ?? 0, openOrderIds.size),
      };
    });
  metrics.counter(
    'openbell_strategy_thread_failures_total',
    'Times the strategies’ thread failed since the start',
    () => [{ value: desk.crashes }],
  );
  metrics.gauge('openbell_strategy_running', '1 while the deployment trades', () =>
    deployments.running().map((deployment) => ({
      labels: { deployment: String(deployment.deploymentId), strategy: deployment.strategy },
      value: desk.stateOf(deployment).status === 'running' ? 1 : 0,
    })),
  );
  metrics.gauge(
    'openbell_strategy_open_orders',
    'Orders of the deployment in the books',
    each((_record, _decimals, open) => open),
  );
  metrics.counter(
    'openbell_strategy_orders_total',
    'Orders of the deployment that reached the book',
    each(({ ordersSent }) => ordersSent),
  );
  metrics.counter(
    'openbell_strategy_fills_total',
    'Fills of the deployment',
    each(({ fills }) => fills),
  );
  const money: [string, string, (record: TrackRecord) => number][] = [
    ['realised_pnl', 'Realised profit, fees not included', (record) => record.realisedUnits],
    ['unrealised_pnl', 'Open positions at the newest trades', (record) => record.unrealisedUnits],
    ['fees', 'Fees paid less rebates', (record) => record.feeUnits],
    ['volume', 'Price × quantity of the fills', (record) => record.volumeUnits],
    ['max_drawdown', 'Greatest fall of the profit', (record) => record.maxDrawdownUnits],
  ];
  for (const [name, help, units] of money) {
    metrics.gauge(
      `openbell_strategy_${name}`,
      `${help}, in the quote asset`,
      each((record, decimals) => scaledToNumber(units(record), decimals)),
    );
  }
}
