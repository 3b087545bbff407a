import {
  ApiKeyBody,
  ApiKeyList,
  ApiKeyParams,
  ApiKeyResponse,
  IssuedApiKey,
} from '../../../schemas/octopus-auth.ts';
import {
  clientOf,
  refusalOfIdentity,
  refusalsOfIdentity,
} from '../../gateway/http/identity-refusal.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { Identity } from '../../identity/identity.ts';
import type { IssuedKey, KeyRequest } from '../../identity/key-desk.ts';
import { IdentityRefused } from '../../identity/refused.ts';
import { callerOf, principalOf } from './auth-routes.ts';
import { apiKeyToWire, NOT_STORED } from './auth-wire.ts';
import { SURFACE } from './errors.ts';

const BASE = { surface: SURFACE, limit: 'default', auth: 'required', audited: true } as const;
/** A key must not make keys: whoever stole one would have it for ever. */
const CHANGING = { ...BASE, scope: 'write', tokenOnly: true } as const;

/** The caller's API keys. */
export function keyRoutes(identity: Identity): Route[] {
  return [
    defineRoute({
      ...CHANGING,
      method: 'POST',
      path: '/api/auth/api-keys',
      summary: 'Make an API key; its secret is told this once',
      body: ApiKeyBody,
      response: IssuedApiKey,
      examples: { body: { name: 'desk', scopes: ['read', 'write'] } },
      refusals: refusalsOfIdentity('invalid', 'forbidden', 'too_many'),
      successStatus: 201,
      handler: (context) => create(identity, context),
    }),
    defineRoute({
      ...BASE,
      scope: 'read',
      method: 'GET',
      path: '/api/auth/api-keys',
      summary: 'The caller’s API keys, without their secrets',
      response: ApiKeyList,
      successStatus: 200,
      handler: (context) => {
        const nowMs = context.clock.nowMs();
        const own = identity.state.keys.ofUser(principalOf(context).userId);
        return { api_keys: own.map((key) => apiKeyToWire(key, nowMs)) };
      },
    }),
    defineRoute({
      ...CHANGING,
      method: 'DELETE',
      path: '/api/auth/api-keys/{key}',
      summary: 'Revoke an API key; what was opened with it ends',
      params: ApiKeyParams,
      response: ApiKeyResponse,
      refusals: refusalsOfIdentity('not_found'),
      successStatus: 200,
      handler: async (context) => {
        const { key } = context.params;
        const revoked = await identity.keys.revoke(principalOf(context), key, clientOf(context));
        if (revoked instanceof IdentityRefused) return refusalOfIdentity(revoked);
        return apiKeyToWire(revoked, context.clock.nowMs(), true);
      },
    }),
    defineRoute({
      ...CHANGING,
      method: 'POST',
      path: '/api/auth/api-keys/{key}/rotate',
      summary: 'Give an API key another secret; the former one is void at once',
      params: ApiKeyParams,
      response: IssuedApiKey,
      refusals: refusalsOfIdentity('not_found'),
      successStatus: 200,
      handler: async (context) => {
        const { key } = context.params;
        const rotated = await identity.keys.rotate(principalOf(context), key, clientOf(context));
        return issued(rotated, context);
      },
    }),
  ];
}

async function create(
  identity: Identity,
  context: RequestContext<unknown, unknown, ApiKeyBody>,
): Promise<Answer | Refusal> {
  const request = keyRequest(context.body);
  if (request instanceof Refusal) return request;
  const user = callerOf(identity, context);
  const made = await identity.keys.create(user, request, principalOf(context), clientOf(context));
  return issued(made, context);
}

function keyRequest(body: ApiKeyBody): KeyRequest | Refusal {
  const { name, scopes = ['read'], allowed_ips = [], expires_at = null, signing = false } = body;
  const expiresAtMs = expires_at === null ? null : Date.parse(expires_at);
  if (Number.isNaN(expiresAtMs)) {
    return invalidParameter('expires_at', expires_at, 'expires_at is no date that exists');
  }
  return {
    name,
    scopes: scopes as KeyRequest['scopes'],
    allowedAddresses: allowed_ips,
    expiresAtMs,
    signing,
  };
}

function issued(result: IssuedKey | IdentityRefused, { clock }: RequestContext): Answer | Refusal {
  if (result instanceof IdentityRefused) return refusalOfIdentity(result);
  const { key, secret } = result;
  return Answer.json({ ...apiKeyToWire(key, clock.nowMs()), secret }, NOT_STORED);
}
