import { Type } from 'typebox';
import { HealthResponse, LoginBody, LoginResponse } from '../../../schemas/flashmm.ts';
import { limitKey } from '../../gateway/http/client-address.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import { type Identity, LoginRefused } from '../../identity/identity.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import type { SystemLoadSampler } from '../../metrics/system-load.ts';
import { SURFACE } from './errors.ts';
import { health } from './health.ts';

export interface FlashmmServices {
  readonly identity: Pick<Identity, 'login'>;
  readonly metrics: Metrics;
  readonly systemLoad: SystemLoadSampler;
}

const PrometheusText = Type.String({ description: 'Prometheus text exposition format' });

export function flashmmRoutes({ identity, metrics, systemLoad }: FlashmmServices): Route[] {
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
      successStatus: 200,
      handler: ({ venue, clock }) => {
        const nowMs = clock.nowMs();
        const body = health(venue, systemLoad.read(nowMs), nowMs);
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
      successStatus: 200,
      handler: exposition,
    }),
  ];
}

const NOT_STORED = { headers: [['Cache-Control', 'no-store']] } as const;

async function login(
  identity: Pick<Identity, 'login'>,
  { body, clientIp }: RequestContext<unknown, unknown, { username: string; password: string }>,
): Promise<Answer | Refusal> {
  const result = await identity.login(body.username, body.password, limitKey(clientIp));
  if (result instanceof LoginRefused) return loginRefusal(result);
  const reply: LoginResponse = {
    access_token: result.accessToken,
    token_type: 'bearer',
    expires_in: result.expiresInSeconds,
    scope: result.principal.scopes.join(' '),
  };
  return Answer.json(reply, NOT_STORED);
}

function loginRefusal({ reason, retryAfterSeconds }: LoginRefused): Refusal {
  switch (reason) {
    case 'wrong_credentials':
      return new Refusal('unauthenticated', 'INVALID_CREDENTIALS', 'Wrong username or password.', {
        details: { reason: 'INVALID_CREDENTIALS' },
        headers: [['WWW-Authenticate', 'Bearer realm="openbell"']],
      });
    case 'too_many_failures':
      return new Refusal('rate_limited', 'RATE_LIMIT_EXCEEDED', 'Too many failed logins.', {
        retryAfterSeconds,
        details: { retry_after_seconds: retryAfterSeconds },
      });
    case 'busy':
      return new Refusal('unavailable', 'LOGIN_BUSY', 'Too many logins at once, try again.', {
        retryAfterSeconds,
      });
  }
}
