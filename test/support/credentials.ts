import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import type { Scope } from '../../src/identity/principal.ts';
import type { StoredKey } from '../../src/identity/secrets-file.ts';
import { signRequest } from '../../src/identity/signed-requests.ts';
import { ADMIN_PASSWORD } from './test-server.ts';

/**
 * Makes every kind of credential against a server that runs, over its own API: `TestServer` and
 * `ServerProcess` alike.
 *
 * ```ts
 * const credentials = await Credentials.of(server.base, server.directory);
 * for (const name of BAD_CREDENTIALS) {
 *   const bad = credentials.bad(name, route.scope);
 *   if (bad === undefined) continue;        // no credential lacks the scope of this route
 *   const reply = await fetch(server.base + path, { method, headers: bad.headers });
 *   assert.equal(reply.status, bad.status);
 * }
 * ```
 */
export const BAD_CREDENTIALS = [
  'none',
  'expired',
  'wrong signature',
  'alg none',
  'HS/RS confusion',
  'logged-out token',
  'insufficient scope',
  'revoked key',
  'rotated secret',
  'key without its secret',
  'key from a disallowed IP',
  'expired key',
  'unknown key',
] as const;
export type BadCredential = (typeof BAD_CREDENTIALS)[number];

export type HeaderSet = Readonly<Record<string, string>>;

export interface Bad {
  readonly headers: HeaderSet;
  /** What every surface must answer; its body is the surface's own. */
  readonly status: 401 | 403;
}

interface Issued {
  readonly key: string;
  readonly secret: string;
}

const PASSWORD = 'a password nobody guesses';

export class Credentials {
  /** Scopes `read write admin`. */
  readonly admin: HeaderSet;
  /** Scopes `read write`, of a user who owns nothing of the administrator's. */
  readonly otherUser: HeaderSet;
  /** Scope `read`. */
  readonly reader: HeaderSet;
  /** The other user's API key, scopes `read write`. */
  readonly apiKey: HeaderSet;
  /** Every secret that was made here, for tests that search for them. */
  readonly secrets: readonly string[];
  private readonly signingKey: Issued;
  private readonly made: ReadonlyMap<BadCredential, HeaderSet>;
  private readonly scopeless: HeaderSet;

  private constructor(parts: {
    admin: HeaderSet;
    otherUser: HeaderSet;
    reader: HeaderSet;
    apiKey: HeaderSet;
    signingKey: Issued;
    scopeless: HeaderSet;
    secrets: readonly string[];
    made: ReadonlyMap<BadCredential, HeaderSet>;
  }) {
    this.admin = parts.admin;
    this.otherUser = parts.otherUser;
    this.reader = parts.reader;
    this.apiKey = parts.apiKey;
    this.signingKey = parts.signingKey;
    this.scopeless = parts.scopeless;
    this.secrets = parts.secrets;
    this.made = parts.made;
  }

  /**
   * @param base `http://HOST:PORT`; some twenty requests are made to it
   * @param directory the server's data directory, whose `secrets.json` forged tokens are made of
   * @param suffix keeps the users of several calls apart
   */
  static async of(base: string, directory: string, suffix = ''): Promise<Credentials> {
    const maker = new Maker(base, newestKey(directory));
    const admin = await maker.login('admin', ADMIN_PASSWORD);
    await maker.addUser(admin, `other${suffix}`, ['read', 'write']);
    await maker.addUser(admin, `reader${suffix}`, ['read']);
    const other = await maker.login(`other${suffix}`, PASSWORD);
    const reader = await maker.login(`reader${suffix}`, PASSWORD);
    const leaver = await maker.login(`other${suffix}`, PASSWORD);
    await maker.post('/api/auth/logout', leaver, {});
    const scopes = ['read', 'write'];
    const good = await maker.addKey(other, { scopes });
    const signingKey = await maker.addKey(other, { scopes, signing: true });
    const revoked = await maker.addKey(other, { scopes });
    await maker.remove(`/api/auth/api-keys/${revoked.key}`, other);
    const rotated = await maker.addKey(other, { scopes });
    await maker.post(`/api/auth/api-keys/${rotated.key}/rotate`, other, {});
    const elsewhere = await maker.addKey(other, { scopes, allowed_ips: ['192.0.2.0/24'] });
    const soon = new Date(maker.serverMs + 2500).toISOString();
    const brief = await maker.addKey(other, { scopes, expires_at: soon });
    await new Promise((resolve) => setTimeout(resolve, 2600));
    const token = bearerText(admin);
    const made = new Map<BadCredential, HeaderSet>([
      ['none', {}],
      ['expired', maker.resigned(token, -7200)],
      ['wrong signature', maker.wrongSignature(token)],
      ['alg none', maker.algNone(token)],
      ['HS/RS confusion', maker.confused(token)],
      ['logged-out token', leaver],
      ['revoked key', keyHeaders(revoked)],
      ['rotated secret', keyHeaders(rotated)],
      ['key without its secret', { 'x-api-key': good.key }],
      ['key from a disallowed IP', keyHeaders(elsewhere)],
      ['expired key', keyHeaders(brief)],
      ['unknown key', { 'x-api-key': `obk_${'A'.repeat(22)}`, 'x-api-secret': good.secret }],
    ]);
    const scopeless = maker.resigned(token, 0, { scope: '' });
    const apiKey = keyHeaders(good);
    const { secrets } = maker;
    const parts = { admin, otherUser: other, reader, apiKey, signingKey, scopeless, secrets, made };
    return new Credentials(parts);
  }

  /** A bad credential for a route of the given scope; `undefined` where there is none such. */
  bad(name: BadCredential, scope: Scope | null): Bad | undefined {
    if (name !== 'insufficient scope') {
      return { headers: this.made.get(name) as HeaderSet, status: 401 };
    }
    if (scope === null) return undefined;
    const lacking = { read: this.scopeless, write: this.reader, admin: this.otherUser };
    return { headers: lacking[scope], status: 403 };
  }

  /** Headers of a request signed with the other user's key. @param target path and query */
  signed(method: string, target: string, body = '', nowMs = Date.now()): HeaderSet {
    const nonce = randomBytes(12).toString('base64url');
    return signedHeaders(this.signingKey, { method, target, body, nowMs, nonce });
  }
}

/** Headers of a signed request, all parts given. */
export function signedHeaders(
  { key, secret }: Issued,
  request: { method: string; target: string; body: string; nowMs: number; nonce: string },
): HeaderSet {
  const { method, target, body, nonce } = request;
  const timestamp = String(Math.floor(request.nowMs));
  const contentSha256 = body === '' ? '' : sha256(body);
  const parts = { timestamp, nonce, method, target, contentSha256 };
  return {
    'x-api-key': key,
    'x-api-timestamp': timestamp,
    'x-api-nonce': nonce,
    'x-api-signature': signRequest(secret, parts),
    ...(contentSha256 === '' ? {} : { 'x-api-content-sha256': contentSha256 }),
  };
}

export function keyHeaders({ key, secret }: Issued): HeaderSet {
  return { 'x-api-key': key, 'x-api-secret': secret };
}

/** The key the server signs access tokens with. */
export function newestKey(directory: string): StoredKey {
  const text = readFileSync(join(directory, 'secrets.json'), 'utf8');
  const { keys } = JSON.parse(text) as { keys: StoredKey[] };
  return keys[keys.length - 1];
}

/** Talks to the server, and forges what it would never issue. */
class Maker {
  readonly secrets: string[] = [];
  /** The server's time as its last token tells it. */
  serverMs = 0;
  private readonly base: string;
  private readonly signer: StoredKey;

  constructor(base: string, signer: StoredKey) {
    this.base = base;
    this.signer = signer;
  }

  async login(email: string, password: string): Promise<HeaderSet> {
    const tokens = await this.post('/api/auth/login', {}, { email, password });
    this.secrets.push(password, tokens.access_token, tokens.refresh_token);
    const claims = jwt.decode(tokens.access_token) as jwt.JwtPayload;
    this.serverMs = (claims.iat as number) * 1000;
    return { authorization: `Bearer ${tokens.access_token}` };
  }

  async addUser(admin: HeaderSet, username: string, scopes: string[]): Promise<void> {
    await this.post('/api/auth/users', admin, { username, password: PASSWORD, scopes });
  }

  async addKey(owner: HeaderSet, request: object): Promise<Issued> {
    const made = await this.post('/api/auth/api-keys', owner, { name: 'test', ...request });
    this.secrets.push(made.secret);
    return { key: made.key, secret: made.secret };
  }

  post(path: string, headers: HeaderSet, body: object): Promise<Record<string, string>> {
    return this.send('POST', path, headers, JSON.stringify(body));
  }

  remove(path: string, headers: HeaderSet): Promise<unknown> {
    return this.send('DELETE', path, headers);
  }

  /** The same claims at another time, with the server's own signature. */
  resigned(token: string, shiftSeconds: number, changed: object = {}): HeaderSet {
    const payload = jwt.decode(token) as jwt.JwtPayload;
    const iat = (payload.iat as number) + shiftSeconds;
    const exp = (payload.exp as number) + shiftSeconds;
    const { kid, algorithm, material } = this.signer;
    const key = algorithm === 'HS256' ? Buffer.from(material, 'base64url') : material;
    const claims = { ...payload, ...changed, iat, exp };
    return bearer(jwt.sign(claims, key, { algorithm, keyid: kid }));
  }

  wrongSignature(token: string): HeaderSet {
    const [head, payload] = token.split('.');
    const signature = createHmac('sha256', 'another secret').update(`${head}.${payload}`).digest();
    return bearer(`${head}.${payload}.${signature.toString('base64url')}`);
  }

  algNone(token: string): HeaderSet {
    const head = { alg: 'none', typ: 'JWT', kid: this.signer.kid };
    return bearer(`${encode(head)}.${token.split('.')[1]}.`);
  }

  /**
   * Where the server signs with a pair of keys: HS256 with the public one as secret. Where it signs
   * with a secret: RS256 with a pair of our own under the name of its key.
   */
  confused(token: string): HeaderSet {
    const { kid, algorithm, material } = this.signer;
    const payload = token.split('.')[1];
    if (algorithm === 'HS256') {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const claims = jwt.decode(token) as object;
      return bearer(jwt.sign(claims, privateKey, { algorithm: 'RS256', keyid: kid }));
    }
    const publicKey = publicPem(material);
    const signed = `${encode({ alg: 'HS256', typ: 'JWT', kid })}.${payload}`;
    const signature = createHmac('sha256', publicKey).update(signed).digest('base64url');
    return bearer(`${signed}.${signature}`);
  }

  private async send(
    method: string,
    path: string,
    headers: HeaderSet,
    body?: string,
  ): Promise<Record<string, string>> {
    const sent = new Headers(headers);
    if (body !== undefined) sent.set('content-type', 'application/json');
    const reply = await fetch(this.base + path, { method, headers: sent, body });
    const text = await reply.text();
    if (reply.ok) return JSON.parse(text);
    throw new Error(`${method} ${path} answered ${reply.status}: ${text}`);
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function publicPem(privatePem: string): string {
  return createPublicKey(privatePem).export({ type: 'spki', format: 'pem' }) as string;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function bearer(token: string): HeaderSet {
  return { authorization: `Bearer ${token}` };
}

function bearerText({ authorization }: HeaderSet): string {
  return authorization.replace('Bearer ', '');
}
