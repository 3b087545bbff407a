import { CANDLE_INTERVALS } from '../domain/candles.ts';
import type { Market } from '../domain/markets.ts';
import * as BAR from '../features/bar-rows.ts';
import type { CandleRecord, FeedRecord, QuoteRecord, VenueName } from '../feeds/normalised.ts';
import { adapterOf } from '../feeds/open-venue.ts';
import type { VenueDecoder } from '../feeds/venue-adapter.ts';
import { MarketView } from '../projections/market-view.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../rings/ring.ts';
import { rowOfCandle } from './candle-rows.ts';
import { LiveMarket } from './live-market.ts';
import { MinuteSeam } from './minute-seam.ts';
import { OutsideWriter } from './outside-writer.ts';
import type { RawLine } from './raw-lines.ts';

const RING_BYTES = 1 << 22;
/** Bars of minutes that are compared at most: a recording of days tells enough by these. */
const MINUTES_KEPT = 10_000;

/** What came of one symbol of a recording. */
export interface RawSymbolReport {
  readonly symbol: string;
  readonly trades: number;
  readonly books: number;
  readonly resets: number;
  /** How often the book went stale, by reason. */
  readonly stale: Readonly<Record<string, number>>;
  readonly liquidations: number;
  readonly marks: number;
  readonly others: number;
  /** Best bids and asks that the exchange told beside the book, at a moment that the book knows. */
  readonly quotesCompared: number;
  readonly quotesDifferent: number;
  /** Minutes that were seen whole, against those that the exchange told itself. */
  readonly minutesCompared: number;
  readonly minutesDifferent: number;
  readonly bestBid: number;
  readonly bestAsk: number;
}

export interface RawReport {
  readonly frames: number;
  readonly malformed: number;
  readonly refused: number;
  readonly offGrid: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly symbols: readonly RawSymbolReport[];
}

interface Followed {
  readonly market: Market;
  readonly live: LiveMarket;
  readonly view: MarketView;
  readonly counts: Record<
    'trades' | 'books' | 'resets' | 'marks' | 'liquidations' | 'others',
    number
  >;
  readonly stale: Record<string, number>;
  readonly told: Map<number, CandleRecord>;
  quotesCompared: number;
  quotesDifferent: number;
}

/**
 * A recording of raw frames on the way that live frames take: the connector's decoder, the writer of
 * records, the ring, the market's view. What the exchange itself says of its best quotes and of its
 * candles is compared with what that leads to. Reads no clock.
 */
export class RawReplay {
  private readonly decoder: VenueDecoder;
  private readonly ring = Ring.create(RING_BYTES, 1);
  private readonly producer = new RingProducer(this.ring);
  private readonly reader = new RingReader(this.ring, 0);
  private readonly byId: Followed[] = [];
  private readonly bySymbol = new Map<string, Followed>();
  private readonly totals = { frames: 0, malformed: 0, refused: 0, offGrid: 0, fromMs: 0, toMs: 0 };

  /** @param markets by the exchange's symbol, ids from 1 on */
  constructor(venue: VenueName, markets: ReadonlyMap<string, Market>) {
    for (const [symbol, market] of markets) {
      const followed = this.follow(market);
      this.bySymbol.set(symbol, followed);
      this.byId[market.id] = followed;
    }
    this.decoder = adapterOf(venue).decoder(markets, {
      record: (record) => this.record(record),
      resync: () => undefined,
      undescribed: () => undefined,
      refused: () => {
        this.totals.refused += 1;
      },
      offGrid: () => {
        this.totals.offGrid += 1;
      },
    });
  }

  /** Takes the recording's next line. */
  take(line: RawLine): void {
    const { totals } = this;
    totals.fromMs ||= line.receivedMs;
    totals.toMs = line.receivedMs;
    if (line.kind === 'snapshot') this.decoder.snapshot(line.symbol, line.text);
    else if (this.decoder.frame(line.text) === 'malformed') totals.malformed += 1;
    totals.frames += 1;
    this.drain();
  }

  report(): RawReport {
    return {
      ...this.totals,
      symbols: [...this.bySymbol].map(([symbol, followed]) => reportOf(symbol, followed)),
    };
  }

  private follow(market: Market): Followed {
    const writer = new OutsideWriter(this.producer, { marketId: market.id, seq: 0, tradeId: 0 });
    // A recording has no gaps that anyone could fill: all its trades count.
    const seam = new MinuteSeam(
      {
        fetch: () => undefined,
        emit: () => undefined,
        nowMs: () => 0,
        after: () => () => undefined,
      },
      0,
    );
    const view = new MarketView(market);
    view.setSource(true);
    return {
      market,
      live: new LiveMarket(market, writer, seam),
      view,
      counts: { trades: 0, books: 0, resets: 0, marks: 0, liquidations: 0, others: 0 },
      stale: {},
      told: new Map(),
      quotesCompared: 0,
      quotesDifferent: 0,
    };
  }

  private record(record: FeedRecord): void {
    const followed = this.bySymbol.get(record.symbol);
    if (followed === undefined) return;
    count(followed, record);
    followed.live.take(record, Number.POSITIVE_INFINITY);
    this.drain();
    if (record.kind === 'quote') this.compare(followed, record);
    if (record.kind !== 'candle' || record.interval !== '1m' || !record.isClosed) return;
    if (followed.told.size < MINUTES_KEPT) followed.told.set(record.openTimeMs / 1000, record);
  }

  private drain(): void {
    this.producer.publish();
    for (let at = this.reader.next(); at !== RING_EMPTY; at = this.reader.next()) {
      const marketId = this.ring.i32[(at + 4) >>> 2] >>> 16;
      const view = this.byId[marketId]?.view;
      view?.apply(this.ring, at);
      view?.trades.clear();
      view?.depth.changed.clear();
    }
    this.reader.release();
  }

  /** The exchange's own best quote, where it is of exactly the state that the book has. */
  private compare(followed: Followed, quote: QuoteRecord): void {
    const { depth, outside } = followed.view;
    if (outside.isStale || quote.sequence === 0 || outside.bookSequence !== quote.sequence) return;
    followed.quotesCompared += 1;
    const { bids, asks } = depth;
    const same =
      bids.pricesTicks[0] === quote.bidTicks &&
      bids.qtysLots[0] === quote.bidLots &&
      asks.pricesTicks[0] === quote.askTicks &&
      asks.qtysLots[0] === quote.askLots;
    if (!same) followed.quotesDifferent += 1;
  }
}

function count({ counts, stale }: Followed, record: FeedRecord): void {
  switch (record.kind) {
    case 'trade':
      counts.trades += record.fills;
      return;
    case 'book':
      counts.books += 1;
      if (record.isReset) counts.resets += 1;
      return;
    case 'stale':
      stale[record.reason] = (stale[record.reason] ?? 0) + 1;
      return;
    case 'mark':
      counts.marks += 1;
      return;
    case 'liquidation':
      counts.liquidations += 1;
      return;
    default:
      counts.others += 1;
  }
}

function reportOf(symbol: string, followed: Followed): RawSymbolReport {
  const { market, view, counts, stale, quotesCompared, quotesDifferent } = followed;
  const price = (ticks: number): number => (ticks * market.tickUnits) / 10 ** market.priceDecimals;
  return {
    symbol,
    ...counts,
    stale,
    quotesCompared,
    quotesDifferent,
    ...compareMinutes(followed),
    bestBid: price(view.depth.bestBidTicks()),
    bestAsk: price(view.depth.bestAskTicks()),
  };
}

/** All but the first and the last minute, of which the recording may hold a part only. */
function compareMinutes({ market, view, told }: Followed) {
  const minute = CANDLE_INTERVALS.indexOf('1m');
  const rows = view.candles.closedBars[minute];
  let minutesCompared = 0;
  let minutesDifferent = 0;
  for (let i = 1; i < rows.length; i += 1) {
    const candle = told.get(rows.secondsAt(i));
    const expected = candle && rowOfCandle(market, candle);
    if (expected === undefined) continue;
    minutesCompared += 1;
    const own = rows.data.subarray(i * BAR.BAR_FIELDS, i * BAR.BAR_FIELDS + BAR.BAR_TICK_LOTS);
    if (own.some((value, place) => value !== expected[place])) minutesDifferent += 1;
  }
  return { minutesCompared, minutesDifferent };
}
