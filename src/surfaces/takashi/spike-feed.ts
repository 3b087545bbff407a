import { Builder } from 'flatbuffers';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { TakashiSpike } from '../../codec/generated/openbell/stream/takashi-spike.ts';
import { LongBuilder } from '../../codec/long-builder.ts';
import { CANDLE_INTERVALS, INTERVAL_SECONDS } from '../../domain/candles.ts';
import type { Market } from '../../domain/markets.ts';
import { BAR_FIELDS, BAR_LOTS } from '../../features/bar-rows.ts';
import type { MarginVenue } from '../../gateway/margin/margin-venue.ts';
import { StreamCounters } from '../../gateway/streams/counters.ts';
import type { Publisher } from '../../gateway/streams/endpoint.ts';
import { FormatFanOut } from '../../gateway/streams/format-fan-out.ts';
import type { Venue } from '../../gateway/venue.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { capabilitiesOf, venueSymbol } from './exchanges.ts';
import {
  type BarFacts,
  SPIKE_THRESHOLDS,
  SPIKE_WINDOW,
  type Spike,
  type SpikeTimeframe,
  spikeOf,
} from './spikes.ts';
import type { Feed, Listener } from './stream.ts';
import { isoSeconds } from './times.ts';

/** A bar's last trades may become durable a moment after its end. */
const SETTLE_SECONDS = 2;
/** A sample that is older is of before the process was stopped: no news any more. */
const FRESH_SECONDS = 300;
const TIMEFRAMES = Object.keys(SPIKE_THRESHOLDS) as SpikeTimeframe[];
const MESSAGE_VENUE_TIME_NS = 4;

/** Where histories are read. */
export interface SpikeHistories extends Pick<Venue, 'candleSeries'> {
  readonly margin: Pick<MarginVenue, 'openInterestHistory'>;
}

interface SpikeAlert extends Spike {
  readonly market: Market;
  readonly timeframe: SpikeTimeframe;
  /** When the bar ended. */
  readonly endSeconds: number;
}

/**
 * Looks at every bar that has ended, as soon as the open interest at its end is known, whether that
 * grew out of the ordinary.
 */
export class SpikeFeed implements Feed {
  readonly counters = new StreamCounters();
  private readonly histories: SpikeHistories;
  private readonly fanOut: FormatFanOut<SpikeAlert>;
  /** By market id: the end of the bars looked at last. */
  private readonly seenSeconds: number[] = [];

  constructor(histories: SpikeHistories) {
    this.histories = histories;
    const builder = new Builder(256);
    this.fanOut = new FormatFanOut('takashi/oi-vol', this.counters, {
      json: (alert) => Buffer.from(JSON.stringify(alertJson(alert))),
      flatbuffers: (alert) => writeSpike(builder, alert),
    });
  }

  bind(publisher: Publisher): void {
    this.fanOut.bind(publisher);
  }

  join({ socket, query, format }: Listener): () => void {
    const asked = new Set(String(query.timeframes).split(','));
    const names = [...asked].map((timeframe) => this.fanOut.topic(format, timeframe));
    for (const name of names) socket.subscribe(name);
    return () => {
      for (const name of names) socket.unsubscribe(name);
    };
  }

  publish(view: MarketView): void {
    const { market, derivatives, candles } = view;
    const endSeconds = derivatives.interestPoints.at(-1)?.seconds;
    if (endSeconds === undefined || endSeconds === this.seenSeconds[market.id]) return;
    const ageSeconds = candles.nowSeconds - endSeconds;
    if (ageSeconds < SETTLE_SECONDS) return;
    this.seenSeconds[market.id] = endSeconds;
    if (ageSeconds > FRESH_SECONDS || !capabilitiesOf(market.exchange).oi_hist) return;
    for (const timeframe of TIMEFRAMES) {
      const isEnd = endSeconds % secondsOf(timeframe) === 0;
      if (!isEnd || !this.fanOut.hasListeners(timeframe)) continue;
      const bars = this.barsUntil(market, timeframe, endSeconds);
      const spike = spikeOf(bars, SPIKE_THRESHOLDS[timeframe]);
      if (spike === undefined) continue;
      this.fanOut.publish(timeframe, { ...spike, market, timeframe, endSeconds });
    }
  }

  /**
   * The bars up to one that has ended, oldest first; without it there are none. Left out are bars of
   * generated history and those where the open interest of either end is not known.
   */
  private barsUntil(market: Market, timeframe: SpikeTimeframe, endSeconds: number): BarFacts[] {
    const intervalSeconds = secondsOf(timeframe);
    const fromSeconds = endSeconds - (SPIKE_WINDOW + 1) * intervalSeconds;
    const limit = SPIKE_WINDOW + 2;
    const range = { fromSeconds, toSeconds: endSeconds, limit };
    const points = this.histories.margin.openInterestHistory(market, { ...range, intervalSeconds });
    const interest = new Map(points.map(({ seconds, lots }) => [seconds, lots]));
    const series = this.histories.candleSeries(market, timeframe);
    const rows = series.read({ ...range, toSeconds: endSeconds - 1 });
    const bars: BarFacts[] = [];
    for (let i = 0; i < rows.length; i += 1) {
      const start = rows.secondsAt(i);
      const before = interest.get(start);
      const after = interest.get(start + intervalSeconds);
      // The past of an exchange that is followed was traded, that of a simulated one was generated.
      const isGenerated = market.source !== 'live' && start < series.generatedBefore();
      if (isGenerated || before === undefined || after === undefined) continue;
      const volumeLots = rows.data[i * BAR_FIELDS + BAR_LOTS];
      bars.push({ interestLots: after - before, volumeLots });
    }
    const isLast =
      rows.length > 0 && rows.secondsAt(rows.length - 1) === endSeconds - intervalSeconds;
    return isLast ? bars : [];
  }
}

function secondsOf(timeframe: SpikeTimeframe): number {
  return INTERVAL_SECONDS[CANDLE_INTERVALS.indexOf(timeframe)];
}

function alertJson({ market, timeframe, zOi, zVol, confirmed, endSeconds }: SpikeAlert): object {
  return {
    type: 'oi_spike',
    exchange: market.exchange,
    symbol: venueSymbol(market),
    timeframe,
    z_oi: rounded(zOi),
    z_vol: rounded(zVol),
    confirmed,
    timestamp: isoSeconds(endSeconds),
  };
}

function writeSpike(builder: Builder, alert: SpikeAlert): Uint8Array {
  const { market } = alert;
  builder.clear();
  const symbolAt = builder.createString(venueSymbol(market));
  const exchangeAt = builder.createString(market.exchange);
  TakashiSpike.startTakashiSpike(builder);
  TakashiSpike.addZOi(builder, rounded(alert.zOi));
  TakashiSpike.addZVol(builder, rounded(alert.zVol));
  TakashiSpike.addExchange(builder, exchangeAt);
  TakashiSpike.addSymbol(builder, symbolAt);
  TakashiSpike.addTimeframe(builder, CANDLE_INTERVALS.indexOf(alert.timeframe));
  TakashiSpike.addConfirmed(builder, alert.confirmed);
  const body = TakashiSpike.endTakashiSpike(builder);
  Message.startMessage(builder);
  new LongBuilder(builder).addTime(MESSAGE_VENUE_TIME_NS, alert.endSeconds, 0);
  Message.addBody(builder, body);
  Message.addMarketId(builder, market.id);
  Message.addBodyType(builder, Body.TakashiSpike);
  Message.finishMessageBuffer(builder, Message.endMessage(builder));
  return builder.asUint8Array();
}

/** Four decimals say more than a score of a hundred bars means. */
function rounded(z: number): number {
  return Math.round(z * 10_000) / 10_000;
}
