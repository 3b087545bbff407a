import {
  AuditQuery,
  AuditResponse,
  ChangeUserBody,
  CreateUserBody,
  JsonWebKeySet,
  ManagedUser,
  SigningKeyResponse,
  UserList,
  UserParams,
  UsersQuery,
} from '../../../schemas/octopus-auth.ts';
import {
  clientOf,
  refusalOfIdentity,
  refusalsOfIdentity,
} from '../../gateway/http/identity-refusal.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { AuditEntry } from '../../identity/audit-trail.ts';
import type { Identity } from '../../identity/identity.ts';
import { orderedScopes, type Scope } from '../../identity/principal.ts';
import { IdentityRefused } from '../../identity/refused.ts';
import { type AuthServices, principalOf } from './auth-routes.ts';
import { auditToWire, managedUserToWire } from './auth-wire.ts';
import { SURFACE } from './errors.ts';

const BASE = { surface: SURFACE, limit: 'default' } as const;
const ADMIN = { ...BASE, auth: 'required', scope: 'admin', audited: true } as const;
/** Whoever stole an administrator's key must not make users of their own. */
const ADMIN_SIGNED_IN = { ...ADMIN, tokenOnly: true } as const;

const OWN_ACCOUNT = new Refusal(
  'conflict',
  'OWN_ACCOUNT',
  'Administrators do not disable themselves.',
);

/** What administrators do with users, the audit trail, and the keys that tokens are signed with. */
export function adminRoutes(services: AuthServices): Route[] {
  const { identity } = services;
  return [
    defineRoute({
      ...ADMIN,
      method: 'GET',
      path: '/api/auth/audit',
      summary: 'Who did what, from where; newest first',
      query: AuditQuery,
      response: AuditResponse,
      examples: { query: { limit: 2, action: 'login.' } },
      refusals: [noUser()],
      successStatus: 200,
      handler: (context) => audit(identity, context),
    }),
    ...userRoutes(services),
    defineRoute({
      ...ADMIN_SIGNED_IN,
      method: 'POST',
      path: '/api/auth/signing-keys/rotate',
      summary: 'Sign access tokens with a new key; those of the former stay good',
      response: SigningKeyResponse,
      successStatus: 200,
      handler: async (context) => {
        const { userId } = principalOf(context);
        return identity.rotateSigningKey(clientOf(context), userId);
      },
    }),
    defineRoute({
      ...BASE,
      auth: 'public',
      scope: null,
      method: 'GET',
      path: '/.well-known/jwks.json',
      summary: 'The public keys of access tokens; none while they are signed with a shared secret',
      response: JsonWebKeySet,
      successStatus: 200,
      handler: () =>
        Answer.json(identity.publicKeys(), { headers: [['Cache-Control', 'public, max-age=300']] }),
    }),
  ];
}

function userRoutes(services: AuthServices): Route[] {
  const { identity } = services;
  return [
    defineRoute({
      ...ADMIN,
      method: 'GET',
      path: '/api/auth/users',
      summary: 'The users, in the order of their registration',
      query: UsersQuery,
      response: UserList,
      examples: { query: { limit: 2 } },
      successStatus: 200,
      handler: ({ clock, query: { limit = 1000, offset = 0 } }) => {
        const { users } = identity.state;
        const nowMs = clock.nowMs();
        const page = [...users.all()].slice(offset, offset + limit);
        return { users: page.map((user) => managedUserToWire(user, nowMs)), total: users.size };
      },
    }),
    defineRoute({
      ...ADMIN_SIGNED_IN,
      method: 'POST',
      path: '/api/auth/users',
      summary: 'Make a user, with any scopes',
      body: CreateUserBody,
      response: ManagedUser,
      examples: {
        body: {
          username: 'desk-2',
          password: 'a password nobody guesses',
          scopes: ['read', 'write'],
        },
      },
      refusals: refusalsOfIdentity('taken', 'invalid'),
      successStatus: 201,
      handler: (context) => createUser(services, context),
    }),
    defineRoute({
      ...ADMIN_SIGNED_IN,
      method: 'PATCH',
      path: '/api/auth/users/{user_id}',
      summary: 'Disable or enable a user, or set their password; enabling lifts a lock',
      params: UserParams,
      body: ChangeUserBody,
      response: ManagedUser,
      examples: { body: { disabled: false } },
      refusals: [noUser(), OWN_ACCOUNT, ...refusalsOfIdentity('invalid')],
      successStatus: 200,
      handler: (context) => changeUser(identity, context),
    }),
  ];
}

async function audit(
  identity: Identity,
  { query }: RequestContext<unknown, AuditQuery>,
): Promise<AuditResponse | Refusal> {
  const { limit = 100, before = Number.POSITIVE_INFINITY, action = '', user_id } = query;
  const { state } = identity;
  const user = user_id === undefined ? undefined : state.users.byUuid(user_id);
  if (user_id !== undefined && user === undefined) return noUser();
  // What was only counted so far belongs into the picture.
  await identity.flush();
  const matches = (entry: AuditEntry): boolean =>
    entry.action.startsWith(action) &&
    (user === undefined || entry.userId === user.userId || entry.origin.byUserId === user.userId);
  const { entries, nextBefore } = state.audit.page(limit, before, matches);
  return {
    entries: entries.map((entry) => auditToWire(entry, state)),
    next_before: nextBefore,
    oldest_id: state.audit.oldestId,
  };
}

async function createUser(
  { identity, openAccount }: AuthServices,
  context: RequestContext<unknown, unknown, CreateUserBody>,
): Promise<ManagedUser | Refusal> {
  const { username, password, email = '', first_name = '', last_name = '' } = context.body;
  const scopes = orderedScopes((context.body.scopes ?? ['read', 'write']) as Scope[]);
  const user = await identity.register(
    { username, password, email, firstName: first_name, lastName: last_name, scopes },
    clientOf(context),
    principalOf(context).userId,
  );
  if (user instanceof IdentityRefused) return refusalOfIdentity(user);
  await openAccount(user);
  return managedUserToWire(user, context.clock.nowMs());
}

async function changeUser(
  identity: Identity,
  context: RequestContext<{ user_id: string }, unknown, ChangeUserBody>,
): Promise<ManagedUser | Refusal> {
  const user = identity.state.users.byUuid(context.params.user_id);
  if (user === undefined) return noUser();
  const { disabled, password } = context.body;
  const { userId } = principalOf(context);
  const client = clientOf(context);
  if (disabled === true && user.userId === userId) {
    return OWN_ACCOUNT;
  }
  if (password !== undefined) {
    const refused = await identity.logins.setPassword(user, password, client, {
      byUserId: userId,
      parameter: 'password',
    });
    if (refused !== undefined) return refusalOfIdentity(refused);
  }
  if (disabled !== undefined) await identity.switchUser(user.userId, disabled, client, userId);
  return managedUserToWire(user, context.clock.nowMs());
}

function noUser(): Refusal {
  return new Refusal('not_found', 'UNKNOWN_USER', 'There is no such user.', {
    details: { parameter: 'user_id' },
  });
}
