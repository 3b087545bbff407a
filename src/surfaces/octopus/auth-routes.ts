import {
  LoginBody,
  LogoutBody,
  LogoutResponse,
  PasswordBody,
  RefreshBody,
  RegisterBody,
  TokenPair,
  UserResponse,
} from '../../../schemas/octopus-auth.ts';
import {
  clientOf,
  refusalOfIdentity,
  refusalsOfIdentity,
} from '../../gateway/http/identity-refusal.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { Answer, defineRoute, type RequestContext, type Route } from '../../gateway/http/route.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Login } from '../../identity/logins.ts';
import { AuthFailure, bearerCredentials, type Principal } from '../../identity/principal.ts';
import { looksLikeRefreshToken } from '../../identity/refresh-tokens.ts';
import { IdentityRefused } from '../../identity/refused.ts';
import type { User } from '../../identity/users.ts';
import { loginToWire, NOT_STORED, userToWire } from './auth-wire.ts';
import { SURFACE } from './errors.ts';

export interface AuthServices {
  readonly identity: Identity;
  /** Opens what a new user trades with; resolves when it is durable. */
  readonly openAccount: (user: User) => Promise<void>;
  /** False where only administrators make users. */
  readonly openRegistration: boolean;
}

const BASE = { surface: SURFACE, limit: 'default', audited: true } as const;
const OPEN = { ...BASE, auth: 'public', scope: null } as const;
/** For what only the holder of a password may do. */
const SIGNED_IN = { ...BASE, auth: 'required', tokenOnly: true } as const;

const REGISTRATION_CLOSED = new Refusal(
  'forbidden',
  'REGISTRATION_CLOSED',
  'Users are made by the administrator of this venue.',
);

/** Registration, login, tokens and the caller's own password. */
export function authRoutes(services: AuthServices): Route[] {
  return [...tokenRoutes(services), ...ownRoutes(services)];
}

function tokenRoutes(services: AuthServices): Route[] {
  const { identity } = services;
  return [
    defineRoute({
      ...OPEN,
      method: 'POST',
      path: '/api/auth/register',
      summary: 'Register a user who may read and trade',
      body: RegisterBody,
      response: UserResponse,
      examples: {
        body: {
          email: 'john@desk.example',
          password: 'a password nobody guesses',
          first_name: 'John',
          last_name: 'Doe',
        },
      },
      refusals: [
        REGISTRATION_CLOSED,
        ...refusalsOfIdentity('taken', 'invalid', 'too_many_failures'),
      ],
      successStatus: 201,
      handler: (context) => register(services, context),
    }),
    defineRoute({
      ...OPEN,
      method: 'POST',
      path: '/api/auth/login',
      summary: 'Exchange e-mail (or username) and password for tokens',
      body: LoginBody,
      response: TokenPair,
      examples: { body: { email: 'john@desk.example', password: 'a password nobody guesses' } },
      refusals: refusalsOfIdentity('wrong_credentials', 'too_many_failures', 'busy'),
      successStatus: 200,
      handler: async (context) => {
        const { email, password } = context.body;
        return tokens(await identity.login(email, password, clientOf(context)));
      },
    }),
    defineRoute({
      ...BASE,
      auth: 'checked_by_handler',
      scope: null,
      method: 'POST',
      path: '/api/auth/refresh',
      summary: 'Exchange a refresh token (in the body, or as Bearer) for another pair of tokens',
      body: RefreshBody,
      bodyOptional: true,
      response: TokenPair,
      refusals: refusalsOfIdentity('wrong_credentials', 'too_many_failures'),
      successStatus: 200,
      handler: (context) => refresh(identity, context),
    }),
  ];
}

function ownRoutes({ identity }: AuthServices): Route[] {
  return [
    defineRoute({
      ...BASE,
      auth: 'required',
      scope: 'read',
      method: 'GET',
      path: '/api/auth/me',
      summary: 'Who the caller is',
      response: UserResponse,
      successStatus: 200,
      handler: (context) => userToWire(callerOf(identity, context)),
    }),
    defineRoute({
      ...SIGNED_IN,
      scope: null,
      method: 'POST',
      path: '/api/auth/logout',
      summary: 'End this session, or all of the caller’s',
      body: LogoutBody,
      bodyOptional: true,
      response: LogoutResponse,
      examples: { body: { all_sessions: false } },
      successStatus: 200,
      handler: async (context) => {
        const everywhere = context.body?.all_sessions === true;
        const principal = principalOf(context);
        const ended = await identity.logins.logout(principal, everywhere, clientOf(context));
        return { status: 'logged_out', sessions_ended: ended };
      },
    }),
    defineRoute({
      ...SIGNED_IN,
      scope: null,
      method: 'POST',
      path: '/api/auth/password',
      summary: 'Change the password: every session ends, the reply has tokens of a new one',
      body: PasswordBody,
      response: TokenPair,
      examples: {
        body: {
          current_password: 'a password nobody guesses',
          new_password: 'another that nobody guesses',
        },
      },
      refusals: refusalsOfIdentity('wrong_credentials', 'invalid', 'too_many_failures', 'busy'),
      successStatus: 200,
      handler: async (context) => {
        const { current_password: current, new_password: next } = context.body;
        const principal = principalOf(context);
        const client = clientOf(context);
        return tokens(await identity.logins.changePassword(principal, current, next, client));
      },
    }),
  ];
}

/** Whoever a credential says is calling; on routes that need one. */
export function principalOf({ principal }: RequestContext): Principal {
  if (principal === null) throw new Error('a route with a principal needs a credential');
  return principal;
}

export function callerOf(identity: Identity, context: RequestContext): User {
  const user = identity.state.users.get(principalOf(context).userId);
  if (user === undefined) throw new Error('a principal is a user');
  return user;
}

async function register(
  { identity, openAccount, openRegistration }: AuthServices,
  context: RequestContext<unknown, unknown, RegisterBody>,
): Promise<Answer | Refusal> {
  if (!openRegistration) return REGISTRATION_CLOSED;
  const { email, password, username = email, first_name = '', last_name = '' } = context.body;
  const user = await identity.register(
    {
      email,
      username,
      password,
      firstName: first_name,
      lastName: last_name,
      scopes: ['read', 'write'],
    },
    clientOf(context),
  );
  if (user instanceof IdentityRefused) return refusalOfIdentity(user);
  await openAccount(user);
  return Answer.json(userToWire(user));
}

async function refresh(
  identity: Identity,
  context: RequestContext<unknown, unknown, RefreshBody | undefined>,
): Promise<Answer | Refusal> {
  const client = clientOf(context);
  const bearer = context.authorization.replace(/^Bearer +/i, '');
  const token = context.body?.refresh_token ?? bearer;
  if (looksLikeRefreshToken(token)) {
    return tokens(await identity.logins.refresh(token, client));
  }
  const { authorization } = context;
  const principal = identity.authenticate(
    bearerCredentials(context.body === undefined ? authorization : `Bearer ${token}`),
  );
  if (!(principal instanceof AuthFailure)) {
    return tokens(await identity.logins.refreshByAccess(principal, client));
  }
  return new Refusal('unauthenticated', principal.code, principal.message, {
    details: { reason: principal.code },
    headers: [['WWW-Authenticate', 'Bearer realm="openbell"']],
  });
}

function tokens(result: Login | IdentityRefused): Answer | Refusal {
  if (result instanceof IdentityRefused) return refusalOfIdentity(result);
  return Answer.json(loginToWire(result), NOT_STORED);
}
