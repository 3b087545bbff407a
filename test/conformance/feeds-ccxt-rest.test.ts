import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Decimal, decimalToNumber } from '../../src/feeds/decimal.ts';
import type { VenueName } from '../../src/feeds/normalised.ts';
import { openRest, systemTimers } from '../../src/feeds/open-venue.ts';
import type { RestResult } from '../../src/feeds/rest/result.ts';
import { type CcxtExchange, type CcxtMarket, openCcxt } from '../support/ccxt.ts';
import { candleInNumbers } from '../support/feed-against-ccxt.ts';
import { skipWithout } from '../support/recordings.ts';
import { ReplayBinance } from '../support/replay-venues/binance.ts';
import { ReplayBybit } from '../support/replay-venues/bybit.ts';
import { ReplayHyperliquid } from '../support/replay-venues/hyperliquid.ts';
import { ReplayOkx } from '../support/replay-venues/okx.ts';
import type { ReplayServer } from '../support/replay-venues/server.ts';
import { readResponses, vendorReply } from '../support/vendor-responses.ts';
import { readRecording } from '../support/venue-recordings.ts';

const FILES = [
  'responses/jkorf-binance.json',
  'responses/nautilus-bybit.json',
  'responses/hyperliquid-sdk-info.json',
  'raw-ws/cryptofeed-bybit.jsonl.gz',
  'raw-ws/cryptofeed-okx.jsonl.gz',
  'raw-ws/cryptofeed-binance-futures.jsonl.gz',
];

function got<T>(result: RestResult<T>): T {
  assert.ok(result.isOk, JSON.stringify(result));
  return result.value;
}

/** Of 17 digits ours has the first 15, and says that it has rounded. */
function inDigits(value: number | undefined): string | undefined {
  return value?.toPrecision(15);
}

/** A decimal as CCXT has it; what is not told is `undefined` there. */
function number(value: Decimal | null): number | undefined {
  return value === null ? undefined : decimalToNumber(value);
}

async function open(t: TestContext, venue: VenueName, name: string, server: ReplayServer) {
  t.after(() => server.close());
  const ccxt = await openCcxt(name, server.endpoints);
  t.after(() => ccxt.close());
  const url = server.endpoints.rest;
  return { ccxt, rest: openRest(venue, { url, timers: systemTimers, random: () => 0.5 }) };
}

/** Tick, lot and contract of every market that both know. */
async function assertSameListing(
  ours: Awaited<ReturnType<typeof open>>,
  idOf: (market: CcxtMarket) => string = ({ id }) => id,
): Promise<number> {
  const listed = new Map(got(await ours.rest.instruments()).map((each) => [each.symbol, each]));
  let compared = 0;
  for (const market of Object.values(await ours.ccxt.loadMarkets())) {
    const instrument = listed.get(idOf(market));
    if (instrument === undefined) continue;
    assert.deepEqual(
      {
        price: number(instrument.tick),
        amount: number(instrument.lot),
        contract: number(instrument.contractSize),
        isInverse: instrument.isInverse,
        isTrading: instrument.isTrading,
      },
      {
        price: market.precision.price,
        amount: market.precision.amount,
        contract: market.contractSize,
        isInverse: market.inverse,
        isTrading: market.active,
      },
      market.id,
    );
    compared += 1;
  }
  return compared;
}

async function assertSameFunding(
  { ccxt, rest }: { ccxt: CcxtExchange; rest: ReturnType<typeof openRest> },
  symbol: string,
  theirs: string,
): Promise<void> {
  const mark = got(await rest.mark(symbol));
  const other = (await ccxt.fetchFundingRates([theirs]))[theirs];
  assert.deepEqual(
    [number(mark.markPrice), number(mark.indexPrice), number(mark.fundingRate)],
    [other.markPrice, other.indexPrice, other.fundingRate],
  );
  assert.equal(mark.nextFundingTimeMs, other.fundingTimestamp);
}

describe('REST replies in our words and in CCXT’s', { skip: skipWithout(...FILES) }, () => {
  it('Binance USD-M', async (t) => {
    const replay = await ReplayBinance.open(['BTCUSDT']);
    const group = 'UsdFutures/';
    const body = (name: string) => JSON.stringify(vendorReply('binance', group, name));
    const marks = vendorReply('binance', group, 'GetMarkPrice');
    replay.replies.set('/fapi/v1/klines', body('GetKlines'));
    replay.replies.set('/fapi/v1/openInterest', body('GetOpenInterest'));
    replay.replies.set('/futures/data/openInterestHist', body('GetOpenInterestHistory'));
    replay.replies.set('/fapi/v1/fundingRate', body('GetFundingRates'));
    replay.replies.set('/fapi/v1/premiumIndex', ({ query }) => ({
      status: 200,
      body: JSON.stringify(query.has('symbol') ? marks : [marks]),
    }));
    replay.replies.set('/fapi/v1/ticker/24hr', `[${body('GetTicker')}]`);
    const stage = await open(t, 'binance', 'binanceusdm', replay.server);
    const { rest, ccxt } = stage;
    const theirs = 'BTC/USDT:USDT';

    const candles = got(await rest.candles({ symbol: 'BTCUSDT', interval: '1m', limit: 500 }));
    assert.deepEqual(candles.map(candleInNumbers), await ccxt.fetchOHLCV(theirs, '1m'));
    const interest = got(await rest.openInterest('BTCUSDT'));
    const theirInterest = await ccxt.fetchOpenInterest(theirs);
    assert.equal(number(interest.openInterest), theirInterest.openInterestAmount);
    assert.equal(interest.venueTimeMs, theirInterest.timestamp);
    const history = got(
      await rest.openInterestHistory({ symbol: 'BTCUSDT', period: '5m', limit: 30 }),
    );
    assert.deepEqual(
      history.map((each) => [
        each.venueTimeMs,
        number(each.openInterest),
        inDigits(number(each.value)),
      ]),
      (await ccxt.fetchOpenInterestHistory(theirs, '5m')).map((each) => [
        each.timestamp,
        each.openInterestAmount,
        inDigits(each.openInterestValue),
      ]),
    );
    await assertSameFunding(stage, 'BTCUSDT', theirs);
    const payments = got(await rest.fundingHistory({ symbol: 'BTCUSDT', limit: 100 }));
    assert.deepEqual(
      payments.map((each) => [each.fundingTimeMs, number(each.fundingRate)]),
      (await ccxt.fetchFundingRateHistory(theirs)).map((each) => [
        each.timestamp,
        each.fundingRate,
      ]),
    );
    await assertSameTicker(stage, 'BTCUSDT', theirs);
    assert.equal(await assertSameListing(stage), 1);
    assert.equal(got(await rest.raw('ticker24hr', {})), `[${body('GetTicker')}]`);
  });

  it('Binance USD-M: the recorded listing of all its markets', async (t) => {
    const replay = await ReplayBinance.open([]);
    const listed = readRecording('cryptofeed-binance-futures.jsonl.gz').find(
      (step) => step.kind === 'reply' && step.url.endsWith('/exchangeInfo'),
    );
    assert.ok(listed?.kind === 'reply');
    replay.replies.set('/fapi/v1/exchangeInfo', listed.text);
    const stage = await open(t, 'binance', 'binanceusdm', replay.server);
    const compared = await assertSameListing(stage);
    assert.ok(compared > 100);
    t.diagnostic(`${compared} markets`);
  });

  it('Bybit linear', async (t) => {
    const replay = await ReplayBybit.open(['BTCUSDT']);
    const steps = readRecording('cryptofeed-bybit.jsonl.gz');
    const listed = steps.find((step) => step.kind === 'reply' && step.url.includes('linear'));
    assert.ok(listed?.kind === 'reply');
    const { fixtures } = readResponses('nautilus-bybit.json') as {
      fixtures: Record<string, unknown>;
    };
    replay.replies.set('/v5/market/instruments-info', listed.text);
    replay.replies.set('/v5/market/kline', JSON.stringify(fixtures['http_get_klines_linear.json']));
    replay.replies.set(
      '/v5/market/funding/history',
      JSON.stringify(fixtures['http_get_funding_history.json']),
    );
    replay.replies.set(
      '/v5/market/open-interest',
      JSON.stringify(vendorReply('bybit', 'V5Api/', 'GetOpenInterest')),
    );
    // The first message of the ticker's channel is a row of the ticker's reply.
    const ticker = steps.find((step) => step.kind === 'frame' && step.text.includes('"snapshot"'));
    assert.ok(ticker?.kind === 'frame');
    const row = (JSON.parse(ticker.text) as { data: unknown }).data;
    const result = { category: 'linear', list: [row] };
    const tickers = { retCode: 0, retMsg: 'OK', result, time: 1_786_310_818_000 };
    replay.replies.set('/v5/market/tickers', JSON.stringify(tickers));
    const stage = await open(t, 'bybit', 'bybit', replay.server);
    const { rest, ccxt } = stage;
    const theirs = 'BTC/USDT:USDT';

    const candles = got(await rest.candles({ symbol: 'BTCUSDT', interval: '1m', limit: 500 }));
    assert.deepEqual(candles.map(candleInNumbers), await ccxt.fetchOHLCV(theirs, '1m'));
    const history = got(
      await rest.openInterestHistory({ symbol: 'BTCUSDT', period: '1h', limit: 30 }),
    );
    assert.deepEqual(
      history.map((each) => [each.venueTimeMs, number(each.openInterest)]),
      (await ccxt.fetchOpenInterestHistory(theirs, '1h')).map((each) => [
        each.timestamp,
        // Of contracts whose value it does not know CCXT tells the amount alone or as the value.
        each.openInterestAmount ?? each.openInterestValue,
      ]),
    );
    await assertSameFunding(stage, 'BTCUSDT', theirs);
    const payments = got(await rest.fundingHistory({ symbol: 'BTCUSDT', limit: 100 }));
    assert.deepEqual(
      payments.map((each) => [each.fundingTimeMs, number(each.fundingRate)]),
      (await ccxt.fetchFundingRateHistory(theirs)).map((each) => [
        each.timestamp,
        each.fundingRate,
      ]),
    );
    await assertSameTicker(stage, 'BTCUSDT', theirs);
    const compared = await assertSameListing(stage);
    assert.ok(compared > 100);
    t.diagnostic(`${compared} markets`);
  });

  it('Hyperliquid', async (t) => {
    const live = readResponses('hyperliquid-live-fixtures.json') as LiveFixtures;
    const replay = await ReplayHyperliquid.open(['BTC']);
    const { rest: cassettes } = readResponses('hyperliquid-sdk-info.json') as Cassettes;
    const recorded = (type: string) => {
      const found = cassettes.find(({ request }) => request.type === type);
      assert.ok(found !== undefined);
      return JSON.stringify(found.response);
    };
    replay.replies.set('metaAndAssetCtxs', JSON.stringify(live.metaAndAssetCtxs.response));
    replay.replies.set('predictedFundings', JSON.stringify(live.predictedFundings.response));
    replay.replies.set('candleSnapshot', recorded('candleSnapshot'));
    replay.replies.set('fundingHistory', recorded('fundingHistory'));
    const stage = await open(t, 'hyperliquid', 'hyperliquid', replay.server);
    const { rest, ccxt } = stage;
    const theirs = 'BTC/USDC:USDC';

    const candles = got(await rest.candles({ symbol: 'BTC', interval: '1h', limit: 500 }));
    assert.equal(candles.length, 24);
    assert.deepEqual(candles.map(candleInNumbers), await ccxt.fetchOHLCV(theirs, '1h'));
    const interest = got(await rest.openInterest('BTC'));
    const theirInterest = await ccxt.fetchOpenInterest(theirs);
    assert.equal(number(interest.openInterest), theirInterest.openInterestAmount);
    await assertSameFunding(stage, 'BTC', theirs);
    const payments = got(await rest.fundingHistory({ symbol: 'BTC', limit: 100 }));
    assert.deepEqual(
      payments.map((each) => [each.fundingTimeMs, number(each.fundingRate)]),
      (await ccxt.fetchFundingRateHistory(theirs)).map((each) => [
        each.timestamp,
        each.fundingRate,
      ]),
    );
    const predicted = got(await rest.predictedFunding());
    assert.deepEqual(
      predicted.map(({ coin, venues }) => [coin, venues.map(({ venue }) => venue)]),
      [
        ['BTC', ['BinPerp', 'HlPerp', 'BybitPerp']],
        ['ETH', ['BinPerp', 'HlPerp', 'BybitPerp']],
        ['HYPE', ['HlPerp']],
        ['SOL', ['BinPerp', 'HlPerp', 'BybitPerp']],
      ],
    );
    assert.deepEqual(predicted[0].venues[0], {
      venue: 'BinPerp',
      fundingRate: { units: 3_866, decimals: 8 },
      nextFundingTimeMs: 1_790_524_800_000,
    });
    // CCXT's ids are places in the list.
    assert.equal(await assertSameListing(stage, ({ base }) => base), 4);
  });

  it('OKX: what contracts are worth, of every swap', async (t) => {
    const replay = await ReplayOkx.open();
    const listed = readRecording('cryptofeed-okx.jsonl.gz').find(
      (step) => step.kind === 'reply' && step.url.endsWith('instType=SWAP'),
    );
    assert.ok(listed?.kind === 'reply');
    replay.instruments = listed.text;
    const stage = await open(t, 'okx', 'okx', replay.server);
    const compared = await assertSameListing(stage);
    assert.ok(compared > 100);
    t.diagnostic(`${compared} markets`);
  });
});

interface LiveFixtures {
  readonly metaAndAssetCtxs: { readonly response: unknown };
  readonly predictedFundings: { readonly response: unknown };
}

interface Cassettes {
  readonly rest: readonly {
    readonly request: { readonly type: string };
    readonly response: unknown;
  }[];
}

async function assertSameTicker(
  { ccxt, rest }: { ccxt: CcxtExchange; rest: ReturnType<typeof openRest> },
  symbol: string,
  theirs: string,
): Promise<void> {
  const ours = got(await rest.tickers()).find((each) => each.symbol === symbol);
  assert.ok(ours !== undefined);
  const {
    last,
    open: first,
    high,
    low,
    baseVolume,
    quoteVolume,
  } = (await ccxt.fetchTickers([theirs]))[theirs];
  assert.deepEqual(
    [ours.last, ours.open, ours.high, ours.low, ours.volume, ours.quoteVolume].map(number),
    [last, first, high, low, baseVolume, quoteVolume],
  );
}
