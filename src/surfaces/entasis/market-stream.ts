import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import type { Refusal } from '../../gateway/http/refusal.ts';
import type { ConnectionLimit } from '../../gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type {
  Negotiation,
  Publisher,
  StreamEndpoint,
  StreamRequest,
  StreamSocket,
} from '../../gateway/streams/endpoint.ts';
import { FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import { SocketDoor } from '../../gateway/streams/socket-door.ts';
import type { AddressList } from '../../lib/address-list.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { ChangedPrices, DepthSide } from '../../projections/depth.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { errorReply } from './errors.ts';
import { MarketSession } from './market-session.ts';
import { SOCKETS } from './sockets.ts';
import { StreamFlatBuffers } from './stream-flatbuffers.ts';
import { StreamMessageWriter } from './stream-messages.ts';

/** Least time between two messages of one topic. */
export const INTERVAL_MS = 50;

/** What a message of channel `market` tells. */
interface PriceNews {
  readonly view: MarketView;
  /** Traded since the last message. */
  readonly volumeLots: number;
}

/** What a message of channel `orderbook` tells. */
type BookNews = Pick<BookTopic, 'view' | 'depth'>;

/** The channel `market` of one market. */
interface PriceTopic extends Paced {
  readonly view: MarketView;
  volumeLots: number;
}

/** The channel `orderbook` of one market at one depth; it is there while someone listens. */
interface BookTopic extends Paced {
  readonly view: MarketView;
  /** Market and depth. */
  readonly id: string;
  readonly depth: number;
  listeners: number;
}

export interface EntasisStreamParts {
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  /** Where clients must come from; empty: from anywhere. */
  readonly allowedAddresses: AddressList;
}

/**
 * `/ws/market`: prices and order books as clients ask for them. A book that several clients follow
 * at one depth is encoded once, one that nobody follows not at all, and a change below the depth
 * asked for is no news.
 */
export class EntasisMarketStream implements StreamEndpoint {
  readonly name = SOCKETS.market.name;
  readonly path = SOCKETS.market.path;
  readonly counters = new StreamCounters();
  readonly markets: MarketRegistry;
  readonly clock: Clock;
  readonly connectionLimit: ConnectionLimit;
  private readonly door: SocketDoor;
  private readonly priceFanOut: FormatFanOut<PriceNews>;
  private readonly bookFanOut: FormatFanOut<BookNews>;
  private readonly prices: (PriceTopic | undefined)[] = [];
  /** By market id, then by depth. */
  private readonly books: Map<number, BookTopic>[] = [];
  private readonly pricePacer: Pacer<PriceTopic>;
  private readonly bookPacer: Pacer<BookTopic>;

  constructor(parts: EntasisStreamParts) {
    const { markets, views, clock, connectionLimit, allowedAddresses } = parts;
    this.markets = markets;
    this.clock = clock;
    this.connectionLimit = connectionLimit;
    this.door = new SocketDoor({ errorReply, clock, connectionLimit, allowedAddresses });
    const json = new StreamMessageWriter(clock);
    const binary = new StreamFlatBuffers(clock);
    this.priceFanOut = new FormatFanOut('entasis/market', this.counters, {
      json: ({ view, volumeLots }) => json.price(view, volumeLots),
      flatbuffers: ({ view, volumeLots }) => binary.price(view, volumeLots),
    });
    this.bookFanOut = new FormatFanOut('entasis/orderbook', this.counters, {
      json: ({ view, depth }) => json.book(view, depth),
      flatbuffers: ({ view, depth }) => binary.book(view, depth),
    });
    for (const view of views.all) {
      const { id } = view.market;
      const lastSentMs = Number.NEGATIVE_INFINITY;
      this.prices[id] = { view, volumeLots: 0, lastSentMs };
      this.books[id] = new Map();
    }
    this.pricePacer = new Pacer(clock, INTERVAL_MS, (topic) => {
      this.priceFanOut.publish(topic.view.market.id, topic);
      topic.volumeLots = 0;
    });
    this.bookPacer = new Pacer(clock, INTERVAL_MS, (topic) => {
      this.bookFanOut.publish(topic.id, topic);
    });
  }

  bind(publisher: Publisher): void {
    this.priceFanOut.bind(publisher);
    this.bookFanOut.bind(publisher);
  }

  negotiate(request: StreamRequest): Negotiation {
    return this.door.negotiate(request);
  }

  errorText(code: string, message: string): string {
    return this.door.errorText(code, message);
  }

  /** An error as this surface tells them, in the language of the client. */
  refusalText(refusal: Refusal, acceptLanguage: string): string {
    return this.door.text(refusal, acceptLanguage);
  }

  open(socket: StreamSocket, request: StreamRequest): MarketSession {
    return new MarketSession(this, socket, request);
  }

  publish(view: MarketView): void {
    this.publishPrice(view);
    if (!view.bookPosition.changed) return;
    for (const book of this.books[view.market.id].values()) {
      if (touches(view, book.depth)) this.bookPacer.changed(book);
    }
  }

  /** Sends what has waited long enough; a timer does the same. */
  flush(): void {
    this.pricePacer.flush();
    this.bookPacer.flush();
  }

  /** Sends the present price, if there is one, and the following ones. @param format FORMAT_… */
  joinPrice(socket: StreamSocket, format: number, market: Market): void {
    const { view } = this.priceTopic(market);
    if (view.ticker.lastPriceTicks !== 0) {
      this.priceFanOut.send(socket, format, { view, volumeLots: 0 });
    }
    socket.subscribe(this.priceFanOut.topic(format, market.id));
    this.counters.subscriptions += 1;
  }

  leavePrice(socket: StreamSocket, format: number, market: Market): void {
    socket.unsubscribe(this.priceFanOut.topic(format, market.id));
    this.counters.subscriptions -= 1;
  }

  /** Sends the present book and the following ones. @param format FORMAT_… */
  joinBook(socket: StreamSocket, format: number, market: Market, depth: number): void {
    const byDepth = this.books[market.id];
    let book = byDepth.get(depth);
    if (book === undefined) {
      const { view } = this.priceTopic(market);
      const id = `${market.id}/${depth}`;
      book = { view, id, depth, listeners: 0, lastSentMs: Number.NEGATIVE_INFINITY };
      byDepth.set(depth, book);
    }
    book.listeners += 1;
    this.counters.subscriptions += 1;
    this.bookFanOut.send(socket, format, book);
    socket.subscribe(this.bookFanOut.topic(format, book.id));
  }

  leaveBook(socket: StreamSocket, format: number, market: Market, depth: number): void {
    const book = this.books[market.id].get(depth);
    assert(book !== undefined, 'a book that is left was joined');
    socket.unsubscribe(this.bookFanOut.topic(format, book.id));
    book.listeners -= 1;
    this.counters.subscriptions -= 1;
    if (book.listeners > 0) return;
    this.bookPacer.forget(book);
    this.bookFanOut.forget(book.id);
    this.books[market.id].delete(depth);
  }

  private publishPrice({ market, trades }: MarketView): void {
    if (trades.length === 0) return;
    const price = this.priceTopic(market);
    if (!this.priceFanOut.hasListeners(market.id)) {
      price.volumeLots = 0;
      this.pricePacer.forget(price);
      return;
    }
    for (let i = 0; i < trades.length; i += 1) price.volumeLots += trades.qtysLots[i];
    this.pricePacer.changed(price);
  }

  private priceTopic(market: Market): PriceTopic {
    const price = this.prices[market.id];
    assert(price !== undefined, 'every market of the registry has a view');
    return price;
  }
}

/** True when a level among the best `depth` of either side has changed since the last publication. */
function touches({ depth: book }: MarketView, depth: number): boolean {
  const { bids, asks } = book.changed;
  return isWithin(bids, book.bids, depth, -1) || isWithin(asks, book.asks, depth, 1);
}

/**
 * The best price that changed decides. A level that has gone lay before what is the last one now,
 * so it counts.
 */
function isWithin(changed: ChangedPrices, side: DepthSide, depth: number, sign: number): boolean {
  if (changed.length === 0) return false;
  if (side.length < depth) return true;
  return (changed.pricesTicks[0] - side.pricesTicks[depth - 1]) * sign <= 0;
}
