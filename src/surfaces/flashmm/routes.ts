import { Type } from 'typebox';
import { HealthResponse, LoginBody, LoginResponse } from '../../../schemas/flashmm.ts';
import { DetailedHealthResponse } from '../../../schemas/flashmm-health.ts';
import type { Settings } from '../../config/settings.ts';
import {
  clientOf,
  refusalOfIdentity,
  refusalsOfIdentity,
} from '../../gateway/http/identity-refusal.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { MakerDesk } from '../../gateway/maker/maker-desk.ts';
import type { Identity } from '../../identity/identity.ts';
import { IdentityRefused } from '../../identity/refused.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { SystemFigures } from '../../metrics/system-figures.ts';
import type { SystemLoadSampler } from '../../metrics/system-load.ts';
import { adminRoutes } from './admin-routes.ts';
import { SURFACE } from './errors.ts';
import { health } from './health.ts';
import { detailedHealth } from './health-detailed.ts';
import { mlRoutes } from './ml-routes.ts';
import { tradingRoutes } from './trading-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

export interface FlashmmServices {
  readonly identity: Identity;
  readonly metrics: Metrics;
  readonly systemLoad: SystemLoadSampler;
  readonly settings: Settings;
  readonly maker?: MakerDesk;
  readonly figures?: SystemFigures;
}

/** The metrics' own, with its version and character set behind it. */
const PROMETHEUS_TYPE = 'text/plain';
const PrometheusText = Type.String({ description: 'Prometheus text exposition format' });

/** Endpoints of the market maker are there where the server has one. */
export function flashmmRoutes(services: FlashmmServices): Route[] {
  const { maker, figures, settings, identity } = services;
  const webhookPrivateAddresses = settings.webhookPrivateAddresses;
  return [
    ...basicRoutes(services),
    ...mlRoutes(),
    ...(maker === undefined || figures === undefined
      ? []
      : [
          ...tradingRoutes({ maker, identity, requests: () => figures.requests() }),
          ...adminRoutes({ maker, identity, webhookPrivateAddresses }),
          ...webhookRoutes({ webhooks: maker.webhooks, identity }),
          detailedHealthRoute(services, maker, figures),
        ]),
  ];
}

function detailedHealthRoute(
  { systemLoad, settings }: FlashmmServices,
  maker: MakerDesk,
  figures: SystemFigures,
): Route {
  const { dataDirectory } = settings;
  return defineRoute({
    surface: SURFACE,
    method: 'GET',
    path: '/api/v1/health/detailed',
    summary: 'Health with what was measured of the system, its parts and its work',
    auth: 'required',
    scope: 'read',
    limit: 'health',
    response: DetailedHealthResponse,
    successStatus: 200,
    handler: ({ venue, clock }) => {
      const nowMs = clock.nowMs();
      const basic = health(venue, systemLoad.read(nowMs), nowMs, figures);
      const body = detailedHealth({ venue, figures, maker, dataDirectory }, basic, nowMs);
      return Answer.json(body, { status: body.status === 'healthy' ? 200 : 503 });
    },
  });
}

function basicRoutes({ identity, metrics, systemLoad, figures }: FlashmmServices): Route[] {
  const exposition = async () =>
    Answer.encoded(await metrics.text(), metrics.contentType, NOT_STORED);
  return [
    defineRoute({
      surface: SURFACE,
      method: 'POST',
      path: '/auth/login',
      summary: 'Exchange username and password for an access token',
      auth: 'public',
      scope: null,
      limit: 'other',
      body: LoginBody,
      response: LoginResponse,
      examples: { body: { username: 'admin', password: 'correct horse battery staple' } },
      refusals: refusalsOfIdentity('wrong_credentials', 'too_many_failures', 'busy'),
      successStatus: 200,
      handler: (context) => login(identity, context),
    }),
    defineRoute({
      surface: SURFACE,
      method: 'GET',
      path: '/api/v1/health',
      summary: 'Health of the system and its components',
      auth: 'required',
      scope: 'read',
      limit: 'health',
      response: HealthResponse,
      otherStatuses: [503],
      successStatus: 200,
      handler: ({ venue, clock }) => {
        const nowMs = clock.nowMs();
        const body = health(venue, systemLoad.read(nowMs), nowMs, figures);
        return Answer.json(body, { status: body.status === 'healthy' ? 200 : 503 });
      },
    }),
    defineRoute({
      surface: SURFACE,
      method: 'GET',
      path: '/api/v1/metrics',
      summary: 'Metrics for Prometheus',
      auth: 'required',
      scope: 'read',
      limit: 'metrics',
      response: PrometheusText,
      contentType: PROMETHEUS_TYPE,
      successStatus: 200,
      handler: exposition,
    }),
    defineRoute({
      surface: SURFACE,
      method: 'GET',
      path: '/metrics',
      summary: 'Metrics for Prometheus; open to scrapers on the same machine',
      auth: 'required_unless_local',
      scope: 'read',
      limit: 'metrics',
      response: PrometheusText,
      contentType: PROMETHEUS_TYPE,
      successStatus: 200,
      handler: exposition,
    }),
  ];
}

const NOT_STORED = { headers: [['Cache-Control', 'no-store']] } as const;

async function login(
  identity: Pick<Identity, 'login'>,
  context: RequestContext<unknown, unknown, { username: string; password: string }>,
): Promise<Answer | Refusal> {
  const { username, password } = context.body;
  const result = await identity.login(username, password, clientOf(context));
  if (result instanceof IdentityRefused) return refusalOfIdentity(result);
  const reply: LoginResponse = {
    access_token: result.accessToken,
    token_type: 'bearer',
    expires_in: result.expiresInSeconds,
    scope: result.user.scopes.join(' '),
    refresh_token: result.refreshToken,
  };
  return Answer.json(reply, NOT_STORED);
}
