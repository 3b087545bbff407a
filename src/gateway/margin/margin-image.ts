import type { Ledger } from '../../ledger/ledger.ts';
import type { Liquidation } from '../../ledger/margin-state.ts';
import type {
  Derivatives,
  FundingPoint,
  LiquidationFill,
  OpenInterestPoint,
  OpenSettlement,
} from '../../projections/derivatives.ts';
import type { MarketViews } from '../../projections/market-view.ts';

/** What a snapshot holds of margin portfolios and of perpetual markets; follows from the events. */
export interface MarginImage {
  readonly portfolios: readonly MarginPortfolioState[];
  readonly markets: readonly DerivativesState[];
}

interface MarginPortfolioState {
  readonly id: number;
  readonly leverages: readonly (readonly [number, number])[];
  readonly liquidations: readonly (readonly [string, Liquidation])[];
}

interface DerivativesState {
  readonly id: number;
  readonly fields: Readonly<Record<(typeof FIELDS)[number], number>>;
  readonly openSettlement: OpenSettlement | null;
  readonly funding: readonly FundingPoint[];
  /** Seconds, lots and mark of each point, one after the other. */
  readonly interest: readonly number[];
  readonly liquidations: readonly LiquidationFill[];
  /** Sequence, seconds and nanos of the newest liquidation. */
  readonly position: readonly [number, number, number];
}

const FIELDS = [
  'markTicks',
  'indexTicks',
  'fundingRatePpb',
  'nextFundingSeconds',
  'openInterestLots',
  'premiumSumPpb',
  'premiumSamples',
] as const;

export function marginImage(ledger: Ledger, views: MarketViews): MarginImage {
  const portfolios: MarginPortfolioState[] = [];
  for (const { id, margin } of ledger.portfolios.values()) {
    if (margin === undefined || margin.leverages.size + margin.liquidations.size === 0) continue;
    const leverages = [...margin.leverages];
    const liquidations = [...margin.liquidations].map(
      ([asset, liquidation]) => [asset, { ...liquidation }] as const,
    );
    portfolios.push({ id, leverages, liquidations });
  }
  const markets = views.all
    .filter(({ derivatives }) => isUsed(derivatives))
    .map(({ market, derivatives }) => stateOf(market.id, derivatives));
  return { portfolios, markets };
}

export function restoreMargin(ledger: Ledger, views: MarketViews, image: MarginImage): void {
  for (const { id, leverages, liquidations } of image.portfolios) {
    const { margin } = ledger.get(id);
    for (const [marketId, leverage] of leverages) margin?.leverages.set(marketId, leverage);
    for (const [asset, liquidation] of liquidations) {
      margin?.liquidations.set(asset, { ...liquidation });
    }
  }
  for (const state of image.markets) {
    const derivatives = views.get(state.id)?.derivatives;
    if (derivatives !== undefined) restore(derivatives, state);
  }
}

function isUsed({ nextFundingSeconds, liquidationsPosition }: Derivatives): boolean {
  return nextFundingSeconds !== 0 || liquidationsPosition.seq !== 0;
}

function stateOf(id: number, derivatives: Derivatives): DerivativesState {
  const { openSettlement, fundingPoints, interestPoints, recentLiquidations } = derivatives;
  const { seq, seconds, nanos } = derivatives.liquidationsPosition;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, derivatives[name]]));
  return {
    id,
    fields: fields as DerivativesState['fields'],
    openSettlement: openSettlement ?? null,
    funding: [...fundingPoints],
    interest: interestPoints.flatMap((point) => [point.seconds, point.lots, point.markTicks]),
    liquidations: [...recentLiquidations],
    position: [seq, seconds, nanos],
  };
}

function restore(derivatives: Derivatives, state: DerivativesState): void {
  Object.assign(derivatives, state.fields);
  derivatives.openSettlement = state.openSettlement ?? undefined;
  derivatives.fundingPoints.push(...state.funding);
  const { interest } = state;
  const points: OpenInterestPoint[] = [];
  for (let i = 0; i < interest.length; i += 3) {
    points.push({ seconds: interest[i], lots: interest[i + 1], markTicks: interest[i + 2] });
  }
  derivatives.interestPoints.push(...points);
  derivatives.recentLiquidations.push(...state.liquidations);
  derivatives.liquidationsPosition.set(...state.position);
  derivatives.clearChanges();
}
