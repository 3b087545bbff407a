import { setTimeout as sleep } from 'node:timers/promises';
import {
  AdminConfigBody,
  AdminConfigResponse,
  EmergencyStopBody,
  EmergencyStopResponse,
  IncidentsResponse,
  PauseBody,
  PauseResponse,
  ResumeBody,
  ResumeResponse,
} from '../../../schemas/flashmm-admin.ts';
import type { Market } from '../../domain/markets.ts';
import { clientOf } from '../../gateway/http/identity-refusal.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import type { Operator } from '../../gateway/operations/operations.ts';
import type { Venue } from '../../gateway/venue.ts';
import type { Identity } from '../../identity/identity.ts';
import { hasScope, type Principal } from '../../identity/principal.ts';
import { SURFACE } from './errors.ts';
import { exposureOf } from './maker-figures.ts';
import { marketOf, symbolOf, timeOf, timeOrNull } from './wire.ts';

export interface AdminServices {
  readonly maker: MakerDesk;
  readonly identity: Pick<Identity, 'state'>;
  /** A setting: webhooks may lead to addresses that are not public. */
  readonly webhookPrivateAddresses: boolean;
}

const BASE = {
  surface: SURFACE,
  auth: 'required',
  limit: 'admin',
  audited: true,
  successStatus: 200,
} as const;
const WRITE = { ...BASE, scope: 'write' } as const;
const ADMIN = { ...BASE, scope: 'admin' } as const;

const NO_REASON = 'no reason was given';
/** How long a pause waits for somebody to be told of it. */
const NOTIFY_TIMEOUT_MS = 2_000;
/** How long the answer to a resumption waits for quotes: the maker measures first. */
const QUOTES_TIMEOUT_MS = 5_000;
const LOOK_MS = 50;

/** Pause, resume, emergency stop, and whom they concern. */
export function adminRoutes({ maker, identity, webhookPrivateAddresses }: AdminServices): Route[] {
  const config = (): AdminConfigResponse => ({
    ...configToWire(maker),
    account: identity.state.users.get(maker.userId)?.username ?? null,
    webhook_private_addresses: webhookPrivateAddresses,
  });
  return [
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/v1/admin/pause',
      summary: 'Pause trading in some markets or in all, until it is resumed or for a time',
      body: PauseBody,
      examples: { body: { reason: 'Manual intervention', markets: ['SEI/USDC'] } },
      bodyOptional: true,
      response: PauseResponse,
      handler: (context) => pause(maker, context),
    }),
    defineRoute({
      ...WRITE,
      method: 'POST',
      path: '/api/v1/admin/resume',
      summary: 'Resume trading; ends an emergency stop where an administrator asks',
      body: ResumeBody,
      examples: { body: { markets: ['SEI/USDC'] } },
      bodyOptional: true,
      response: ResumeResponse,
      handler: (context) => resume(maker, context),
    }),
    defineRoute({
      ...ADMIN,
      method: 'POST',
      path: '/api/v1/admin/emergency-stop',
      summary: 'Cancel every order and take none until an administrator resumes',
      body: EmergencyStopBody,
      examples: { body: { confirmation: 'EMERGENCY_STOP_CONFIRMED', reason: 'a drill' } },
      response: EmergencyStopResponse,
      handler: (context) => emergencyStop(maker, context),
    }),
    defineRoute({
      ...ADMIN,
      method: 'GET',
      path: '/api/v1/admin/config',
      summary: 'Whom pauses and stops concern, and which are in force',
      response: AdminConfigResponse,
      handler: () => config(),
    }),
    defineRoute({
      ...ADMIN,
      method: 'PUT',
      path: '/api/v1/admin/config',
      summary: 'Choose whom pauses and stops to come concern',
      body: AdminConfigBody,
      examples: { body: { control_scope: 'account' } },
      response: AdminConfigResponse,
      handler: async (context) => {
        await maker.operations.configure(context.body.control_scope, operatorOf(context));
        return config();
      },
    }),
    defineRoute({
      ...ADMIN,
      method: 'GET',
      path: '/api/v1/admin/incidents',
      summary: 'Emergency stops, the newest first',
      response: IncidentsResponse,
      handler: () => incidents(maker),
    }),
  ];
}

function operatorOf(context: RequestContext): Operator {
  return { userId: (context.principal as Principal).userId, client: clientOf(context) };
}

/** The markets of a request: those named, or all that it may concern. */
function marketsOf(
  maker: MakerDesk,
  venue: Venue,
  named: readonly string[] | undefined,
): readonly Market[] | Refusal {
  if (named === undefined) {
    return maker.operations.scope === 'venue' ? venue.markets.all : maker.markets;
  }
  const markets: Market[] = [];
  for (const symbol of named) {
    const market = marketOf(venue.markets, symbol);
    if (market instanceof Refusal) return market;
    if (!markets.includes(market)) markets.push(market);
  }
  return markets;
}

async function pause(
  maker: MakerDesk,
  context: RequestContext<unknown, unknown, PauseBody | undefined>,
): Promise<PauseResponse | Refusal> {
  const { body = {}, venue, principal } = context;
  const { operations, webhooks } = maker;
  const scopes = (principal as Principal).scopes;
  if (operations.scope === 'venue' && !hasScope(scopes, 'admin')) return needsAdmin(scopes);
  const markets = marketsOf(maker, venue, body.markets);
  if (markets instanceof Refusal) return markets;
  const { reason = NO_REASON, duration_seconds = 0, cancel_orders = true } = body;
  const report = await operations.pause(
    { markets, reason, durationSeconds: duration_seconds, cancelOrders: cancel_orders },
    operatorOf(context),
  );
  const affected = markets.map(symbolOf);
  const told = { markets: affected, reason, resume_at: timeOrNull(report.resumeAtMs) };
  // Receivers are told in any case; only who asks for it waits to know that one was.
  const waitMs = body.notify_social === true ? NOTIFY_TIMEOUT_MS : 0;
  const notified = await webhooks.notifyAndWait('trading.paused', told, waitMs);
  return {
    status: 'paused',
    reason,
    paused_at: timeOf(report.atMs),
    resume_at: timeOrNull(report.resumeAtMs),
    affected_markets: affected,
    orders_cancelled: report.ordersCancelled,
    positions_maintained: true,
    notification_sent: notified,
  };
}

async function resume(
  maker: MakerDesk,
  context: RequestContext<unknown, unknown, ResumeBody | undefined>,
): Promise<ResumeResponse | Refusal> {
  const { body = {}, venue, principal } = context;
  const { operations, webhooks } = maker;
  const { controls } = operations;
  const scopes = (principal as Principal).scopes;
  const isStopped = controls.stop !== undefined;
  const isVenues = [...controls.paused.values()].some(({ scope }) => scope === 'venue');
  if ((isStopped || isVenues) && !hasScope(scopes, 'admin')) return needsAdmin(scopes);
  const wanted = marketsOf(maker, venue, body.markets);
  if (wanted instanceof Refusal) return wanted;
  const { journal, matching, disk } = venue.status();
  const problems = Object.entries({ journal, matching, disk }).filter(([, part]) => !part.healthy);
  if (problems.length > 0) {
    const details = { system_health_check: 'failed', problems: problems.map(([name]) => name) };
    const message = 'The system is not healthy; trading stays paused';
    return new Refusal('unavailable', 'UNHEALTHY', message, { details });
  }
  // All of them, wherever a pause of another scope may have reached.
  const all =
    body.markets === undefined ? [...new Set([...wanted, ...pausedOf(maker, venue)])] : wanted;
  const sentBefore = maker.deployment()?.record.ordersSent ?? 0;
  const atMs = await operations.resume(
    all,
    isStopped && body.markets === undefined,
    operatorOf(context),
  );
  const affected = all.map(symbolOf);
  await webhooks.notify('trading.resumed', { markets: affected });
  await quotesIn(maker, all);
  return {
    status: maker.status() === 'active' || maker.status() === 'starting' ? 'active' : 'paused',
    resumed_at: timeOf(atMs),
    affected_markets: affected,
    orders_placed: (maker.deployment()?.record.ordersSent ?? 0) - sentBefore,
    system_health_check: 'passed',
  };
}

function pausedOf(maker: MakerDesk, { markets }: Venue): Market[] {
  return [...maker.operations.controls.paused.keys()].flatMap((id) => markets.get(id) ?? []);
}

/** Waits until the maker quotes in all of these markets that it trades in, or the time is over. */
async function quotesIn(maker: MakerDesk, markets: readonly Market[]): Promise<void> {
  const untilMs = performance.now() + QUOTES_TIMEOUT_MS;
  while (performance.now() < untilMs) {
    const deployment = maker.deployment();
    if (deployment === undefined || deployment.end !== undefined) return;
    const missing = markets.filter(({ id }) => {
      const touches = deployment.quotes?.markets.get(id)?.touches;
      return touches !== undefined && (touches.ourBid === 0 || touches.ourAsk === 0);
    });
    if (missing.length === 0) return;
    await sleep(LOOK_MS);
  }
}

async function emergencyStop(
  maker: MakerDesk,
  context: RequestContext<unknown, unknown, EmergencyStopBody>,
): Promise<EmergencyStopResponse> {
  const { reason, flatten_positions = false } = context.body;
  const { operations } = maker;
  const operator = operatorOf(context);
  const { incident, notified } = await operations.emergencyStop(
    reason,
    flatten_positions,
    operator,
  );
  return {
    status: 'emergency_stopped',
    stopped_at: timeOf(incident.atMs),
    reason,
    orders_cancelled: incident.report?.ordersCancelled ?? 0,
    positions_flattened: incident.report?.positionsFlattened ?? false,
    total_position_usdc: exposureOf(maker.standings()).totalUsdc,
    emergency_contacts_notified: notified,
    incident_id: incident.incidentId,
  };
}

function configToWire({
  operations,
  markets,
}: MakerDesk): Omit<AdminConfigResponse, 'account' | 'webhook_private_addresses'> {
  const { stop, paused } = operations.controls;
  const nameOf = (marketId: number): string => {
    const market = markets.find(({ id }) => id === marketId);
    return market === undefined ? String(marketId) : symbolOf(market);
  };
  return {
    control_scope: operations.scope,
    emergency_stop:
      stop === undefined
        ? null
        : { incident_id: stop.incidentId, stopped_at: timeOf(stop.atMs), reason: stop.reason },
    paused_markets: [...paused].map(([marketId, { reason, atMs, resumeAtMs }]) => ({
      market: nameOf(marketId),
      reason,
      paused_at: timeOf(atMs),
      resume_at: timeOrNull(resumeAtMs),
    })),
  };
}

function incidents({ operations }: MakerDesk): object {
  const { incidents: all, stop } = operations.controls;
  return {
    incidents: all.toReversed().map((incident) => ({
      incident_id: incident.incidentId,
      scope: incident.scope,
      reason: incident.reason,
      stopped_at: timeOf(incident.atMs),
      orders_cancelled: incident.report?.ordersCancelled ?? null,
      positions_flattened: incident.report?.positionsFlattened ?? null,
      in_force: incident === stop,
    })),
  };
}

function needsAdmin(scopes: Principal['scopes']): Refusal {
  const message = 'What concerns the whole venue, or ends an emergency stop, needs scope admin.';
  return new Refusal('forbidden', 'INSUFFICIENT_SCOPE', message, {
    details: { required_scope: 'admin', scopes },
  });
}
