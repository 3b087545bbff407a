import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VenueConnector } from '../../src/feeds/connector.ts';
import type { ConnectorNotice, FeedLimits } from '../../src/feeds/connector-types.ts';
import type { Grid } from '../../src/feeds/grid.ts';
import type { FeedRecord, VenueName } from '../../src/feeds/normalised.ts';
import { openVenue, systemTimers } from '../../src/feeds/open-venue.ts';
import type { RestLimits } from '../../src/feeds/rest/client.ts';
import type { Subscription } from '../../src/feeds/venue-adapter.ts';
import { Prng } from '../../src/lib/prng.ts';
import { ReplayBinance } from './replay-venues/binance.ts';
import { ReplayBybit } from './replay-venues/bybit.ts';

/** Hundredths. */
export const CENTS: Grid = { tickUnits: 1, priceDecimals: 2, lotUnits: 1, qtyDecimals: 3 };

/** A thousandth of the patience that a feed has with a real exchange, or a hundredth. */
export const HASTY: FeedLimits = {
  dialTimeoutMs: 400,
  idleMs: 500,
  backoffMs: 10,
  backoffMaxMs: 200,
  steadyMs: 100,
  dialsMax: 8,
  dialWindowMs: 1_500,
  pingMs: 50,
  symbolIdleMs: 700,
  resyncTimeoutMs: 300,
  listingMs: 60_000,
  pollMs: 100,
};

export const HASTY_REST: Partial<RestLimits> = {
  timeoutMs: 300,
  backoffMs: 10,
  backoffMaxMs: 50,
  waitMaxMs: 50,
  breaker: { failuresMax: 5, openMs: 100, openMaxMs: 200 },
};

export interface Followed {
  readonly connector: VenueConnector;
  readonly records: FeedRecord[];
  readonly notices: ConnectorNotice[];
}

export function followVenue(
  venue: VenueName,
  endpoints: { readonly rest: string; readonly socket: string },
  symbols: readonly string[],
  subscriptions: readonly Subscription[],
): Followed {
  const records: FeedRecord[] = [];
  const notices: ConnectorNotice[] = [];
  const prng = new Prng(7);
  const connector = openVenue({
    venue,
    endpoints,
    grids: new Map(symbols.map((symbol) => [symbol, CENTS])),
    subscriptions,
    sink: {
      record: (record) => records.push(record),
      notice: (notice) => notices.push(notice),
    },
    timers: systemTimers,
    random: () => prng.uniform(),
    limits: HASTY,
    restLimits: HASTY_REST,
  });
  return { connector, records, notices };
}

/** Waits for something that has to happen. @returns how long it took, milliseconds */
export async function until(what: string, isSo: () => boolean, withinMs = 4_000): Promise<number> {
  const startMs = performance.now();
  while (!isSo()) {
    assert.ok(performance.now() - startMs < withinMs, `${what}: not within ${withinMs} ms`);
    await sleep(2);
  }
  return performance.now() - startMs;
}

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const EVERY_MS = 5;

/** Two exchanges with living books of two symbols each, and a connector to each of them. */
export class FeedScene {
  readonly binance: ReplayBinance;
  readonly bybit: ReplayBybit;
  readonly followed: Followed;
  readonly other: Followed;
  /** Symbols whose diffs are lost on their way for now: the exchange itself goes on. */
  readonly lost = new Set<string>();
  /** What is sent instead of one diff. */
  rewrite: ((diff: object) => readonly object[]) | undefined;
  private readonly updates = new Map<string, number>();
  private readonly prng = new Prng(11);
  private readonly timer: NodeJS.Timeout;
  private otherUpdate = 0;

  static async open(): Promise<FeedScene> {
    const scene = new FeedScene(await ReplayBinance.open(SYMBOLS), await ReplayBybit.open(SYMBOLS));
    scene.followed.connector.start();
    scene.other.connector.start();
    await scene.fresh();
    await until('the other exchange', () => scene.other.connector.health().staleBooks.length === 0);
    return scene;
  }

  private constructor(binance: ReplayBinance, bybit: ReplayBybit) {
    this.binance = binance;
    this.bybit = bybit;
    for (const symbol of SYMBOLS) {
      this.binance.books.get(symbol)?.reset([['99.00', '1']], [['101.00', '1']], 100);
      this.updates.set(symbol, 100);
      const data = { s: symbol, b: [['99.00', '1']], a: [['101.00', '1']], u: 1, seq: 1 };
      this.bybit.play({ topic: `orderbook.200.${symbol}`, type: 'snapshot', ts: 1, data } as never);
    }
    const books = SYMBOLS.map((symbol): Subscription => ({ channel: 'book', symbol }));
    const trades = SYMBOLS.map((symbol): Subscription => ({ channel: 'trades', symbol }));
    const all = [...books, ...trades];
    this.followed = followVenue('binance', binance.server.endpoints, SYMBOLS, all);
    this.other = followVenue('bybit', bybit.server.endpoints, SYMBOLS, books);
    this.timer = setInterval(() => this.turn(), EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.followed.connector.stop();
    this.other.connector.stop();
    await Promise.all([this.binance.server.close(), this.bybit.server.close()]);
  }

  /** Waits until every book is fresh and data has come after this call. @returns milliseconds */
  async fresh(withinMs?: number): Promise<number> {
    const { connector, records } = this.followed;
    const before = records.length;
    return until(
      'fresh books',
      () => {
        const told = records.slice(before).filter(({ kind }) => kind === 'book');
        const symbols = new Set(told.map(({ symbol }) => symbol));
        return connector.health().staleBooks.length === 0 && symbols.size === SYMBOLS.length;
      },
      withinMs,
    );
  }

  /** What our records say of a book must be what the exchange has, once nothing is under way. */
  async assertEqualBooks(): Promise<void> {
    clearInterval(this.timer);
    await sleep(30);
    for (const symbol of SYMBOLS) {
      const book = this.binance.books.get(symbol);
      if (book === undefined || this.binance.delisted.has(symbol)) continue;
      const ours = { bids: new Map<number, number>(), asks: new Map<number, number>() };
      for (const record of this.followed.records) {
        if (record.kind !== 'book' || record.symbol !== symbol) continue;
        for (const side of ['bids', 'asks'] as const) {
          if (record.isReset) ours[side].clear();
          const levels = record[side];
          for (let i = 0; i < levels.length; i += 2) {
            if (levels[i + 1] === 0) ours[side].delete(levels[i]);
            else ours[side].set(levels[i], levels[i + 1]);
          }
        }
      }
      for (const side of ['bids', 'asks'] as const) {
        const theirs: number[][] = book[side].map(([price, qty]) => [
          cents(price),
          Math.round(Number(qty) * 1000),
        ]);
        const mine = [...ours[side]].sort(([a], [b]) => (side === 'bids' ? b - a : a - b));
        assert.deepEqual(mine, theirs, `${symbol} ${side}`);
      }
    }
  }

  /** The other exchange has never lost its connection nor a book. */
  assertOtherUntouched(): void {
    const { sockets, staleBooks } = this.other.connector.health();
    assert.deepEqual(staleBooks, []);
    assert.deepEqual(
      sockets.map(({ counters }) => [counters.dials, counters.disconnects]),
      [[1, 0]],
    );
    assert.equal(this.other.records.filter(({ kind }) => kind === 'stale').length, 0);
  }

  /** In no window there are more dials than allowed. */
  assertDialsBounded(): void {
    const { dialsMs } = this.binance.server;
    for (const startMs of dialsMs) {
      // The server sees a dial a while after it was made, on a busy machine by as much as this.
      const endMs = startMs + HASTY.dialWindowMs - 250;
      const count = dialsMs.filter((ms) => ms >= startMs && ms < endMs).length;
      assert.ok(count <= HASTY.dialsMax, `${count} dials in ${HASTY.dialWindowMs} ms`);
    }
  }

  private turn(): void {
    for (const symbol of SYMBOLS) {
      const previous = this.updates.get(symbol) ?? 0;
      const last = previous + this.prng.integer(1, 5);
      this.updates.set(symbol, last);
      const diff = {
        e: 'depthUpdate',
        E: last,
        T: last,
        s: symbol,
        U: previous + 1,
        u: last,
        pu: previous,
        b: [this.level(9_000, 9_999)],
        a: [this.level(10_000, 11_000)],
      };
      this.send(symbol, diff);
    }
    this.otherUpdate += 1;
    const u = this.otherUpdate + 1;
    for (const symbol of SYMBOLS) {
      const data = { s: symbol, b: [this.level(9_000, 9_999)], a: [], u, seq: u };
      this.bybit.play({ topic: `orderbook.200.${symbol}`, type: 'delta', ts: u, data } as never);
    }
  }

  private send(symbol: string, diff: object): void {
    const stream = `${symbol.toLowerCase()}@depth@100ms`;
    const { rewrite } = this;
    if (this.binance.delisted.has(symbol)) return;
    if (!this.lost.has(symbol) && rewrite === undefined) {
      this.binance.play(stream, diff);
      return;
    }
    const { s, u, b, a } = diff as {
      s: string;
      u: number;
      b: [string, string][];
      a: [string, string][];
    };
    this.binance.books.get(s)?.change(b, a, u);
    if (this.lost.has(symbol)) return;
    for (const each of rewrite?.(diff) ?? []) {
      this.binance.server.publish(stream, JSON.stringify({ stream, data: each }));
    }
  }

  private level(low: number, high: number): [string, string] {
    const price = (this.prng.integer(low, high) / 100).toFixed(2);
    return [price, this.prng.chance(0.3) ? '0.000' : `${this.prng.integer(1, 9)}.000`];
  }
}

function cents(price: string): number {
  return Math.round(Number(price) * 100);
}
