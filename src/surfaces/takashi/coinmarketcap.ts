import { Refusal } from '../../gateway/http/refusal.ts';
import type { Clock } from '../../lib/clock.ts';
import { RecentMap } from '../../lib/recent-map.ts';

const PATHS = {
  categories: '/v1/cryptocurrency/categories',
  category: '/v1/cryptocurrency/category',
} as const;

const TIMEOUT_MS = 10_000;
/** CoinMarketCap itself renews these figures once a minute. */
const FRESH_MS = 60_000;
const REPLIES_MAX = 64;
const REPLY_CHARACTERS_MAX = 16 * 1024 * 1024;
/** After a failure nothing is asked for so long, seconds. */
const PAUSE_SECONDS = 10;
/** After a 429 likewise, where that does not say how long; and at most, if it does. */
const LIMITED_SECONDS = 60;
const LIMITED_SECONDS_MAX = 3600;

export interface CoinMarketCapOptions {
  /** `undefined`: nothing is asked, everything is refused. */
  readonly apiKey: string | undefined;
  /** Where the API is, without a slash at the end. */
  readonly url: string;
  readonly clock: Pick<Clock, 'nowMs'>;
}

type Reply = Promise<string | Refusal>;

/**
 * Passes the replies of CoinMarketCap through. Equal requests within a minute are one, also such as
 * come together; after a failure it is left alone for a while and clients get 503 at once.
 */
export class CoinMarketCap {
  private readonly options: CoinMarketCapOptions;
  private readonly replies = new RecentMap<{ readonly untilMs: number; readonly reply: Reply }>(
    REPLIES_MAX,
  );
  private pausedUntilMs = 0;

  constructor(options: CoinMarketCapOptions) {
    this.options = options;
  }

  /** The text of a JSON reply as CoinMarketCap gave it, or why there is none. */
  get(what: keyof typeof PATHS, query: Readonly<Record<string, string | number>>): Reply {
    const { apiKey, url, clock } = this.options;
    if (apiKey === undefined) {
      return Promise.resolve(unavailable('COINMARKETCAP_API_KEY is not set on this server'));
    }
    const texts = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) texts.set(name, String(value));
    const path = `${PATHS[what]}?${texts}`;
    const nowMs = clock.nowMs();
    const known = this.replies.get(path);
    if (known !== undefined && nowMs < known.untilMs) return known.reply;
    if (nowMs < this.pausedUntilMs) {
      const seconds = Math.ceil((this.pausedUntilMs - nowMs) / 1000);
      return Promise.resolve(unavailable('CoinMarketCap does not answer', seconds));
    }
    const reply = this.fetch(url + path, apiKey).then((outcome) => {
      if (outcome instanceof Refusal) this.replies.delete(path);
      return outcome;
    });
    this.replies.set(path, { untilMs: nowMs + FRESH_MS, reply });
    return reply;
  }

  private async fetch(url: string, apiKey: string): Reply {
    try {
      const reply = await fetch(url, {
        headers: { 'x-cmc_pro_api_key': apiKey, accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await reply.text();
      if (reply.status === 400 || reply.status === 404) {
        return new Refusal('not_found', 'NOT_FOUND', 'CoinMarketCap knows nothing of that');
      }
      if (reply.status === 429) return this.pause('its limit is reached', waitOf(reply));
      if (!reply.ok) return this.pause(`it answered ${reply.status}`);
      if (text.length > REPLY_CHARACTERS_MAX) return this.pause('its answer is too long');
      JSON.parse(text);
      return text;
    } catch (error) {
      const isTime = error instanceof Error && error.name === 'TimeoutError';
      const isText = error instanceof SyntaxError;
      return this.pause(
        isText ? 'its answer is no JSON' : isTime ? 'it took too long' : 'it cannot be reached',
      );
    }
  }

  private pause(why: string, seconds = PAUSE_SECONDS): Refusal {
    this.pausedUntilMs = this.options.clock.nowMs() + 1000 * seconds;
    return unavailable(`CoinMarketCap does not serve: ${why}`, seconds);
  }
}

function waitOf(reply: Response): number {
  const seconds = Number(reply.headers.get('retry-after') ?? Number.NaN);
  if (!(seconds > 0)) return LIMITED_SECONDS;
  return Math.min(Math.ceil(seconds), LIMITED_SECONDS_MAX);
}

function unavailable(message: string, retryAfterSeconds?: number): Refusal {
  return new Refusal('unavailable', 'EXCHANGE_UNAVAILABLE', message, { retryAfterSeconds });
}
