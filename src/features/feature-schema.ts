import { createHash } from 'node:crypto';

/** One of the numbers that describe a market at a moment. */
export interface FeatureDefinition {
  readonly name: string;
  /** `bps`: basis points of the mid price; `ratio`: from -1 to 1, or 0 to 1; `ln`: logarithm of 1 + what is named. */
  readonly unit:
    | 'bps'
    | 'ratio'
    | 'ln lots'
    | 'ln lots/bps'
    | 'ln lots/s'
    | 'ln s'
    | '1/s'
    | 'sd'
    | 'sign';
  readonly formula: string;
}

/** Levels of each side that the features look at. */
export const TOP_LEVELS = 10;

/** How far apart rows are, nanoseconds of venue time. */
export const ROW_INTERVAL_NS = 100_000_000;

/**
 * The features in the order of a row. Symbols: `b`, `a` best bid and ask in ticks, `m` their mean,
 * `B(n)`, `A(n)` lots of the best n levels, `dm` a step of the mid over 100 ms, `sum[h]` over the last h.
 * Where a denominator is zero because nothing happened, a ratio is 0; where a side of the book is
 * empty, the book is crossed, or the window is longer than what was seen, the feature is unknown.
 */
export const FEATURES: readonly FeatureDefinition[] = [
  { name: 'bid_ask_spread', unit: 'bps', formula: '(a - b) / m' },
  {
    name: 'microprice_offset',
    unit: 'bps',
    formula: '((b A(1) + a B(1)) / (B(1) + A(1)) - m) / m',
  },
  {
    name: 'microprice_offset_5',
    unit: 'bps',
    formula: 'the same with the average prices and the lots of 5 levels',
  },
  { name: 'volume_imbalance', unit: 'ratio', formula: '(B(1) - A(1)) / (B(1) + A(1))' },
  { name: 'volume_imbalance_3', unit: 'ratio', formula: '(B(3) - A(3)) / (B(3) + A(3))' },
  { name: 'volume_imbalance_5', unit: 'ratio', formula: '(B(5) - A(5)) / (B(5) + A(5))' },
  { name: 'volume_imbalance_10', unit: 'ratio', formula: '(B(10) - A(10)) / (B(10) + A(10))' },
  { name: 'order_imbalance', unit: 'ratio', formula: 'as volume_imbalance, of numbers of orders' },
  { name: 'order_imbalance_10', unit: 'ratio', formula: 'as volume_imbalance_10, of orders' },
  { name: 'bid_depth', unit: 'ln lots', formula: 'ln(1 + B(1))' },
  { name: 'ask_depth', unit: 'ln lots', formula: 'ln(1 + A(1))' },
  { name: 'bid_depth_5', unit: 'ln lots', formula: 'ln(1 + B(5))' },
  { name: 'ask_depth_5', unit: 'ln lots', formula: 'ln(1 + A(5))' },
  { name: 'bid_depth_10', unit: 'ln lots', formula: 'ln(1 + B(10))' },
  { name: 'ask_depth_10', unit: 'ln lots', formula: 'ln(1 + A(10))' },
  {
    name: 'bid_slope',
    unit: 'ln lots/bps',
    formula: 'ln(1 + sb), sb = B(10) / basis points from m to the last of these levels',
  },
  {
    name: 'ask_slope',
    unit: 'ln lots/bps',
    formula: 'ln(1 + sa), sa = A(10) / basis points from m to the last of these levels',
  },
  { name: 'order_book_slope', unit: 'ln lots/bps', formula: 'ln(1 + (sb + sa) / 2)' },
  { name: 'slope_imbalance', unit: 'ratio', formula: '(sb - sa) / (sb + sa)' },
  { name: 'bid_gap', unit: 'bps', formula: '(b - second bid) / m, 0 with one level' },
  { name: 'ask_gap', unit: 'bps', formula: '(second ask - a) / m, 0 with one level' },
  { name: 'bid_order_size', unit: 'ln lots', formula: 'ln(1 + B(1) / orders of the level)' },
  { name: 'ask_order_size', unit: 'ln lots', formula: 'ln(1 + A(1) / orders of the level)' },
  { name: 'order_flow_imbalance_1s', unit: 'ratio', formula: 'sum[1 s] e / sum[1 s] |e|' },
  { name: 'order_flow_imbalance_5s', unit: 'ratio', formula: 'sum[5 s] e / sum[5 s] |e|' },
  { name: 'order_flow_imbalance_30s', unit: 'ratio', formula: 'sum[30 s] e / sum[30 s] |e|' },
  {
    name: 'order_flow_imbalance_60s',
    unit: 'ratio',
    formula:
      'sum[60 s] e / sum[60 s] |e|, e = lots that came to bids, left asks or were bought, less lots that came ' +
      'to asks, left bids or were sold, within 10 bps of m at the last row',
  },
  { name: 'add_intensity_1s', unit: '1/s', formula: 'orders that came to rest' },
  { name: 'add_intensity_10s', unit: '1/s', formula: 'orders that came to rest' },
  { name: 'cancel_intensity_1s', unit: '1/s', formula: 'orders that left the book untraded' },
  { name: 'cancel_intensity_10s', unit: '1/s', formula: 'orders that left the book untraded' },
  { name: 'cancel_ratio_10s', unit: 'ratio', formula: 'cancels / (adds + cancels)' },
  {
    name: 'add_imbalance_10s',
    unit: 'ratio',
    formula: '(bids - asks) / (bids + asks) of the adds',
  },
  { name: 'cancel_imbalance_10s', unit: 'ratio', formula: 'the same of the cancels' },
  {
    name: 'bid_changes_10s',
    unit: '1/s',
    formula: 'rows with another best bid price than the row before',
  },
  {
    name: 'ask_changes_10s',
    unit: '1/s',
    formula: 'rows with another best ask price than the row before',
  },
  { name: 'trade_imbalance_1s', unit: 'ratio', formula: '(bought - sold) / (bought + sold) lots' },
  { name: 'trade_imbalance_5s', unit: 'ratio', formula: 'the same over 5 s, by aggressor' },
  { name: 'trade_imbalance_30s', unit: 'ratio', formula: 'the same over 30 s' },
  { name: 'trade_imbalance_60s', unit: 'ratio', formula: 'the same over 60 s' },
  {
    name: 'trade_sign',
    unit: 'sign',
    formula: "the last aggressor's side: 1 buy, -1 sell, 0 unknown",
  },
  { name: 'trade_intensity_1s', unit: '1/s', formula: 'trades, auctions and prints included' },
  { name: 'trade_intensity_10s', unit: '1/s', formula: 'trades' },
  { name: 'trade_intensity_60s', unit: '1/s', formula: 'trades' },
  { name: 'volume_intensity_10s', unit: 'ln lots/s', formula: 'ln(1 + traded lots / 10 s)' },
  { name: 'trade_size_60s', unit: 'ln lots', formula: 'ln(1 + traded lots / trades)' },
  { name: 'vwap_offset_60s', unit: 'bps', formula: '(m - vwap) / m, 0 without trades' },
  { name: 'last_trade_offset', unit: 'bps', formula: '(last price - m) / m, 0 before the first' },
  { name: 'price_momentum_1s', unit: 'bps', formula: 'm / m(1 s ago) - 1' },
  { name: 'price_momentum_5s', unit: 'bps', formula: 'm / m(5 s ago) - 1' },
  { name: 'price_momentum_10s', unit: 'bps', formula: 'm / m(10 s ago) - 1' },
  { name: 'price_momentum_30s', unit: 'bps', formula: 'm / m(30 s ago) - 1' },
  { name: 'price_momentum_60s', unit: 'bps', formula: 'm / m(60 s ago) - 1' },
  { name: 'realised_volatility_5s', unit: 'bps', formula: 'sqrt(sum[5 s] ln(1 + dm)^2)' },
  { name: 'realised_volatility_10s', unit: 'bps', formula: 'sqrt(sum[10 s] ln(1 + dm)^2)' },
  { name: 'realised_volatility_30s', unit: 'bps', formula: 'sqrt(sum[30 s] ln(1 + dm)^2)' },
  { name: 'realised_volatility_60s', unit: 'bps', formula: 'sqrt(sum[60 s] ln(1 + dm)^2)' },
  { name: 'mid_range_60s', unit: 'bps', formula: '(max m - min m) / m' },
  { name: 'mid_zscore_60s', unit: 'sd', formula: '(m - mean m) / standard deviation of m' },
  {
    name: 'bid_age',
    unit: 'ln s',
    formula: 'ln(1 + seconds since the first row with this best bid price)',
  },
  {
    name: 'ask_age',
    unit: 'ln s',
    formula: 'ln(1 + seconds since the first row with this best ask price)',
  },
  { name: 'trade_age', unit: 'ln s', formula: 'ln(1 + seconds since the last trade)' },
  { name: 'time_of_day_sin', unit: 'ratio', formula: 'sin(2 pi t / 86400 s), t from midnight UTC' },
  { name: 'time_of_day_cos', unit: 'ratio', formula: 'cos(2 pi t / 86400 s)' },
];

export const FEATURE_COUNT = 64;

export const FEATURE_NAMES: readonly string[] = FEATURES.map(({ name }) => name);

/** What a model was trained for must be what it is given: the SHA-256 of names, units, formulas and the interval. */
export const FEATURE_SCHEMA_HASH = `sha256:${createHash('sha256')
  .update(JSON.stringify({ FEATURES, ROW_INTERVAL_NS, TOP_LEVELS }))
  .digest('hex')}`;
