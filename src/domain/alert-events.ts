/** Facts about what users want to be told of. */
export type AlertEvent = PriceAlertSet | RiskAlertSet | AlertFired | AlertRemoved;

/** `above`: at the threshold or higher; `below`: at it or lower. */
export type AlertDirection = 'above' | 'below';

interface AlertFact {
  /** Positive and dense over all users, prices and risks together. */
  readonly alertId: number;
  /** Milliseconds since the Unix epoch, whole. */
  readonly atMs: number;
}

interface AlertTerms extends AlertFact {
  readonly userId: number;
  readonly direction: AlertDirection;
  /** True: it watches again once the figure was on the other side; else it fires once and rests. */
  readonly repeats: boolean;
  /** What the user says of it; `''` for nothing. */
  readonly note: string;
}

/** Tell when a market trades at a price. */
export interface PriceAlertSet extends AlertTerms {
  readonly kind: 'PriceAlertSet';
  readonly marketId: number;
  readonly priceTicks: number;
}

/** Figures of a portfolio that can be watched; money in its currency, the others as a fraction. */
export const RISK_METRICS = [
  'total_value',
  'cash_balance',
  'day_change',
  'day_change_percent',
  'largest_weight',
  'var_95',
  'var_99',
  'max_drawdown',
] as const;
export type RiskMetric = (typeof RISK_METRICS)[number];

/** Tell when a figure of a portfolio reaches a threshold. */
export interface RiskAlertSet extends AlertTerms {
  readonly kind: 'RiskAlertSet';
  readonly portfolioId: number;
  readonly metric: RiskMetric;
  /** In the figure's own unit as surfaces tell it: an amount, or a percentage. */
  readonly threshold: number;
}

/** The figure reached the threshold: whoever set the alert is told, this once. */
export interface AlertFired extends AlertFact {
  readonly kind: 'AlertFired';
  /** The figure that did: a price in ticks, or the metric in its unit. */
  readonly value: number;
}

/** The user took it back. */
export interface AlertRemoved extends AlertFact {
  readonly kind: 'AlertRemoved';
}

const KINDS: ReadonlySet<string> = new Set<AlertEvent['kind']>([
  'PriceAlertSet',
  'RiskAlertSet',
  'AlertFired',
  'AlertRemoved',
]);

export function isAlertEvent(event: { readonly kind: string }): event is AlertEvent {
  return KINDS.has(event.kind);
}
