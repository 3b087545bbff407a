import { correlation, inventoryRisk } from '../../gateway/maker/inventory-risk.ts';
import type { MakerDesk, MarketStanding } from '../../gateway/maker/maker-desk.ts';
import { drawdown, profitCurve, sharpeRatio } from '../../gateway/maker/period-figures.ts';
import { spreadBps } from '../../gateway/strategies/quote-record.ts';
import { money, rounded, roundedOrZero, symbolOf } from './wire.ts';

/** The spreads as they stand, in basis points; NaN where a side has no price. */
export function currentSpreads({ touches }: Pick<MarketStanding, 'touches'>): {
  readonly marketBps: number;
  readonly oursBps: number;
  readonly improvementPercent: number;
} {
  const { ourBid, ourAsk, theirBid, theirAsk } = touches;
  const marketBps = theirBid > 0 && theirAsk > 0 ? spreadBps(theirBid, theirAsk) : Number.NaN;
  const oursBps = ourBid > 0 && ourAsk > 0 ? spreadBps(ourBid, ourAsk) : Number.NaN;
  return { marketBps, oursBps, improvementPercent: ((marketBps - oursBps) / marketBps) * 100 };
}

/** The positions of all markets together, against their limits. */
export interface Exposure {
  readonly totalUsdc: number;
  readonly limitUsdc: number;
  /** |total| ÷ limit, percent; 0 without a limit. */
  readonly utilizationPercent: number;
}

export function exposureOf(standings: readonly MarketStanding[]): Exposure {
  const sum = (units: (standing: MarketStanding) => number): number =>
    standings.reduce((total, standing) => total + units(standing), 0);
  const [first] = standings;
  if (first === undefined) return { totalUsdc: 0, limitUsdc: 0, utilizationPercent: 0 };
  const total = sum(({ positionUnits }) => positionUnits);
  const limit = sum(({ limitUnits }) => limitUnits);
  return {
    totalUsdc: money(first.market, total),
    limitUsdc: money(first.market, limit),
    utilizationPercent: limit === 0 ? 0 : roundedOrZero((Math.abs(total) / limit) * 100, 1),
  };
}

/** Loss of a day at 95 %, and beyond; `null` with too few prices. */
export function riskOf(
  maker: MakerDesk,
  standings: readonly MarketStanding[],
): { readonly var95: number | null; readonly shortfall: number | null } {
  const held = standings.filter(({ positionUnits }) => positionUnits !== 0);
  if (held.length === 0) return { var95: 0, shortfall: 0 };
  const worths = held.map(({ market, positionUnits }) => money(market, positionUnits));
  const risk = inventoryRisk(worths, maker.returns(held.map(({ market }) => market)));
  return { var95: rounded(risk.valueAtRisk, 2), shortfall: rounded(risk.expectedShortfall, 2) };
}

/** Of every market with every other one. */
export function correlationsOf(
  maker: MakerDesk,
  standings: readonly MarketStanding[],
): Record<string, Record<string, number | null>> {
  const returns = maker.returns(standings.map(({ market }) => market));
  return Object.fromEntries(
    standings.map(({ market }, a) => [
      symbolOf(market),
      Object.fromEntries(
        standings.flatMap(({ market: other }, b) =>
          a === b ? [] : [[symbolOf(other), rounded(correlation(returns[a], returns[b]), 4)]],
        ),
      ),
    ]),
  );
}

/** Sharpe ratio and drawdown of the profit since a minute; see `period-figures.ts`. */
export function performanceSince(
  maker: MakerDesk,
  sinceMinute: number,
): { readonly sharpe: number | null; readonly drawdownPercent: number } {
  const deployment = maker.deployment();
  if (deployment?.quotes === undefined) return { sharpe: null, drawdownPercent: 0 };
  const curve = profitCurve(deployment.quotes.markets.values(), sinceMinute);
  const { percent } = drawdown(curve, deployment.startEquityUnits ?? 0);
  return { sharpe: rounded(sharpeRatio(curve), 2), drawdownPercent: roundedOrZero(percent, 2) };
}
