import type {
  Insufficient,
  PortfolioRiskResponse,
  RiskQuery,
} from '../../../schemas/octopus-risk.ts';
import type { Valuation } from '../../gateway/portfolios/valuation.ts';
import {
  dayClaim,
  PATHS,
  positionsOf,
  type RiskDesk,
  type RiskPosition,
  SEED,
  tailFigure,
  totalValueOf,
  WINDOW_DAYS,
} from '../../gateway/risk/risk-desk.ts';
import { isInsufficient } from '../../risk/insufficient.ts';
import type { Claim, ClaimRequest } from '../../risk/loss-claims.ts';
import type { PortfolioRisk } from '../../risk/portfolio-risk.ts';
import { familyOf } from '../../risk/scenario.ts';
import type { RiskMethod } from '../../risk/value-at-risk.ts';
import { portfolioUuid } from './ids.ts';
import {
  amount,
  amountOrNull,
  claimToWire,
  datesOf,
  insufficientToWire,
  ratioOrNull,
} from './risk-claims.ts';

/** Confidences that the document names, by the ending of the fields that tell of them. */
const CONFIDENCES = [
  ['95', 0.95],
  ['99', 0.99],
  ['999', 0.999],
] as const;
export const ALL_METHODS: readonly RiskMethod[] = ['historical', 'parametric', 'monte_carlo'];
const CASH = 'cash';

/** What is computed for a portfolio: every method at every documented confidence. */
export function portfolioClaims(query: RiskQuery): ClaimRequest[] {
  const horizonDays = query.time_horizon ?? 1;
  const simulation = { paths: PATHS, seed: query.seed ?? SEED };
  return ALL_METHODS.flatMap((method) =>
    CONFIDENCES.map(([, confidence]) => dayClaim(confidence, { method, horizonDays, simulation })),
  );
}

/** A portfolio's risk as documented, and beside each figure what it rests on. */
export function portfolioRiskToWire(
  valuation: Valuation,
  query: RiskQuery,
  desk: RiskDesk,
  risk: PortfolioRisk,
  timestamp: string,
): PortfolioRiskResponse {
  const method = (query.method ?? 'historical') as RiskMethod;
  const positions = positionsOf(valuation);
  const totalValue = totalValueOf(valuation);
  const { measures } = risk;
  const known = isInsufficient(measures) ? null : measures;
  return {
    portfolio_id: portfolioUuid(valuation.portfolioId),
    currency: valuation.currency.name,
    total_value: amount(totalValue),
    ...tails(risk.claims.filter((claim) => claim.method === method)),
    sharpe_ratio: ratioOrNull(known?.sharpeRatio ?? null),
    sortino_ratio: ratioOrNull(known?.sortinoRatio ?? null),
    max_drawdown: ratioOrNull(known?.maxDrawdown ?? null),
    volatility: ratioOrNull(known?.volatility ?? null),
    beta: ratioOrNull(known?.beta ?? null),
    correlation_matrix: correlationsToWire(positions, risk),
    sector_exposure: sectorExposure(valuation, positions),
    method,
    time_horizon: query.time_horizon ?? 1,
    window: {
      days: query.window ?? WINDOW_DAYS,
      observations: known?.observations ?? (isInsufficient(measures) ? measures.observations : 0),
      ...(known === null ? { from: null, to: null } : datesOf(known)),
    },
    value_at_risk: risk.claims.map((claim) => claimToWire(claim, totalValue)),
    benchmark: benchmarkToWire(desk, known?.betaWindow.observations ?? 0),
    risk_free_rate: desk.riskFreeRate,
    insufficient_data: lacks(risk, method),
    timestamp,
  };
}

type Tails = Pick<
  PortfolioRiskResponse,
  | 'var_95'
  | 'var_99'
  | 'var_999'
  | 'expected_shortfall_95'
  | 'expected_shortfall_99'
  | 'expected_shortfall_999'
>;

function tails(claims: readonly Claim[]): Tails {
  const fields: Record<string, number | null> = {};
  for (const [ending, confidence] of CONFIDENCES) {
    const claim = claims.find((one) => one.confidence === confidence) as Claim;
    fields[`var_${ending}`] = amountOrNull(tailFigure(claim, 'valueAtRisk'));
    fields[`expected_shortfall_${ending}`] = amountOrNull(tailFigure(claim, 'expectedShortfall'));
  }
  return fields as Tails;
}

/** Why figures are null, each reason once. */
function lacks({ claims, measures }: PortfolioRisk, method: RiskMethod): Insufficient[] {
  const list: Insufficient[] = [];
  for (const { tail, confidence, method: by } of claims) {
    if (by !== method || !isInsufficient(tail)) continue;
    const ending = CONFIDENCES.find(([, known]) => known === confidence)?.[0];
    list.push(insufficientToWire(tail, [`var_${ending}`, `expected_shortfall_${ending}`]));
  }
  if (isInsufficient(measures)) {
    const fields = ['sharpe_ratio', 'sortino_ratio', 'max_drawdown', 'volatility', 'beta'];
    list.push(insufficientToWire(measures, [...fields, 'correlation_matrix']));
  }
  return list;
}

/** Position by position under their symbols, with the exchange where two have the same. */
export function correlationsToWire(
  positions: readonly RiskPosition[],
  { correlations }: Pick<PortfolioRisk, 'correlations'>,
): PortfolioRiskResponse['correlation_matrix'] {
  if (isInsufficient(correlations)) return {};
  const { size, values } = correlations;
  const names = namesOf(positions);
  return Object.fromEntries(
    names.map((name, i) => [
      name,
      Object.fromEntries(names.map((other, j) => [other, ratioOrNull(values[i * size + j])])),
    ]),
  );
}

/** Names of positions that no two share. */
export function namesOf(positions: readonly RiskPosition[]): string[] {
  const symbols = positions.map(({ market }) => market.symbol);
  return positions.map(({ market: { exchange, symbol } }) =>
    symbols.indexOf(symbol) === symbols.lastIndexOf(symbol) ? symbol : `${exchange}:${symbol}`,
  );
}

/** Fractions of the total value by sector; what has none stands under its class of assets. */
function sectorExposure(
  { cashUnits, totalUnits, currency }: Valuation,
  positions: readonly RiskPosition[],
): Record<string, number> {
  const total = totalUnits / 10 ** currency.decimals;
  const exposure: Record<string, number> = {};
  if (!(total > 0)) return exposure;
  const add = (sector: string, value: number): void => {
    exposure[sector] = (exposure[sector] ?? 0) + value / total;
  };
  for (const { market, value } of positions) {
    add(market.reference.sector ?? familyOf(market.assetClass), value);
  }
  add(CASH, cashUnits / 10 ** currency.decimals);
  for (const sector of Object.keys(exposure)) exposure[sector] = amount(exposure[sector]);
  return exposure;
}

export function benchmarkToWire(
  { benchmark }: RiskDesk,
  observations: number,
): PortfolioRiskResponse['benchmark'] {
  if (benchmark === undefined) return null;
  const { name, markets, weighting } = benchmark;
  return { name, symbols: markets.map(({ symbol }) => symbol), weighting, observations };
}
