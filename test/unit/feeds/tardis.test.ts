import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { decimalToNumber } from '../../../src/feeds/decimal.ts';
import type { Grid } from '../../../src/feeds/grid.ts';
import type { FeedRecord, Instrument, VenueName } from '../../../src/feeds/normalised.ts';
import { adapterOf } from '../../../src/feeds/open-venue.ts';
import { FeedCollector } from '../../support/feed-collector.ts';
import { recordingPath, skipWithout } from '../../support/recordings.ts';

/** Messages recorded by tardis.dev, with the records that its own mappers make of them (MPL-2.0). */
const FILE = 'responses/tardis-mappers.json';
const TICK: Grid = { tickUnits: 1, priceDecimals: 8, lotUnits: 1, qtyDecimals: 8 };
const UNIT = 1e8;

interface Case {
  readonly group: string;
  readonly message: Readonly<Record<string, unknown>>;
  readonly expected: readonly Readonly<Record<string, unknown>>[];
}
type File = Record<string, readonly { readonly cases?: readonly Case[] }[]>;

/** A record in tardis' words; what it has no word for is left out. */
function inTheirWords(record: FeedRecord): Record<string, unknown> | undefined {
  const timestamp = isoOf(record);
  const { symbol } = record;
  switch (record.kind) {
    case 'trade': {
      const { tradeId: id, side } = record;
      const price = record.priceTicks / UNIT;
      return { type: 'trade', symbol, id, price, amount: record.qtyLots / UNIT, side, timestamp };
    }
    case 'book':
      return {
        type: 'book_change',
        symbol,
        isSnapshot: record.isReset,
        bids: levels(record.bids),
        asks: levels(record.asks),
        timestamp,
      };
    case 'quote':
      return {
        type: 'book_ticker',
        symbol,
        ...(record.askTicks === 0
          ? {}
          : { askAmount: record.askLots / UNIT, askPrice: record.askTicks / UNIT }),
        ...(record.bidTicks === 0
          ? {}
          : { bidPrice: record.bidTicks / UNIT, bidAmount: record.bidLots / UNIT }),
        timestamp,
      };
    case 'liquidation': {
      const { side } = record;
      const [price, amount] = [decimalToNumber(record.price), decimalToNumber(record.qty)];
      return { type: 'liquidation', symbol, price, amount, side, timestamp };
    }
    case 'mark':
    case 'open_interest':
    case 'ticker':
      return { type: 'derivative_ticker', symbol, ...derivative(record), timestamp };
    default:
      return undefined;
  }
}

function derivative(record: FeedRecord): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  if (record.kind === 'mark') {
    if (record.markPrice) told.markPrice = decimalToNumber(record.markPrice);
    if (record.indexPrice) told.indexPrice = decimalToNumber(record.indexPrice);
    if (record.fundingRate) told.fundingRate = decimalToNumber(record.fundingRate);
    if (record.nextFundingTimeMs) {
      told.fundingTimestamp = new Date(record.nextFundingTimeMs).toISOString();
    }
  }
  if (record.kind === 'open_interest') told.openInterest = decimalToNumber(record.openInterest);
  if (record.kind === 'ticker' && record.last) told.lastPrice = decimalToNumber(record.last);
  return told;
}

function levels(flat: readonly number[]): { price: number; amount: number }[] {
  const list: { price: number; amount: number }[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    list.push({ price: flat[i] / UNIT, amount: flat[i + 1] / UNIT });
  }
  return list;
}

function isoOf(record: FeedRecord): string | undefined {
  if (record.kind === 'stale' || record.kind === 'candle') return undefined;
  if (record.venueTimeMs === 0) return undefined;
  return new Date(record.venueTimeMs).toISOString();
}

/** What is compared: tardis adds its name of the exchange and when it received the message. */
function comparable(expected: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { exchange, localTimestamp, predictedFundingRate, ...rest } = expected;
  return rest;
}

interface Scene {
  readonly venue: VenueName;
  readonly exchange: string;
  /** Which of their messages are of a channel and a version that we follow. */
  readonly isOurs: (message: string) => boolean;
  readonly symbols: readonly string[];
}

const SCENES: readonly Scene[] = [
  {
    venue: 'binance',
    exchange: 'binance-futures',
    isOurs: (text) => !/"aggTrade"|openInterest|depthSnapshot|depthUpdate/.test(text),
    symbols: ['BTCUSDT', 'ETHUSDT', 'BTCBUSD_210129'],
  },
  {
    venue: 'bybit',
    exchange: 'bybit',
    isOurs: (text) =>
      // A delta of another session, without the snapshot that it follows: to us that is none.
      !text.includes('"u":1188472') &&
      (/"topic": ?"(orderbook\.|publicTrade|allLiquidation|tickers)/.test(text) ||
        /"topic": ?"liquidation\..*"(updatedTime|qty": ?")/.test(text) ||
        /updatedTime.*"topic": ?"liquidation/.test(text)),
    symbols: ['BTCUSD', 'LTCUSDT', 'BTCUSDT', 'BTCPERP'],
  },
  {
    venue: 'okx',
    exchange: 'okx-futures',
    isOurs: (text) => text.includes('liquidation-orders'),
    symbols: [],
  },
  {
    venue: 'okx',
    exchange: 'okx-swap',
    isOurs: (text) => /"channel":"trades"/.test(text),
    symbols: ['BTC-USDT-SWAP'],
  },
  {
    venue: 'hyperliquid',
    exchange: 'hyperliquid',
    isOurs: (text) => !/"bbo"|activeSpotAssetCtx/.test(text) || /"coin":"BTC"/.test(text),
    symbols: ['FXS', 'BTC', 'SHIA', 'BANANA', 'MOODENG'],
  },
];

const XRP: Instrument = {
  symbol: 'XRP-USD-230929',
  base: 'XRP',
  quote: 'USD',
  tick: { units: 1, decimals: 5 },
  lot: { units: 1, decimals: 0 },
  // Tardis tells contracts.
  contractSize: { units: 1, decimals: 0 },
  isInverse: false,
  isTrading: true,
};

describe('records expected by tardis.dev', { skip: skipWithout(FILE) }, () => {
  const file = skipWithout(FILE)
    ? { exchanges: {} as File }
    : (JSON.parse(readFileSync(recordingPath(FILE), 'utf8')) as { exchanges: File });
  for (const { venue, exchange, isOurs, symbols } of SCENES) {
    it(`${exchange}: the same of every message of a channel that we follow`, (t) => {
      const collector = new FeedCollector();
      const grids = new Map(symbols.map((symbol) => [symbol, TICK]));
      const decoder = adapterOf(venue).decoder(grids, collector);
      decoder.instruments([XRP]);
      let compared = 0;
      const cases = file.exchanges[exchange].flatMap((test) => test.cases ?? []);
      for (const { message, expected } of cases) {
        const text = JSON.stringify(message);
        if (!isOurs(text)) continue;
        assert.notEqual(decoder.frame(text), 'malformed', text);
        const told = collector
          .drain()
          .map(inTheirWords)
          .filter((each) => each !== undefined);
        compared += compareTo(expected, told, text);
      }
      assert.ok(compared > 0, 'some were compared');
      t.diagnostic(`${compared} records compared, of ${cases.length} messages`);
    });
  }
});

/** @returns how many of the expected records were found among ours */
function compareTo(
  expected: Case['expected'],
  told: readonly Record<string, unknown>[],
  text: string,
): number {
  for (const each of expected) {
    const theirs = comparable(each);
    if (theirs.type !== 'derivative_ticker') {
      const ours = told.find((mine) => mine.type === theirs.type && mine.id === theirs.id);
      assert.ok(ours !== undefined, `none for ${JSON.stringify(theirs)} of ${text}`);
      assert.deepEqual(ours, theirs, text);
      continue;
    }
    // Theirs adds up what different messages told; ours of one message must be part of it.
    const mine = Object.assign({}, ...told.filter(({ type }) => type === 'derivative_ticker'));
    for (const [name, value] of Object.entries(mine)) {
      if (value !== undefined && name !== 'timestamp') assert.deepEqual(theirs[name], value, text);
    }
    assert.ok(Object.keys(mine).length > 2, `nothing for ${JSON.stringify(theirs)} of ${text}`);
  }
  return expected.length;
}
