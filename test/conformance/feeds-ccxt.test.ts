import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCcxt } from '../support/ccxt.ts';
import {
  assertSameTrades,
  candleInNumbers,
  compareStreams,
  plainGrid,
} from '../support/feed-against-ccxt.ts';
import { skipWithout } from '../support/recordings.ts';
import { ReplayBinance } from '../support/replay-venues/binance.ts';
import { ReplayBybit } from '../support/replay-venues/bybit.ts';
import { ReplayHyperliquid } from '../support/replay-venues/hyperliquid.ts';
import { ReplayOkx } from '../support/replay-venues/okx.ts';
import { framesOf, type RecordedStep, readRecording } from '../support/venue-recordings.ts';

const BINANCE = 'binance-usdm-btcusdt-20240808.txt.gz';
const BYBIT = 'cryptofeed-bybit.jsonl.gz';
const OKX = 'cryptofeed-okx.jsonl.gz';
const HYPERLIQUID = 'hyperliquid-btc-20250126.txt.gz';
/** Enough for a thousand trades and three hundred diffs. */
const BINANCE_FRAMES = 5_000;

/** Calls with each of them in turn. @returns what says whether there was one */
function stepper<T>(items: readonly T[], play: (item: T) => void): () => boolean {
  let at = 0;
  return () => {
    if (at === items.length) return false;
    play(items[at]);
    at += 1;
    return true;
  };
}

describe('CCXT, told the same by the same server, says the same', () => {
  it('Binance USD-M: book and trades', { skip: skipWithout(`raw-ws/${BINANCE}`) }, async (t) => {
    const replay = await ReplayBinance.open(['BTCUSDT']);
    t.after(() => replay.server.close());
    const ccxt = await openCcxt('binanceusdm', replay.server.endpoints);
    t.after(() => ccxt.close());
    const messages = framesOf(BINANCE)
      .slice(0, BINANCE_FRAMES)
      .map((text) => JSON.parse(text) as BinanceMessage);
    // The exchange's book begins with the recorded snapshot; whoever asks later gets a later one.
    const first = messages.findIndex(({ lastUpdateId }) => lastUpdateId !== undefined);
    const { lastUpdateId = 0, bids = [], asks = [] } = messages[first];
    replay.books.get('BTCUSDT')?.reset(bids, asks, lastUpdateId);
    // Diffs from the one on that spans it, which may have come before it; of the rest what came after.
    const later = messages.filter(({ stream = '', data }, i) =>
      stream.includes('@depth') ? (data?.u ?? 0) >= lastUpdateId : i > first,
    );
    const grid = plainGrid(1, 3);
    const { trades } = await compareStreams({
      venue: 'binance',
      server: replay.server,
      symbol: 'BTCUSDT',
      theirs: 'BTC/USDT:USDT',
      grid,
      ccxt,
      channels: ['book', 'trades'],
      step: stepper(later, ({ stream = '', data }) => {
        replay.play(stream.replace('@0ms', '@100ms'), data as object);
      }),
    });
    const equal = assertSameTrades(trades, grid, ccxt.trades['BTC/USDT:USDT'] ?? []);
    assert.ok(equal > 700, `${equal} equal`);
    assert.equal(equal, trades.length);
    t.diagnostic(`${equal} trades equal of ${trades.length}`);
  });

  it('Bybit: book, trades and candles', { skip: skipWithout(`raw-ws/${BYBIT}`) }, async (t) => {
    const replay = await ReplayBybit.open(['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'DOGEUSDT']);
    t.after(() => replay.server.close());
    const steps = readRecording(BYBIT);
    const listed = steps.find((step) => step.kind === 'reply' && step.url.includes('linear'));
    assert.ok(listed?.kind === 'reply');
    replay.replies.set('/v5/market/instruments-info', listed.text);
    const ccxt = await openCcxt('bybit', replay.server.endpoints);
    t.after(() => ccxt.close());
    const grid = plainGrid(2, 1);
    const { trades, candles } = await compareStreams({
      venue: 'bybit',
      server: replay.server,
      symbol: 'SOLUSDT',
      theirs: 'SOL/USDT:USDT',
      grid,
      ccxt,
      channels: ['book', 'trades', 'candles'],
      depth: 200,
      step: stepper(linearFrames(steps), (frame) => replay.play(frame)),
    });
    const theirs = ccxt.trades['SOL/USDT:USDT'] ?? [];
    assert.equal(assertSameTrades(trades, grid, theirs), theirs.length);
    assert.equal(trades.length, theirs.length);
    const newest = new Map(candles.map((each) => [each.openTimeMs, candleInNumbers(each)]));
    assert.deepEqual([...newest.values()], [...(ccxt.ohlcvs['SOL/USDT:USDT']?.['1m'] ?? [])]);
    t.diagnostic(`${trades.length} trades, ${newest.size} candles equal`);
  });

  it('Hyperliquid: book and trades', { skip: skipWithout(`raw-ws/${HYPERLIQUID}`) }, async (t) => {
    const replay = await ReplayHyperliquid.open(['BTC']);
    t.after(() => replay.server.close());
    const ccxt = await openCcxt('hyperliquid', replay.server.endpoints);
    t.after(() => ccxt.close());
    const frames = framesOf(HYPERLIQUID).map((text) => JSON.parse(text) as { channel: string });
    const grid = plainGrid(0, 5);
    const { trades } = await compareStreams({
      venue: 'hyperliquid',
      server: replay.server,
      symbol: 'BTC',
      theirs: 'BTC/USDC:USDC',
      grid,
      ccxt,
      channels: ['book', 'trades'],
      step: stepper(frames, (frame) => replay.play(`${frame.channel} BTC`, frame)),
    });
    const theirs = ccxt.trades['BTC/USDC:USDC'] ?? [];
    assert.equal(assertSameTrades(trades, grid, theirs), trades.length);
    // The first message after subscribing is history, which CCXT tells as if it were news.
    const history = frames.find(({ channel }) => channel === 'trades') as unknown as {
      data: readonly unknown[];
    };
    assert.equal(trades.length, theirs.length - history.data.length);
    t.diagnostic(`${trades.length} trades equal, ${history.data.length} of before`);
  });

  it('OKX: book and trades', { skip: skipWithout(`raw-ws/${OKX}`) }, async (t) => {
    const replay = await ReplayOkx.open();
    t.after(() => replay.server.close());
    const listed = readRecording(OKX).find(
      (step) => step.kind === 'reply' && step.url.endsWith('instType=SWAP'),
    );
    assert.ok(listed?.kind === 'reply');
    replay.instruments = listed.text;
    const ccxt = await openCcxt('okx', replay.server.endpoints);
    t.after(() => ccxt.close());
    const frames = framesOf(OKX)
      .map((text) => JSON.parse(text) as OkxFrame)
      .filter(({ data }) => data !== undefined);
    const grid = plainGrid(3, 0);
    const { trades } = await compareStreams({
      venue: 'okx',
      server: replay.server,
      symbol: 'UNI-USD-SWAP',
      theirs: 'UNI/USD:UNI',
      grid,
      ccxt,
      channels: ['book', 'trades'],
      step: stepper(frames, (frame) => replay.play(frame)),
    });
    const theirs = ccxt.trades['UNI/USD:UNI'] ?? [];
    assert.equal(assertSameTrades(trades, grid, theirs), theirs.length);
  });
});

interface BinanceMessage {
  readonly stream?: string;
  readonly data?: { readonly u?: number };
  readonly lastUpdateId?: number;
  readonly bids?: [string, string][];
  readonly asks?: [string, string][];
}

interface OkxFrame {
  readonly arg: { readonly channel: string; readonly instId: string };
  readonly data?: unknown;
}

function linearFrames(steps: readonly RecordedStep[]): { topic: string }[] {
  const linear = steps.find((step) => step.kind === 'connect' && step.url.endsWith('/linear'));
  return steps
    .flatMap((step) =>
      step.kind === 'frame' && linear?.kind === 'connect' && step.connection === linear.connection
        ? [JSON.parse(step.text) as { topic?: string }]
        : [],
    )
    .filter((frame): frame is { topic: string } => frame.topic !== undefined);
}
