import {
  AlertList,
  AlertParams,
  AlertsQuery,
  CreateAlertBody,
  DeletedAlert,
  WireAlert,
} from '../../../schemas/octopus-alerts.ts';
import { ticksOf } from '../../codec/decimals.ts';
import type { RiskMetric } from '../../domain/alert-events.ts';
import {
  PRICE_OFF_TICK,
  PRICE_TOO_LARGE,
  TOO_MANY_RECORDS,
  UNKNOWN_ALERT,
} from '../../domain/result-codes.ts';
import type { AlertDesk } from '../../gateway/alerts/alert-desk.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { refusalOfResult, refusalsOfResults } from '../../gateway/http/result-refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import { alertToWire } from './alert-wire.ts';
import { principalOf } from './auth-routes.ts';
import { SURFACE } from './errors.ts';
import { alertIdOf } from './ids.ts';
import { NOT_OWN, ownPortfolio } from './portfolio-access.ts';

const READ = { surface: SURFACE, limit: 'default', auth: 'required', scope: 'read' } as const;
const WRITE = { ...READ, scope: 'write' } as const;

/** What the caller wants to be told of (an extension). */
export function alertRoutes(desk: AlertDesk): Route[] {
  return [
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/alerts/',
      summary:
        'Be told when a market trades at a price, or a portfolio’s figure reaches a threshold',
      body: CreateAlertBody,
      response: WireAlert,
      examples: { body: { type: 'price', condition: 'above', symbol: 'AAPL', price: 200 } },
      refusals: [
        ...NOT_OWN,
        ...NO_SUCH_MARKET,
        ...refusalsOfResults(PRICE_OFF_TICK, PRICE_TOO_LARGE, TOO_MANY_RECORDS),
      ],
      successStatus: 201,
      handler: (context) => create(desk, context),
    }),
    defineRoute({
      ...READ,
      method: 'GET',
      path: '/api/alerts/',
      summary: 'The caller’s alerts, those that have fired included, oldest first',
      query: AlertsQuery,
      response: AlertList,
      examples: { query: { status: 'active' } },
      successStatus: 200,
      handler: (context) => {
        const { venue, query } = context;
        const alerts = desk
          .list(principalOf(context).userId)
          .map((alert) => alertToWire(venue.markets, alert))
          .filter(({ status }) => query.status === undefined || status === query.status)
          .filter(({ type }) => query.type === undefined || type === query.type);
        return { alerts };
      },
    }),
    defineRoute({
      ...WRITE,
      method: 'DELETE',
      path: '/api/alerts/{alert_id}',
      summary: 'Take an alert back; answers what it was',
      params: AlertParams,
      response: DeletedAlert,
      refusals: refusalsOfResults(UNKNOWN_ALERT),
      successStatus: 200,
      handler: async (context) => {
        const { venue, params } = context;
        const alertId = alertIdOf(params.alert_id);
        if (alertId === undefined) return refusalOfResult(UNKNOWN_ALERT, params);
        const removed = await desk.remove(principalOf(context).userId, alertId);
        if (typeof removed === 'number') return refusalOfResult(removed, params);
        return { ...alertToWire(venue.markets, removed), deleted: true };
      },
    }),
  ];
}

async function create(
  desk: AlertDesk,
  context: RequestContext<unknown, unknown, CreateAlertBody>,
): Promise<object> {
  const { body, venue } = context;
  const stray = misplaced(body);
  if (stray !== undefined) return stray;
  const alert = await (body.type === 'price' ? setPrice(desk, context) : setRisk(desk, context));
  if (alert instanceof Refusal) return alert;
  return typeof alert === 'number'
    ? refusalOfResult(alert, body)
    : alertToWire(venue.markets, alert);
}

type CreateContext = RequestContext<unknown, unknown, CreateAlertBody>;

async function setPrice(desk: AlertDesk, context: CreateContext) {
  const { body, venue } = context;
  const { symbol = '', exchange, price = 0 } = body;
  const market = marketOf(venue.markets, symbol, exchange);
  if (market instanceof Refusal) return market;
  const priceTicks = ticksOf(market, String(price));
  if (priceTicks === undefined) return refusalOfResult(PRICE_OFF_TICK, body);
  if (priceTicks > market.maxPriceTicks) return refusalOfResult(PRICE_TOO_LARGE, body);
  return desk.setPrice({ ...termsOf(context), marketId: market.id, priceTicks });
}

async function setRisk(desk: AlertDesk, context: CreateContext) {
  const { body, venue } = context;
  const { userId } = principalOf(context);
  const { portfolio_id: id = '', metric, threshold = 0 } = body;
  const info = ownPortfolio(venue, userId, id);
  if (info instanceof Refusal) return info;
  const { portfolioId } = info;
  const terms = termsOf(context);
  return desk.setRisk({ ...terms, portfolioId, metric: metric as RiskMetric, threshold });
}

function termsOf(context: CreateContext) {
  const { condition: direction, repeat: repeats = false, note = '' } = context.body;
  return { userId: principalOf(context).userId, direction, repeats, note };
}

const FIELDS = {
  price: { needed: ['symbol', 'price'], stray: ['portfolio_id', 'metric', 'threshold'] },
  risk: { needed: ['portfolio_id', 'metric', 'threshold'], stray: ['symbol', 'exchange', 'price'] },
} as const;

/** What is missing for an alert of this type, or does not belong to it. */
function misplaced(body: CreateAlertBody): Refusal | undefined {
  const { needed, stray } = FIELDS[body.type];
  const missing = needed.find((name) => body[name] === undefined);
  if (missing !== undefined) {
    return invalidParameter(missing, null, `${missing} is required for a ${body.type} alert`);
  }
  const found = stray.find((name) => body[name] !== undefined);
  return found && invalidParameter(found, body[found], `a ${body.type} alert has no ${found}`);
}
