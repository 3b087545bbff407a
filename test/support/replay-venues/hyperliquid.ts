import {
  type HttpAnswer,
  type HttpQuestion,
  json,
  ReplayServer,
  type VenueProtocol,
} from './server.ts';

/** Hyperliquid: everything is `POST /info`, and every push of a book is the whole of it. */
export class ReplayHyperliquid implements VenueProtocol {
  server!: ReplayServer;
  readonly coins: readonly string[];
  /** Bodies by the `type` of the question. */
  readonly replies = new Map<string, string>();
  readonly delisted = new Set<string>();

  static async open(coins: readonly string[]): Promise<ReplayHyperliquid> {
    const venue = new ReplayHyperliquid(coins);
    venue.server = await ReplayServer.open(venue);
    return venue;
  }

  private constructor(coins: readonly string[]) {
    this.coins = coins;
  }

  answer({ path, body }: HttpQuestion): HttpAnswer {
    if (path !== '/info') return { status: 404, body: '' };
    const { type } = JSON.parse(body) as { type: string };
    const reply = this.replies.get(type);
    if (reply !== undefined) return json(reply);
    if (type === 'metaAndAssetCtxs') return json([this.meta(), this.coins.map(() => CONTEXT)]);
    if (type === 'meta') return json(this.meta());
    if (type === 'spotMeta') return json({ tokens: [], universe: [] });
    if (type === 'perpDexs') return json([null]);
    return { status: 422, body: 'Failed to deserialize the JSON body into the target type' };
  }

  message(text: string, connection: Parameters<VenueProtocol['message']>[1]): void {
    const { method, subscription } = JSON.parse(text) as {
      method: string;
      subscription?: { type: string; coin?: string; interval?: string };
    };
    if (method === 'ping') {
      connection.send('{"channel":"pong"}');
      return;
    }
    const { type = '', coin = '', interval } = subscription ?? {};
    if (this.delisted.has(coin) || !this.coins.includes(coin)) {
      const data = `Invalid subscription ${JSON.stringify(subscription)}`;
      connection.send(JSON.stringify({ channel: 'error', data }));
      return;
    }
    const channel = [type, coin, interval].filter(Boolean).join(' ');
    if (method === 'subscribe') connection.channels.add(channel);
    else connection.channels.delete(channel);
    const data = { method, subscription };
    connection.send(JSON.stringify({ channel: 'subscriptionResponse', data }));
  }

  /** @param channel `l2Book BTC`, `trades BTC`, `candle BTC 1m` */
  play(channel: string, frame: object): number {
    return this.server.publish(channel, JSON.stringify(frame));
  }

  private meta(): unknown {
    return {
      universe: this.coins.map((name) => ({
        name,
        szDecimals: 5,
        maxLeverage: 40,
        isDelisted: this.delisted.has(name),
      })),
    };
  }
}

const CONTEXT = {
  funding: '0.0000125',
  openInterest: '27353.17682',
  prevDayPx: '76317.0',
  dayNtlVlm: '1516669192.1953897476',
  premium: '-0.0005927453',
  oraclePx: '77605.0',
  markPx: '77562.0',
  midPx: '77558.5',
  dayBaseVlm: '19707.77457',
};
