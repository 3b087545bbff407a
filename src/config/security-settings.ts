import { resolve } from 'node:path';
import { AddressList } from '../lib/address-list.ts';
import { LIMITS } from './limits.ts';
import { SettingError } from './setting-error.ts';

/** What an operator sets about who may connect, how, and how often. */
export interface SecuritySettings {
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` and `-Proto` are believed. */
  readonly trustedProxies: readonly string[];
  /** Addresses or CIDR ranges that clients of the Entasis surface must come from; none: anywhere. */
  readonly entasisAllowedAddresses: readonly string[];
  /** Origins whose pages may read replies of the surfaces that are not open to all. */
  readonly corsOrigins: readonly string[];
  /** PEM files; `undefined`: the port speaks plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Refuse plain requests from outside this machine. */
  readonly requireTls: boolean;
  /** By `surface.category`. */
  readonly rateLimitOverrides: ReadonlyMap<string, RateLimitSetting>;
  /** On the paths whose documents name a limit. */
  readonly webSocketConnectionsPerIp: number;
  /** That one socket may send, on the paths whose documents name no rate. */
  readonly webSocketMessagesPerSecond: number;
}

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface RateLimitSetting {
  /** Requests per window. */
  readonly limit: number;
  /** `undefined`: as documented. */
  readonly burst?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readSecuritySettings(env: Environment): SecuritySettings {
  return {
    trustedProxies: addresses(env, 'OPENBELL_TRUSTED_PROXIES'),
    entasisAllowedAddresses: addresses(env, 'OPENBELL_ENTASIS_ALLOWED_IPS'),
    corsOrigins: origins(env, 'OPENBELL_CORS_ORIGINS'),
    tls: tlsFiles(env),
    requireTls: onOff(env, 'OPENBELL_REQUIRE_TLS'),
    rateLimitOverrides: overrides(env, 'OPENBELL_RATE_LIMIT_OVERRIDES'),
    webSocketConnectionsPerIp: positive(
      env,
      'OPENBELL_WEBSOCKET_CONNECTIONS_PER_IP',
      LIMITS.webSocketConnectionsPerIp,
    ),
    webSocketMessagesPerSecond: positive(
      env,
      'OPENBELL_WEBSOCKET_MESSAGES_PER_SECOND',
      LIMITS.webSocketMessagesPerSecond,
    ),
  };
}

function list(env: Environment, name: string): string[] {
  const parts = (env[name] ?? '').split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function addresses(env: Environment, name: string): string[] {
  const entries = list(env, name);
  try {
    new AddressList(entries);
  } catch (error) {
    throw new SettingError(`${name}: ${(error as Error).message}, like 10.0.0.0/8`);
  }
  return entries;
}

function origins(env: Environment, name: string): string[] {
  const entries = list(env, name);
  for (const entry of entries) {
    const url = URL.canParse(entry) ? new URL(entry) : undefined;
    if (url?.origin === entry) continue;
    throw new SettingError(`${name} has "${entry}"; an origin is like https://desk.example`);
  }
  return entries;
}

function tlsFiles(env: Environment): TlsFiles | undefined {
  const { OPENBELL_TLS_CERT: cert, OPENBELL_TLS_KEY: key } = env;
  if (!cert && !key) return undefined;
  if (cert && key) return { certFile: resolve(cert), keyFile: resolve(key) };
  throw new SettingError('OPENBELL_TLS_CERT and OPENBELL_TLS_KEY go together; one is not set');
}

function onOff(env: Environment, name: string): boolean {
  const text = env[name] || 'off';
  if (text === 'on' || text === 'off') return text === 'on';
  throw new SettingError(`${name} is "${text}"; it must be one of on, off`);
}

function positive(env: Environment, name: string, fallback: number): number {
  const text = env[name] || String(fallback);
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new SettingError(`${name} is "${text}"; it must be a whole number, 1 to 999999`);
}

function overrides(env: Environment, name: string): ReadonlyMap<string, RateLimitSetting> {
  const byName = new Map<string, RateLimitSetting>();
  for (const part of list(env, name)) {
    const match = /^([a-z]+\.[a-z_]+)=([1-9]\d{0,8})(?::([1-9]\d{0,8}))?$/.exec(part);
    if (match === null) {
      throw new SettingError(`${name} has "${part}"; it must be like velocimex.rest=6000`);
    }
    const [, category, limit, burst] = match;
    byName.set(category, {
      limit: Number(limit),
      ...(burst === undefined ? {} : { burst: Number(burst) }),
    });
  }
  return byName;
}
