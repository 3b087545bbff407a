import type { MarketRegistry } from '../../config/markets.ts';
import { CANDLE_INTERVALS, type CandleInterval } from '../../domain/candles.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type { Publisher } from '../../gateway/streams/endpoint.ts';
import { FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import { assert } from '../../lib/assert.ts';
import type { Clock } from '../../lib/clock.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import { CandleFlatBuffers, type CandleSource, CandleWriter } from './candle-messages.ts';
import { findMarket } from './exchanges.ts';
import type { Feed, Listener } from './stream.ts';

/** Least time between two messages about a candle under way. */
export const INTERVAL_MS = 100;

/** The candles of one market and interval; it is there while someone listens. */
interface Topic extends Paced {
  readonly id: string;
  readonly view: MarketView;
  /** Place in `CANDLE_INTERVALS`. */
  readonly interval: number;
  listeners: number;
}

/**
 * Candles as they change, at most once in a while, and every one that has ended, at once: also one
 * in which nothing traded.
 */
export class OhlcFeed implements Feed {
  readonly counters = new StreamCounters();
  private readonly markets: MarketRegistry;
  private readonly views: MarketViews;
  private readonly fanOut: FormatFanOut<CandleSource>;
  private readonly pacer: Pacer<Topic>;
  /** By market id, then by interval. */
  private readonly topics: (Map<number, Topic> | undefined)[] = [];

  constructor(markets: MarketRegistry, views: MarketViews, clock: Clock) {
    this.markets = markets;
    this.views = views;
    const json = new CandleWriter();
    const flatbuffers = new CandleFlatBuffers();
    this.fanOut = new FormatFanOut('takashi/ohlc', this.counters, {
      json: (source) => json.write(source),
      flatbuffers: (source) => flatbuffers.write(source),
    });
    this.pacer = new Pacer(clock, INTERVAL_MS, (topic) => {
      const source = underWay(topic);
      if (source !== undefined) this.fanOut.publish(topic.id, source);
    });
  }

  bind(publisher: Publisher): void {
    this.fanOut.bind(publisher);
  }

  /** Sends the candle under way, if there is one, and the following ones. */
  join({ socket, params, query, format }: Listener): (() => void) | Refusal {
    const market = findMarket(this.markets, params.exchange, params.symbol, 'ohlc');
    if (market instanceof Refusal) return market;
    const view = this.views.get(market.id);
    assert(view !== undefined, 'every market of the registry has a view');
    const interval = CANDLE_INTERVALS.indexOf(query.interval as CandleInterval);
    const topic = this.topicOf(view, interval);
    topic.listeners += 1;
    const source = underWay(topic);
    if (source !== undefined) this.fanOut.send(socket, format, source);
    const name = this.fanOut.topic(format, topic.id);
    socket.subscribe(name);
    return () => {
      socket.unsubscribe(name);
      topic.listeners -= 1;
      if (topic.listeners === 0) this.forget(topic);
    };
  }

  publish(view: MarketView): void {
    const topics = this.topics[view.market.id];
    if (topics === undefined) return;
    const { minuteEnded, candlesPosition } = view;
    for (const topic of topics.values()) {
      const ended = minuteEnded && this.tellEnded(topic);
      if (ended || candlesPosition.changed) this.pacer.changed(topic);
    }
  }

  /** Tells what has waited long enough; a timer does the same. */
  flush(): void {
    this.pacer.flush();
  }

  /** True when there was one. */
  private tellEnded({ id, view, interval }: Topic): boolean {
    const { market, candles } = view;
    const bars = candles.closedSinceTold(interval);
    for (let index = 0; index < bars.length; index += 1) {
      this.fanOut.publish(id, { market, interval, bars, index, isClosed: true });
    }
    return bars.length > 0;
  }

  private topicOf(view: MarketView, interval: number): Topic {
    const { id } = view.market;
    const topics = this.topics[id] ?? new Map<number, Topic>();
    this.topics[id] = topics;
    let topic = topics.get(interval);
    if (topic === undefined) {
      const lastSentMs = Number.NEGATIVE_INFINITY;
      topic = { id: `${id}/${interval}`, view, interval, listeners: 0, lastSentMs };
      topics.set(interval, topic);
    }
    return topic;
  }

  private forget(topic: Topic): void {
    const { id, view, interval } = topic;
    const topics = this.topics[view.market.id];
    topics?.delete(interval);
    if (topics?.size === 0) this.topics[view.market.id] = undefined;
    this.pacer.forget(topic);
    this.fanOut.forget(id);
  }
}

/** The candle under way; none before anything traded. */
function underWay({ view, interval }: Topic): CandleSource | undefined {
  const { market, candles } = view;
  const bars = candles.current(interval);
  if (bars.length === 0) return undefined;
  return { market, interval, bars, index: 0, isClosed: false };
}
