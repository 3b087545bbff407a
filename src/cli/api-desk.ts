import type { ApiKeyResponse, ManagedUser } from '../../schemas/octopus-auth.ts';
import type { IdentityDesk, NewKey, NewUser } from './identity-desk.ts';

/** Users and keys of a server that runs, over its API, as its administrator. */
export class ApiDesk implements IdentityDesk {
  private readonly url: string;
  private readonly token: string;

  /** Logs in; throws when the server does not answer or does not know the administrator so. */
  static async open(
    url: string,
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<ApiDesk> {
    const password = env.OPENBELL_ADMIN_PASSWORD;
    if (password === undefined || password === '') {
      throw new Error('OPENBELL_ADMIN_PASSWORD is not set: it says who may do this');
    }
    const base = url.replace(/\/+$/, '');
    const email = env.OPENBELL_ADMIN_USERNAME || 'admin';
    const login = await send(base, 'POST', '/api/auth/login', '', { email, password });
    return new ApiDesk(base, login.access_token as string);
  }

  private constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  addUser({ username, email, password, scopes }: NewUser): Promise<ManagedUser> {
    const body = { username, password, scopes, ...(email === '' ? {} : { email }) };
    return this.call('POST', '/api/auth/users', body);
  }

  async users(): Promise<ManagedUser[]> {
    const users: ManagedUser[] = [];
    for (;;) {
      const path = `/api/auth/users?offset=${users.length}`;
      const page = await this.call<{ users: ManagedUser[]; total: number }>('GET', path);
      users.push(...page.users);
      if (page.users.length === 0 || users.length >= page.total) return users;
    }
  }

  async switchUser(name: string, disabled: boolean): Promise<ManagedUser> {
    return this.change(name, { disabled });
  }

  async setPassword(name: string, password: string): Promise<ManagedUser> {
    return this.change(name, { password });
  }

  addKey(
    owner: string | undefined,
    { name, scopes, allowedAddresses, expiresAt, signing }: NewKey,
  ): Promise<ApiKeyResponse & { secret: string }> {
    this.refuseOwner(owner);
    const body = { name, scopes, allowed_ips: allowedAddresses, expires_at: expiresAt, signing };
    return this.call('POST', '/api/auth/api-keys', body);
  }

  async keys(owner: string | undefined): Promise<ApiKeyResponse[]> {
    this.refuseOwner(owner);
    const path = '/api/auth/api-keys';
    return (await this.call<{ api_keys: ApiKeyResponse[] }>('GET', path)).api_keys;
  }

  revokeKey(key: string): Promise<ApiKeyResponse> {
    return this.call('DELETE', `/api/auth/api-keys/${encodeURIComponent(key)}`);
  }

  async close(): Promise<void> {
    await this.call('POST', '/api/auth/logout');
  }

  private async change(name: string, body: object): Promise<ManagedUser> {
    const wanted = name.toLowerCase();
    const user = (await this.users()).find(
      ({ username, email }) => username.toLowerCase() === wanted || email?.toLowerCase() === wanted,
    );
    if (user === undefined) throw new Error(`there is no user ${name}`);
    return this.call('PATCH', `/api/auth/users/${user.id}`, body);
  }

  private refuseOwner(owner: string | undefined): void {
    if (owner === undefined) return;
    throw new Error('over --url keys are those of whoever logs in: leave --user out');
  }

  private async call<T>(method: string, path: string, body?: object): Promise<T> {
    return (await send(this.url, method, path, this.token, body)) as T;
  }
}

async function send(
  url: string,
  method: string,
  path: string,
  token: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const headers = new Headers();
  if (token !== '') headers.set('authorization', `Bearer ${token}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  let reply: Response;
  try {
    reply = await fetch(url + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    throw new Error(`${url} does not answer: ${((error as Error).cause as Error)?.message}`);
  }
  const text = await reply.text();
  const json = reply.headers.get('content-type')?.startsWith('application/json') === true;
  const value = json ? (JSON.parse(text) as Record<string, unknown>) : {};
  if (reply.ok) return value;
  throw new Error(`${path} answered ${reply.status}: ${value.message ?? text.slice(0, 200)}`);
}
