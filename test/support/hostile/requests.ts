import type { Route } from '../../../src/gateway/http/route.ts';
import type { Prng } from '../../../src/lib/prng.ts';

/** One request before it is written to the wire. */
export interface PlainRequest {
  method: string;
  target: string;
  headers: [string, string][];
  body: string;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What makes a request for a name right, where the schema alone does not say. */
const GOOD_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  exchange: ['NASDAQ', 'binance', 'bybit'],
  symbol: ['AAPL', 'BTC/USDT', 'ETH/USDT', 'BTC-USDT'],
  price: [150.5, 97_250.1, 1],
  quantity: [1, 100, 0.25],
  size: ['1.5', 2, '0.001'],
  leverage: ['1', 5],
  position_id: ['pos_1_6_1', 'pos_2_1_3'],
  start: ['2026-01-01', '2026-11-20T10:00:00Z'],
  end: ['2026-11-21T10:00:00.5+01:00'],
  username: ['nobody', 'mallory'],
  email: ['ann@example.org', 'bob@example.org'],
  password: ['a password nobody guesses'],
  current_password: ['a password nobody guesses'],
  new_password: ['a password nobody guessed yet'],
  allowed_ips: [['192.0.2.0/24']],
  expires_at: ['2099-01-01T00:00:00Z'],
  published_at: ['2026-11-20T10:00:00Z'],
  url: ['https://example.org/hook'],
  horizon: ['7d', '24h', '2w'],
};

/** A request that the route's schemas accept. */
export function validRequest(route: Route, prng: Prng, authorization: string): PlainRequest {
  const params = (sample(route.params as Schema | undefined, prng) ?? {}) as Record<
    string,
    unknown
  >;
  const path = route.path.replaceAll(/\{(\w+)\+?\}/g, (_all, name: string) =>
    encodeURIComponent(String(params[name] ?? '1')),
  );
  const query = (sample(route.query as Schema | undefined, prng) ?? {}) as Record<string, unknown>;
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
  );
  const headers: [string, string][] = [['Host', 'localhost']];
  if (route.auth !== 'public') headers.push(['Authorization', authorization]);
  let body = '';
  if (route.body !== undefined) {
    body = JSON.stringify(sample(route.body as Schema, prng));
    headers.push(['Content-Type', 'application/json']);
    headers.push(['Content-Length', String(Buffer.byteLength(body))]);
  }
  const target = pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
  return { method: route.method, target, headers, body };
}

/** The bytes of a request. */
export function wire({ method, target, headers, body }: PlainRequest): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`, 'latin1');
}

function sample(schema: Schema | undefined, prng: Prng, name = ''): unknown {
  if (schema === undefined) return undefined;
  const good = GOOD_VALUES[name];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(schema.enum, prng);
  const isMeant = schema.type !== 'integer' || typeof good?.[0] === 'number';
  if (good !== undefined && isMeant) return pick(good, prng);
  if (schema.anyOf !== undefined) return sample(pick(schema.anyOf, prng), prng, name);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'object': {
      const value: Record<string, unknown> = {};
      for (const [key, property] of Object.entries(schema.properties ?? {})) {
        const needed = schema.required?.includes(key) === true;
        if (needed || prng.chance(1 / 3)) value[key] = sample(property, prng, key);
      }
      return value;
    }
    case 'array':
      return [sample(schema.items, prng, name)];
    case 'integer':
      return prng.integer(schema.minimum ?? 0, Math.min(100, schema.maximum ?? 100));
    case 'number':
      return prng.integer(0, 4000) / 4;
    case 'boolean':
      return prng.chance(0.5);
    case 'null':
      return null;
    default:
      return schema.pattern?.includes('[0-9]') === true
        ? String(prng.integer(1, 50))
        : `t${prng.integer(0, 999)}`;
  }
}

export function pick<T>(values: readonly T[], prng: Prng): T {
  return values[prng.integer(0, values.length - 1)];
}
