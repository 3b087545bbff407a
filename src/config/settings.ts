import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { type AnalyticsSettings, readAnalyticsSettings } from './analytics-settings.ts';
import { type ExchangeSettings, readExchangeSettings } from './exchange-settings.ts';
import { type MakerSettings, readMakerSettings } from './maker-settings.ts';
import { readSecuritySettings, type SecuritySettings } from './security-settings.ts';
import { SettingError } from './setting-error.ts';

export { SettingError } from './setting-error.ts';

/** Everything a user can set, read from the environment once at start and checked. */
export interface Settings
  extends SecuritySettings,
    MakerSettings,
    ExchangeSettings,
    AnalyticsSettings {
  readonly host: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** `undefined`: the markets that come with Openbell. */
  readonly marketsFile: string | undefined;
  readonly adminUsername: string;
  /** `undefined`: a random one is made on first start and printed once. */
  readonly adminPassword: string | undefined;
  /** Access tokens are signed with it. */
  readonly tokenAlgorithm: 'HS256' | 'RS256' | 'ES256';
  /** `closed`: only administrators make users. */
  readonly registration: 'open' | 'closed';
  readonly durability: 'commit' | 'async';
  readonly rateLimits: 'on' | 'off';
  readonly environment: string;
  /** Market workers at most; markets share them when there are more markets. */
  readonly marketThreads: number;
  /** Threads for what takes long: risk, forecasts, tests of strategies. */
  readonly jobThreads: number;
  /** What portfolios are compared with: `exchange:symbol`, or `exchange:*` for all of an exchange. */
  readonly riskBenchmark: { readonly name: string; readonly isGiven: boolean };
  /** What money earns without risk, a fraction a year. */
  readonly riskFreeRate: number;
  /** Turns a market worker looks for work before it sleeps. */
  readonly marketSpins: number;
  /** Commands per second of the simulated traders over all markets; 0 switches them off. */
  readonly simulationOrdersPerSecond: number;
  readonly simulationSeed: number;
  /** Whether simulated markets get a generated past on their first start. */
  readonly simulationHistory: 'on' | 'off';
  /** What a new cash portfolio starts with: decimal text by asset name. */
  readonly openingBalances: ReadonlyMap<string, string>;
  /** The user named the opening balances: an asset that no market trades is then a mistake. */
  readonly openingBalancesGiven: boolean;
  /** What a user's margin portfolio starts with: decimal text by asset name. */
  readonly openingCollateral: ReadonlyMap<string, string>;
  /** What the insurance fund starts with, likewise. */
  readonly insuranceFund: ReadonlyMap<string, string>;
  /** A snapshot is taken after so many bytes of journal frames … */
  readonly snapshotIntervalBytes: number;
  /** … or after so much time in which anything was committed. */
  readonly snapshotIntervalSeconds: number;
  /** Snapshots kept; batches before the oldest of them go. Infinite: all. */
  readonly retainSnapshots: number;
  /** Order ids, newest first, whose closed orders of simulated traders are kept. Infinite: all. */
  readonly retainSimulatedOrders: number;
  /** Trades of each market, newest first, that are kept without a user. Infinite: all. */
  readonly retainSimulatedTradesPerMarket: number;
  /** Below so much free space no order is accepted, mebibytes; 0 switches the watch off. */
  readonly diskMinFreeMib: number;
  /** How long a server whose thread failed stays to tell of it. */
  readonly failureExitSeconds: number;
  /** Client order ids remembered for recognising repeated requests, the newest first. */
  readonly clientOrderIds: number;
  /** Who asks CoinMarketCap, and where that is. `apiKey` `undefined`: nobody does. */
  readonly coinMarketCap: { readonly apiKey: string | undefined; readonly url: string };
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

const DEFAULT_OPENING_BALANCES = 'USD=1000000,USDT=1000000,USDC=1000000';
const COINMARKETCAP_URL = 'https://pro-api.coinmarketcap.com';
const DEFAULT_COLLATERAL = 'USD=100000,USDT=100000,USDC=100000';

const DEFAULT_BENCHMARK = 'NASDAQ:*';

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `SettingError` that names the variable, what it holds and what it may hold. */
export function readSettings(env: Environment): Settings {
  return {
    host: env.OPENBELL_HOST || '127.0.0.1',
    port: integer(env, 'OPENBELL_PORT', 8000, 0, 65_535),
    dataDirectory: resolve(env.OPENBELL_DATA_DIR || './data'),
    marketsFile: env.OPENBELL_MARKETS_FILE ? resolve(env.OPENBELL_MARKETS_FILE) : undefined,
    adminUsername: env.OPENBELL_ADMIN_USERNAME || 'admin',
    adminPassword: env.OPENBELL_ADMIN_PASSWORD || undefined,
    tokenAlgorithm: oneOf(env, 'OPENBELL_TOKEN_ALGORITHM', ['HS256', 'RS256', 'ES256'], 'HS256'),
    registration: oneOf(env, 'OPENBELL_REGISTRATION', ['open', 'closed'], 'open'),
    durability: oneOf(env, 'OPENBELL_DURABILITY', ['commit', 'async'], 'commit'),
    rateLimits: oneOf(env, 'OPENBELL_RATE_LIMITS', ['on', 'off'], 'on'),
    ...readSecuritySettings(env),
    ...readMakerSettings(env),
    ...readExchangeSettings(env),
    ...readAnalyticsSettings(env),
    environment: env.OPENBELL_ENVIRONMENT || 'development',
    coinMarketCap: {
      apiKey: env.COINMARKETCAP_API_KEY || undefined,
      url: (env.OPENBELL_COINMARKETCAP_URL || COINMARKETCAP_URL).replace(/\/+$/, ''),
    },
    marketThreads: integer(
      env,
      'OPENBELL_MARKET_THREADS',
      Math.max(1, Math.min(16, availableParallelism() - 1)),
      1,
      64,
    ),
    jobThreads: integer(env, 'OPENBELL_JOB_THREADS', 2, 1, 8),
    riskBenchmark: {
      name: env.OPENBELL_RISK_BENCHMARK || DEFAULT_BENCHMARK,
      isGiven: (env.OPENBELL_RISK_BENCHMARK ?? '') !== '',
    },
    riskFreeRate: fraction(env, 'OPENBELL_RISK_FREE_RATE', 0, -0.2, 1),
    marketSpins: integer(env, 'OPENBELL_MARKET_SPINS', 20, 0, 1_000_000),
    simulationOrdersPerSecond: integer(
      env,
      'OPENBELL_SIMULATION_ORDERS_PER_SECOND',
      120,
      0,
      100_000,
    ),
    simulationSeed: integer(env, 'OPENBELL_SIMULATION_SEED', 20_261_121, 0, 2 ** 31 - 1),
    simulationHistory: oneOf(env, 'OPENBELL_SIMULATION_HISTORY', ['on', 'off'], 'on'),
    openingBalancesGiven: (env.OPENBELL_OPENING_BALANCES ?? '') !== '',
    openingBalances: balances(env, 'OPENBELL_OPENING_BALANCES', DEFAULT_OPENING_BALANCES),
    openingCollateral: balances(env, 'OPENBELL_OPENING_COLLATERAL', DEFAULT_COLLATERAL),
    insuranceFund: balances(env, 'OPENBELL_INSURANCE_FUND', DEFAULT_OPENING_BALANCES),
    ...readRetention(env),
    failureExitSeconds: integer(env, 'OPENBELL_FAILURE_EXIT_SECONDS', 5, 0, 3600),
    clientOrderIds: integer(env, 'OPENBELL_CLIENT_ORDER_IDS', 4_194_304, 1, 2 ** 28),
    logLevel: oneOf(
      env,
      'OPENBELL_LOG_LEVEL',
      ['debug', 'info', 'warn', 'error', 'silent'],
      'info',
    ),
  };
}

/** What is kept of the past, and where there is room for it. */
function readRetention(env: Environment) {
  return {
    snapshotIntervalBytes:
      1024 * integer(env, 'OPENBELL_SNAPSHOT_INTERVAL_KIB', 262_144, 16, 2 ** 31 - 1),
    snapshotIntervalSeconds: integer(
      env,
      'OPENBELL_SNAPSHOT_INTERVAL_SECONDS',
      3600,
      1,
      31_536_000,
    ),
    retainSnapshots: countOrAll(env, 'OPENBELL_RETAIN_SNAPSHOTS', 2, 1),
    retainSimulatedOrders: countOrAll(env, 'OPENBELL_RETAIN_SIMULATED_ORDERS', 1_000_000, 0),
    retainSimulatedTradesPerMarket: countOrAll(
      env,
      'OPENBELL_RETAIN_SIMULATED_TRADES_PER_MARKET',
      100_000,
      0,
    ),
    diskMinFreeMib: integer(env, 'OPENBELL_DISK_MIN_FREE_MIB', 512, 0, 2 ** 30),
  };
}

/** Variables that others read: the journal's failpoints, tests' data. */
const READ_ELSEWHERE = ['OPENBELL_FAILPOINT', 'OPENBELL_MARKET_DATA', 'OPENBELL_CONTRACTS'];

/** Names that look like settings and are none: most likely misspelt. */
export function unknownSettings(env: Environment): string[] {
  const asked = new Set<string | symbol>(READ_ELSEWHERE);
  readSettings(
    new Proxy({} as Environment, {
      get: (_target, name) => {
        asked.add(name);
        return undefined;
      },
    }),
  );
  return Object.keys(env).filter((name) => name.startsWith('OPENBELL_') && !asked.has(name));
}

function integer(
  env: Environment,
  name: string,
  fallback: number,
  low: number,
  high: number,
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new SettingError(`${name} is "${text}"; it must be a whole number, ${low} to ${high}`);
  }
  return value;
}

function fraction(
  env: Environment,
  name: string,
  fallback: number,
  low: number,
  high: number,
): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!/^-?\d+(\.\d+)?$/.test(text) || value < low || value > high) {
    throw new SettingError(`${name} is "${text}"; it must be a fraction, ${low} to ${high}`);
  }
  return value;
}

/** `all` is infinite. */
function countOrAll(env: Environment, name: string, fallback: number, low: number): number {
  if (env[name] === 'all') return Number.POSITIVE_INFINITY;
  try {
    return integer(env, name, fallback, low, Number.MAX_SAFE_INTEGER);
  } catch (error) {
    throw new SettingError(`${(error as Error).message}, or "all"`);
  }
}

function oneOf<const T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const found = allowed.find((value) => value === text);
  if (found === undefined) {
    throw new SettingError(`${name} is "${text}"; it must be one of ${allowed.join(', ')}`);
  }
  return found;
}

function balances(env: Environment, name: string, fallback: string): ReadonlyMap<string, string> {
  const amounts = new Map<string, string>();
  const text = env[name] || fallback;
  for (const part of text.split(',').filter((piece) => piece.trim() !== '')) {
    const match = /^\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part);
    if (match === null) {
      throw new SettingError(`${name} has "${part}"; it must be like USD=1000000,BTC=2.5`);
    }
    amounts.set(match[1], match[2]);
  }
  return amounts;
}
