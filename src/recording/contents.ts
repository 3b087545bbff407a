import { MarketRegistry } from '../config/markets.ts';
import type { AssetClass, Market, MarketSource } from '../domain/markets.ts';
import { parseScaled } from '../lib/fixed-point.ts';
import { KIND_SESSION, KIND_TEXT, type RecordedSession, type RecordingHeader } from './format.ts';
import { NoRecording, parseHeader, type RecordingReader } from './reader.ts';

/** A stream that was acknowledged while recording. */
export interface RecordedStreamName {
  readonly channel: string;
  readonly market: Market;
  readonly interval: string | undefined;
  /** Sequence in the acknowledgement. */
  readonly seq: number;
}

/** What a recording holds, as far as its first session tells. */
export interface Contents {
  readonly header: RecordingHeader;
  readonly session: RecordedSession;
  readonly markets: MarketRegistry;
  readonly streams: readonly RecordedStreamName[];
}

/** Reads up to the first session. Throws `NoRecording` where there is none. */
export async function readContents(reader: RecordingReader): Promise<Contents> {
  let header: RecordingHeader | undefined;
  const acknowledgements: Readonly<Record<string, unknown>>[] = [];
  for await (const frame of reader.frames()) {
    if (header === undefined) header = parseHeader(frame);
    else if (frame.kind === KIND_TEXT) {
      const text = frame.payload.toString();
      if (text.startsWith('{"type":"subscribed"')) acknowledgements.push(JSON.parse(text));
    } else if (frame.kind === KIND_SESSION) {
      const session = JSON.parse(frame.payload.toString()) as RecordedSession;
      const markets = new MarketRegistry(session.markets.map(marketOf), new Map());
      return { header, session, markets, streams: streamsOf(acknowledgements, markets) };
    }
  }
  throw new NoRecording('the recording ends before its subscriptions were acknowledged');
}

function streamsOf(
  acknowledgements: readonly Readonly<Record<string, unknown>>[],
  registry: MarketRegistry,
): RecordedStreamName[] {
  return acknowledgements.flatMap(({ channel, interval, markets }) =>
    ((markets ?? []) as Readonly<Record<string, unknown>>[]).flatMap(({ market_id: id, seq }) => {
      const market = registry.get(Number(id));
      if (market === undefined) return [];
      const named = interval === undefined ? undefined : String(interval);
      return [{ channel: String(channel), market, interval: named, seq: Number(seq) }];
    }),
  );
}

/**
 * A market as far as an acknowledgement describes it: what messages are read and written with. What
 * only matters to who trades there has no meaning in a recording.
 */
function marketOf(wire: Readonly<Record<string, unknown>>): Market {
  const priceDecimals = Number(wire.price_decimals);
  const qtyDecimals = Number(wire.qty_decimals);
  return {
    id: Number(wire.market_id),
    exchange: String(wire.exchange),
    symbol: String(wire.symbol),
    base: { name: String(wire.base), decimals: qtyDecimals },
    quote: { name: String(wire.quote), decimals: priceDecimals },
    assetClass: wire.asset_class as AssetClass,
    source: wire.source as MarketSource,
    tickUnits: Number(wire.tick_units ?? parseScaled(String(wire.tick), priceDecimals)),
    priceDecimals,
    lotUnits: Number(wire.lot_units ?? parseScaled(String(wire.lot), qtyDecimals)),
    qtyDecimals,
    quoteUnitsPerTickLot: 1,
    baseUnitsPerLot: 1,
    minQtyLots: 1,
    maxQtyLots: Number.MAX_SAFE_INTEGER,
    maxPriceTicks: Number.MAX_SAFE_INTEGER,
    makerFeePpm: 0,
    takerFeePpm: 0,
    auctionFeePpm: 0,
    maxNotionalUnits: Number.MAX_SAFE_INTEGER,
    priceBandBps: 0,
    volatilityHaltBps: 0,
    referenceWindowSeconds: 0,
    marketCollarBps: 0,
    margin: null,
    reference: {
      name: String(wire.symbol),
      sector: null,
      sharesOutstanding: null,
      newsNames: [],
      earningsPerShare: null,
      startPrice: null,
      annualVolatility: null,
    },
  };
}
