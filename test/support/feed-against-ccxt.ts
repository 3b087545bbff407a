import assert from 'node:assert/strict';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { BookSide } from '../../src/feeds/book-side.ts';
import { decimalToNumber } from '../../src/feeds/decimal.ts';
import type { Grid } from '../../src/feeds/grid.ts';
import type {
  CandleRecord,
  FeedRecord,
  TradeRecord,
  VenueName,
} from '../../src/feeds/normalised.ts';
import { openVenue, systemTimers } from '../../src/feeds/open-venue.ts';
import type { FeedChannel, Subscription } from '../../src/feeds/venue-adapter.ts';
import type { CcxtExchange } from './ccxt.ts';
import { until } from './feed-scene.ts';
import type { ReplayServer } from './replay-venues/server.ts';

interface PeerScene {
  readonly venue: VenueName;
  readonly server: ReplayServer;
  /** The exchange's symbol and CCXT's. */
  readonly symbol: string;
  readonly theirs: string;
  readonly grid: Grid;
  readonly ccxt: CcxtExchange;
  readonly channels: readonly FeedChannel[];
  /** Depth that CCXT is to subscribe to, where it can be chosen. */
  readonly depth?: number;
  /** Plays the recording, one frame per call. @returns false at the end */
  readonly step: () => boolean;
}

export interface Heard {
  readonly records: readonly FeedRecord[];
  readonly candles: readonly CandleRecord[];
  readonly trades: readonly TradeRecord[];
}

/** Plays a recording to our connector and to CCXT at once, and compares books and trades. */
export async function compareStreams(scene: PeerScene): Promise<Heard> {
  const { venue, server, symbol, theirs, grid, ccxt, channels, depth, step } = scene;
  const records: FeedRecord[] = [];
  const connector = openVenue({
    venue,
    endpoints: server.endpoints,
    grids: new Map([[symbol, grid]]),
    subscriptions: channels.map(
      (channel): Subscription =>
        channel === 'candles' ? { channel, symbol, interval: '1m' } : { channel, symbol },
    ),
    sink: { record: (record) => records.push(record) },
    timers: systemTimers,
    random: () => 0.5,
  });
  const watched = [
    ccxt.watchOrderBook(theirs, depth),
    ccxt.watchTrades(theirs),
    ...(channels.includes('candles') ? [ccxt.watchOHLCV(theirs, '1m')] : []),
  ];
  for (const each of watched) each.catch(() => undefined);
  try {
    const subscribed = () =>
      [...server.connections].reduce((sum, { channels: each }) => sum + each.size, 0);
    await until('CCXT to subscribe', () => subscribed() >= watched.length);
    const before = subscribed();
    connector.start();
    await until('us to subscribe', () => subscribed() >= before + channels.length);
    // CCXT takes its snapshot a while after it has subscribed; until then a little goes on.
    const hasBooks = () =>
      (ccxt.orderbooks[theirs]?.bids.length ?? 0) > 0 &&
      records.some(({ kind }) => kind === 'book');
    for (let tries = 0; !hasBooks() && tries < 500 && step(); tries += 1) await sleep(10);
    for (let count = 0; step(); count += 1) if (count % 10 === 0) await turn();
    await quiet(records);
    await until('the same last trade', () => same(records, ccxt, theirs));
  } finally {
    connector.stop();
  }
  assertSameBook(records, symbol, grid, ccxt.orderbooks[theirs]);
  return {
    records,
    candles: records.filter((each) => each.kind === 'candle'),
    trades: records.filter((each) => each.kind === 'trade'),
  };
}

/** Waits until nothing more comes. */
async function quiet(records: readonly FeedRecord[]): Promise<void> {
  for (let count = -1; count !== records.length; ) {
    count = records.length;
    await sleep(150);
  }
}

function same(records: readonly FeedRecord[], ccxt: CcxtExchange, theirs: string): boolean {
  const last = records.filter((each) => each.kind === 'trade').at(-1);
  return last !== undefined && last.tradeId === ccxt.trades[theirs]?.at(-1)?.id;
}

function assertSameBook(
  records: readonly FeedRecord[],
  symbol: string,
  grid: Grid,
  theirs: CcxtExchange['orderbooks'][string],
): void {
  assert.ok(theirs !== undefined);
  const bids = new BookSide('bid');
  const asks = new BookSide('ask');
  for (const record of records) {
    if (record.kind !== 'book' || record.symbol !== symbol) continue;
    if (record.isReset) {
      bids.clear();
      asks.clear();
    }
    for (const [side, levels] of [
      [bids, record.bids],
      [asks, record.asks],
    ] as const) {
      for (let i = 0; i < levels.length; i += 2) side.set(levels[i], levels[i + 1]);
    }
  }
  for (const [side, list] of [
    [bids, theirs.bids],
    [asks, theirs.asks],
  ] as const) {
    // Of levels outside the snapshot the two may know different ones.
    const depth = Math.min(200, list.length);
    assert.ok(depth >= 20);
    assert.deepEqual(
      inNumbers(side.levels(depth), grid),
      Array.from(list.slice(0, depth), ([price, qty]) => [price, qty]),
    );
  }
}

function inNumbers(flat: readonly number[], grid: Grid): number[][] {
  const list: number[][] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const price = (flat[i] * grid.tickUnits) / 10 ** grid.priceDecimals;
    list.push([price, (flat[i + 1] * grid.lotUnits) / 10 ** grid.qtyDecimals]);
  }
  return list;
}

/** @returns how many trades were equal; CCXT keeps the newest 1 000 */
export function assertSameTrades(
  trades: readonly TradeRecord[],
  grid: Grid,
  theirs: readonly { id: string; side: string; price: number; amount: number; timestamp: number }[],
): number {
  const byId = new Map(theirs.map((each) => [each.id, each]));
  let equal = 0;
  for (const { tradeId, side, priceTicks, qtyLots, venueTimeMs } of trades) {
    const other = byId.get(tradeId);
    if (other === undefined) continue;
    const [[price, amount]] = inNumbers([priceTicks, qtyLots], grid);
    const { timestamp } = other;
    assert.deepEqual(
      { side, price, amount, timestamp: venueTimeMs },
      { side: other.side, price: other.price, amount: other.amount, timestamp },
    );
    equal += 1;
  }
  return equal;
}

/** `[time, open, high, low, close, volume]`, CCXT's form of a candle. */
export function candleInNumbers(candle: CandleRecord): number[] {
  const { openTimeMs, open, high, low, close, volume } = candle;
  return [openTimeMs, ...[open, high, low, close, volume].map(decimalToNumber)];
}

/** A grid of so many decimals. */
export function plainGrid(priceDecimals: number, qtyDecimals: number): Grid {
  return { tickUnits: 1, priceDecimals, lotUnits: 1, qtyDecimals };
}
