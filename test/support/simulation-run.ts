import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import * as R from '../../src/codec/records.ts';
import { loadMarkets } from '../../src/config/markets.ts';
import type { Market } from '../../src/domain/markets.ts';
import { SIDE_BUY, SIDE_SELL } from '../../src/domain/orders.ts';
import { Prng } from '../../src/lib/prng.ts';
import { frameMarketId, frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, RingReader } from '../../src/rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL, READER_SESSION } from '../../src/rings/roles.ts';
import { SimulatorThread } from '../../src/simulation/simulator-thread.ts';
import type { RecoveredMarket, SimulatorPortfolios } from '../../src/simulation/worker-data.ts';
import { NaiveVenue } from './naive-venue.ts';

export const SESSION_ID = 7;
const READERS = 3;
/** Sampling begins when every book must be there. */
const SETTLED_MS = 2_000;

export const PORTFOLIOS: SimulatorPortfolios = {
  marketMakers: [101, 102],
  noise: [111, 112, 113],
  momentum: [121],
  value: [131],
  arbitrage: [141],
};

/** The default markets, from the configuration that ships. */
export function defaultMarkets(): readonly Market[] {
  return loadMarkets(fileURLToPath(new URL('../../../config/markets.json', import.meta.url))).all;
}

export interface TakerOrder {
  readonly side: number;
  lots: number;
  /** Milliseconds since the start. */
  readonly atMs: number;
}

/** What was seen of one market, one entry a sample of the second. */
export interface MarketSamples {
  readonly market: Market;
  readonly mids: number[];
  readonly spreads: number[];
  readonly levels: [number, number][];
  readonly orders: number[];
  /** Samples at which a side was empty. */
  oneSided: number;
  crossed: number;
  /** Aggressive orders, fills of one order added up. */
  readonly takers: TakerOrder[];
}

export interface RunOptions {
  readonly seed: number;
  readonly ordersPerSecond?: number;
  readonly markets?: readonly Market[];
  readonly recovered?: readonly RecoveredMarket[];
  readonly requestBytes?: number;
}

/** The simulator's thread and a naive venue on one thread, in virtual time. */
export class SimulationRun {
  readonly venue: NaiveVenue;
  readonly thread: SimulatorThread;
  readonly samples = new Map<number, MarketSamples>();
  readonly markets: readonly Market[];
  nowMs = 0;
  ticksWithCommands = 0;
  /** Digest of every command's bytes, in order. */
  readonly digest = createHash('sha256');
  private readonly reader: RingReader;
  private readonly prng: Prng;
  private lastTakerOrderId = 0;

  constructor(options: RunOptions) {
    this.markets = options.markets ?? defaultMarkets();
    this.venue = new NaiveVenue(READERS, options.requestBytes);
    this.reader = new RingReader(this.venue.eventRing, READER_GATEWAY, READER_JOURNAL);
    this.prng = new Prng(options.seed ^ 0x5eed);
    this.thread = new SimulatorThread({
      wiring: {
        sessionId: SESSION_ID,
        requestRing: this.venue.requestRing.buffer,
        reader: READER_SESSION,
        eventRings: [this.venue.eventRing.buffer],
        eventRingReaders: READERS,
        gatewayBell: new SharedArrayBuffer(128),
        sessionBell: new SharedArrayBuffer(128),
        control: new SharedArrayBuffer(128),
      },
      markets: this.markets,
      seed: options.seed,
      ordersPerSecond: options.ordersPerSecond ?? 120,
      portfolioIds: PORTFOLIOS,
      recovered: options.recovered ?? [],
    });
    for (const market of this.markets) {
      const series = { mids: [], spreads: [], levels: [], orders: [], takers: [] };
      this.samples.set(market.id, { market, ...series, oneSided: 0, crossed: 0 });
    }
  }

  /** Runs for a time and samples every second. */
  run(seconds: number): void {
    const endMs = this.nowMs + seconds * 1000;
    let sampleMs = Math.max(SETTLED_MS, Math.ceil(this.nowMs / 1000) * 1000);
    while (this.nowMs < endMs) {
      this.tick(25 + this.prng.integer(0, 25));
      if (this.nowMs < sampleMs) continue;
      sampleMs += 1000;
      for (const samples of this.samples.values()) this.sample(samples);
    }
  }

  /** One tick of the thread, and the venue's answer to it. */
  tick(elapsedMs: number): void {
    this.nowMs += elapsedMs;
    this.thread.poll();
    this.thread.act(elapsedMs);
    if (this.venue.pump() > 0) this.ticksWithCommands += 1;
    this.observe();
  }

  /** The venue's books in the form in which the simulator gets them after a restart. */
  recovered(): RecoveredMarket[] {
    return this.markets.map((market) => {
      const { book, seq, lastTradeTicks } = this.venue.market(market.id);
      const levels = (side: number): [number, number, number][] =>
        book
          .levels(side)
          .map((level) => [level.priceTicks, ...book.levelTotals(side, level.priceTicks)]);
      return {
        marketId: market.id,
        seq,
        lastPriceTicks: lastTradeTicks,
        orders: [...book.orders.values()].map((order) => ({ ...order })),
        bids: levels(SIDE_BUY),
        asks: levels(SIDE_SELL),
      };
    });
  }

  private sample(samples: MarketSamples): void {
    const { book } = this.venue.market(samples.market.id);
    const [bid, ask] = [book.best(SIDE_BUY), book.best(SIDE_SELL)];
    samples.orders.push(book.orders.size);
    samples.levels.push([book.levels(SIDE_BUY).length, book.levels(SIDE_SELL).length]);
    if (bid === 0 || ask === 0) {
      samples.oneSided += 1;
      samples.mids.push(samples.mids.at(-1) ?? Number.NaN);
      return;
    }
    if (bid >= ask) samples.crossed += 1;
    samples.mids.push((bid + ask) / 2);
    samples.spreads.push(ask - bid);
  }

  private observe(): void {
    const { i32, f64, u8 } = this.venue.eventRing;
    for (;;) {
      const at = this.reader.next();
      if (at === RING_EMPTY) break;
      const word = i32[(at + 4) >>> 2];
      const type = frameType(word);
      if (type < R.FIRST_EVENT_TYPE) {
        this.digest.update(u8.subarray(at, at + i32[at >>> 2]));
      } else if (type === R.TRADE_EXECUTED) {
        const { takers } = this.samples.get(frameMarketId(word))!;
        const takerOrderId = f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3];
        const lots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
        if (takerOrderId === this.lastTakerOrderId) takers.at(-1)!.lots += lots;
        else takers.push({ side: u8[at + R.TRADE_TAKER_SIDE], lots, atMs: this.nowMs });
        this.lastTakerOrderId = takerOrderId;
      }
    }
    this.reader.release();
  }
}
