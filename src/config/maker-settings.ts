import type { ControlScope } from '../domain/operations-events.ts';
import { SettingError } from './setting-error.ts';

/** What an operator sets about the market-making account and about operations. */
export interface MakerSettings {
  /** Whether a fresh simulated venue starts with a market maker of its administrator’s. */
  readonly marketMaker: boolean;
  /** Whom pauses and emergency stops concern until an administrator chooses another scope. */
  readonly tradingControls: ControlScope;
  /** Whether webhooks may lead to addresses that are not public. */
  readonly webhookPrivateAddresses: boolean;
  /** Pause before the second attempt of a webhook; each further one is twice as long. */
  readonly webhookRetryMs: number;
  /** `host:port` of peers whose distance in time health tells. */
  readonly networkPeers: readonly { readonly host: string; readonly port: number }[];
  /** Base URLs of nodes of the Sei chain whose `/status` health asks. */
  readonly seiRpcUrls: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readMakerSettings(env: Environment): MakerSettings {
  return {
    marketMaker: choice(env, 'OPENBELL_MARKET_MAKER', ['on', 'off'], 'on') === 'on',
    tradingControls: choice(env, 'OPENBELL_TRADING_CONTROLS', ['account', 'venue'], 'account'),
    webhookPrivateAddresses:
      choice(env, 'OPENBELL_WEBHOOK_PRIVATE_ADDRESSES', ['on', 'off'], 'off') === 'on',
    webhookRetryMs: milliseconds(env, 'OPENBELL_WEBHOOK_RETRY_MS', 1_000),
    networkPeers: peers(env, 'OPENBELL_NETWORK_PEERS'),
    seiRpcUrls: urls(env, 'OPENBELL_SEI_RPC_URLS'),
  };
}

function choice<const T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  fallback: T,
): T {
  const text = env[name] || fallback;
  const found = allowed.find((value) => value === text);
  if (found !== undefined) return found;
  throw new SettingError(`${name} is "${text}"; it must be one of ${allowed.join(', ')}`);
}

function milliseconds(env: Environment, name: string, fallback: number): number {
  const text = env[name] || String(fallback);
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new SettingError(`${name} is "${text}"; it must be a whole number, 1 to 9999999`);
}

function list(env: Environment, name: string): string[] {
  const parts = (env[name] ?? '').split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function peers(env: Environment, name: string): MakerSettings['networkPeers'] {
  return list(env, name).map((entry) => {
    const match = /^(\[[\da-f:.]+\]|[\w.-]+):(\d{1,5})$/i.exec(entry);
    const port = Number(match?.[2]);
    if (match === null || port < 1 || port > 65_535) {
      throw new SettingError(`${name} has "${entry}"; a peer is like exchange.example:443`);
    }
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  });
}

function urls(env: Environment, name: string): string[] {
  return list(env, name).map((entry) => {
    const url = URL.canParse(entry) ? new URL(entry) : undefined;
    if (url !== undefined && /^https?:$/.test(url.protocol)) return entry.replace(/\/+$/, '');
    throw new SettingError(`${name} has "${entry}"; it must be like https://rpc.sei.example`);
  });
}
