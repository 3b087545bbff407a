import { type Static, Type } from 'typebox';
import { strategyParameters } from '../parameters.ts';

export const MarketMakingParameters = strategyParameters({
  quote_levels: Type.Integer({
    minimum: 1,
    maximum: 10,
    default: 3,
    description: 'Quotes on each side',
  }),
  order_notional: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1_000_000,
    default: 1_500,
    description: 'Size of the quote next to the middle, in the quote asset',
  }),
  size_growth: Type.Number({
    minimum: 0.1,
    maximum: 10,
    default: 1.5,
    description: 'Size of each further quote relative to the one before',
  }),
  level_spacing_bps: Type.Number({
    minimum: 0,
    maximum: 1000,
    default: 3,
    description: 'Distance between two quotes of a side',
  }),
  min_spread_bps: Type.Number({
    minimum: 0,
    maximum: 1000,
    default: 1,
    description: 'Between the best bid and ask quoted, at least',
  }),
  max_spread_bps: Type.Number({
    exclusiveMinimum: 0,
    maximum: 5000,
    default: 60,
    description: 'Between the best bid and ask quoted, at most',
  }),
  risk_aversion: Type.Number({
    minimum: 0,
    maximum: 20,
    default: 1,
    description: 'How many standard deviations over the horizon a full inventory moves the quotes',
  }),
  horizon_seconds: Type.Number({
    exclusiveMinimum: 0,
    maximum: 86_400,
    default: 20,
    description: 'Time that inventory is expected to be held for',
  }),
  volatility_half_life_seconds: Type.Number({
    minimum: 1,
    maximum: 86_400,
    default: 60,
    description: 'How fast measurements of volatility and order arrival forget',
  }),
  target_inventory: Type.Number({
    minimum: 0,
    maximum: 10_000_000,
    default: 12_000,
    description:
      'Inventory of a cash portfolio, bought at the start, in the quote asset; margin portfolios aim at none',
  }),
  refresh_ms: Type.Integer({
    minimum: 20,
    maximum: 60_000,
    default: 200,
    description: 'Quotes are looked at again at most this often',
  }),
  requote_bps: Type.Number({
    minimum: 0,
    maximum: 100,
    default: 0.5,
    description: 'How far a quote may be from its price before it is moved',
  }),
  stale_ms: Type.Integer({
    minimum: 100,
    maximum: 600_000,
    default: 5_000,
    description:
      'When nobody else has done anything in the market for so long all quotes are taken off',
  }),
});
export type MarketMakingParameters = Static<typeof MarketMakingParameters>;
