import type { WireAlert } from '../../../schemas/octopus-alerts.ts';
import { priceNumber } from '../../codec/decimals.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import { type Alert, isActive } from '../../gateway/alerts/alert-book.ts';
import { alertUuid, portfolioUuid } from './ids.ts';

export function alertToWire(markets: MarketRegistry, alert: Alert): WireAlert {
  const market = alert.kind === 'price' ? markets.get(alert.marketId) : undefined;
  const { firings, firedMs, firedValue } = alert;
  return {
    id: alertUuid(alert.alertId),
    type: alert.kind,
    condition: alert.direction,
    symbol: market?.symbol ?? null,
    exchange: market?.exchange ?? null,
    price: alert.kind === 'price' ? valueToWire(markets, alert, alert.priceTicks) : null,
    portfolio_id: alert.kind === 'risk' ? portfolioUuid(alert.portfolioId) : null,
    metric: alert.kind === 'risk' ? alert.metric : null,
    threshold: alert.kind === 'risk' ? alert.threshold : null,
    repeat: alert.repeats,
    note: alert.note,
    status: isActive(alert) ? 'active' : 'fired',
    fired_count: firings,
    fired_at: firedMs === null ? null : new Date(firedMs).toISOString(),
    fired_value: firedValue === null ? null : valueToWire(markets, alert, firedValue),
    created_at: new Date(alert.createdMs).toISOString(),
  };
}

/** The message that an alert has fired, on `/ws/notifications` and to webhooks. */
export function firingToWire(markets: MarketRegistry, alert: Alert, value: number, atMs: number) {
  return {
    type: alert.kind === 'price' ? 'price_alert' : 'risk_alert',
    alert: alertToWire(markets, alert),
    value: valueToWire(markets, alert, value),
    timestamp: new Date(atMs).toISOString(),
  };
}

/** A price alert's figures are ticks inside. */
function valueToWire(markets: MarketRegistry, alert: Alert, value: number): number {
  const market = alert.kind === 'price' ? markets.get(alert.marketId) : undefined;
  return market === undefined ? value : priceNumber(market, value);
}
