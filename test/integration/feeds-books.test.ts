import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Grid } from '../../src/feeds/grid.ts';
import type { QuoteRecord } from '../../src/feeds/normalised.ts';
import { adapterOf } from '../../src/feeds/open-venue.ts';
import type { BestQuote } from '../../src/feeds/venue-adapter.ts';
import { FeedCollector } from '../support/feed-collector.ts';
import { skipWithout } from '../support/recordings.ts';
import { framesOf } from '../support/venue-recordings.ts';

const BTC: Grid = { tickUnits: 1, priceDecimals: 1, lotUnits: 1, qtyDecimals: 3 };
const ETH: Grid = { tickUnits: 1, priceDecimals: 2, lotUnits: 1, qtyDecimals: 3 };

interface Followed {
  readonly collector: FeedCollector;
  readonly bests: BestQuote[];
  readonly quotes: QuoteRecord[];
}

/** Plays recordings of one symbol into a decoder; `bests` are the book's after each of its changes. */
function follow(symbol: string, grid: Grid, ...names: string[]): Followed {
  const collector = new FeedCollector();
  const decoder = adapterOf('binance').decoder(new Map([[symbol, grid]]), collector);
  const bests: BestQuote[] = [];
  const quotes: QuoteRecord[] = [];
  for (const name of names) {
    for (const text of framesOf(name)) {
      const verdict = decoder.frame(text);
      assert.notEqual(verdict, 'malformed', text.slice(0, 200));
      for (const record of collector.drain()) {
        if (record.kind === 'stale') assert.fail(`stale: ${record.reason}`);
        if (record.kind === 'quote') quotes.push(record);
        if (record.kind !== 'book') continue;
        const best = decoder.best(symbol);
        assert.ok(best !== undefined);
        assert.ok(best.bidTicks < best.askTicks, 'crossed');
        bests.push(best);
      }
    }
  }
  return { collector, bests, quotes };
}

/**
 * Quotes and books are numbered alike. A quote can be compared with the book when the book stood at
 * that very update, or when no other quote came between the quote and the book's update.
 * @returns how many were compared
 */
function compare(bests: readonly BestQuote[], quotes: readonly QuoteRecord[]): number {
  let at = -1;
  let compared = 0;
  for (const best of bests) {
    while (at + 1 < quotes.length && quotes[at + 1].sequence <= best.sequence) at += 1;
    const quote = quotes[at];
    if (quote === undefined || at + 1 === quotes.length) continue;
    compared += 1;
    const { bidTicks, bidLots, askTicks, askLots } = best;
    assert.deepEqual(
      { bidTicks, bidLots, askTicks, askLots },
      {
        bidTicks: quote.bidTicks,
        bidLots: quote.bidLots,
        askTicks: quote.askTicks,
        askLots: quote.askLots,
      },
      `book at ${best.sequence}, quote of ${quote.sequence}`,
    );
  }
  return compared;
}

describe('books rebuilt from recordings of Binance USD-M', () => {
  for (const [symbol, grid, names] of [
    ['BTCUSDT', BTC, ['binance-usdm-btcusdt-20240808.txt.gz']],
    ['ETHUSDT', ETH, ['binance-usdm-ethusdt-20240808.txt.gz']],
    [
      'BTCUSDT',
      BTC,
      [
        'binance-usdm-btcusdt-20230404-markprice.txt.gz',
        'binance-usdm-btcusdt-20230405-markprice.txt.gz',
      ],
    ],
  ] as const) {
    const skip = skipWithout(...names.map((name) => `raw-ws/${name}`));
    it(`${names[0]}: no gap, never crossed, the quotes' best at every update`, { skip }, (t) => {
      const { collector, bests, quotes } = follow(symbol, grid, ...names);
      const reasons = collector.resyncs.map(({ reason }) => reason);
      assert.ok(reasons.length <= 1, 'nothing is asked for after the first book');
      assert.ok(reasons.every((reason) => reason === 'disconnected'));
      assert.deepEqual(collector.offGrids, []);
      const compared = compare(bests, quotes);
      assert.ok(compared > 0.95 * bests.length, `${compared} of ${bests.length}`);
      t.diagnostic(`${bests.length} books, ${quotes.length} quotes, ${compared} compared`);
    });
  }
});
