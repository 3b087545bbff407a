import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as R from '../../../src/codec/records.ts';
import * as O from '../../../src/domain/orders.ts';
import { listing } from '../../../src/gateway/accounts.ts';
import { LedgerAudit } from '../../../src/ledger/audit.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import {
  concernsPortfolio,
  listedMarket,
  PostingReader,
  type RecordedPosting,
} from '../../../src/ledger/postings.ts';
import { type FrameViews, frameType } from '../../../src/rings/frame.ts';
import { viewsOf } from '../../support/frame-bytes.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { OneThreadVenue } from '../../support/one-thread-venue.ts';

const markets = shippedMarkets();
const aapl = markets.resolve('NASDAQ', 'AAPL');
assert.ok(aapl !== undefined);
const listings = markets.all.map((market) => listedMarket(listing(market)));
const USD = 1_000_000;

describe('audit of the ledger', () => {
  let venue: OneThreadVenue;
  let frames: FrameViews[];
  let trade: FrameViews;

  beforeEach(() => {
    venue = new OneThreadVenue(markets, { balances: { USD: 100_000 * USD, AAPL: 1000 } });
    const terms = { market: aapl, orderType: O.ORDER_TYPE_LIMIT, tif: O.TIF_GTC, flags: 0 };
    const order = { ...terms, priceTicks: 15_000, qtyLots: 10, clientOrderId: '' };
    const done = (): void => undefined;
    venue.engine.place({ ...order, userId: 2, portfolioId: 3, side: O.SIDE_SELL }, done);
    venue.engine.place({ ...order, userId: 1, portfolioId: 2, side: O.SIDE_BUY }, done);
    venue.settle();
    frames = venue.journal.map(viewsOf);
    const found = frames.find(({ i32 }) => frameType(i32[1]) === R.TRADE_EXECUTED);
    assert.ok(found !== undefined);
    trade = found;
  });

  const audit = (from = venue.facts): LedgerAudit => {
    const made = new LedgerAudit(new Ledger([]), listings);
    for (const fact of from) made.venueEvent(fact);
    for (const frame of frames) made.marketRecord(frame, 0);
    return made;
  };

  it('finds nothing wrong with what the venue did, and ends in its balances', () => {
    const done = audit();
    assert.deepEqual(done.end(), []);
    assert.equal(done.events, 5, 'four deposits and a trade');
    for (const { id, balances } of venue.ledger.portfolios.values()) {
      for (const [asset, { total }] of balances) {
        assert.equal(done.ledger.get(id).balance(asset).total, total, `${id} ${asset}`);
      }
    }
  });

  it('goes on from the balances of a snapshot', () => {
    const half = new LedgerAudit(new Ledger([]), listings);
    for (const fact of venue.facts) half.venueEvent(fact);
    const rest = new LedgerAudit(half.ledger, listings);
    for (const frame of frames) rest.marketRecord(frame, 0);
    assert.deepEqual(rest.end(), []);
  });

  for (const [what, spoil, problem] of [
    [
      'a fee that is not the listing’s',
      ({ f64 }: FrameViews) => {
        f64[R.TRADE_TAKER_FEE_UNITS >>> 3] += 1;
      },
      /fees are .* the listing says/,
    ],
    [
      'a quantity nobody can have sold',
      ({ f64 }: FrameViews) => {
        f64[R.TRADE_QTY_LOTS >>> 3] = 1_000_000;
      },
      /cash portfolio 3 has -\d+ AAPL/,
    ],
    [
      'a portfolio that was never opened',
      ({ i32 }: FrameViews) => {
        i32[R.TRADE_MAKER_PORTFOLIO_ID >>> 2] = 77;
      },
      /portfolio 77 was never opened/,
    ],
  ] as const) {
    it(`tells of ${what}`, () => {
      spoil(trade);
      assert.match(audit().end().join('\n'), problem);
    });
  }

  it('tells of balances that did not follow from events', () => {
    const done = audit();
    done.ledger.get(2).balance('USD').total += 1;
    assert.deepEqual(done.end().length, 2);
    assert.match(done.end().join('\n'), /portfolio 2 has \d+ USD/);
    assert.match(done.end().join('\n'), /USD sums to 1 over all portfolios/);
  });

  it('lists the postings of a portfolio, each with its event', () => {
    const reader = new PostingReader(listings);
    const all: RecordedPosting[] = frames.flatMap((frame) =>
      reader.read(frame, 0, () => assert.fail('no facts here')),
    );
    const mine = all.filter((posting) => concernsPortfolio(posting, 3));
    const seq = trade.f64[R.RECORD_SEQ >>> 3];
    assert.deepEqual(
      mine.map((posting) => [posting.kind, posting.asset, posting.units, posting.seq]),
      [
        ['trade_base', 'AAPL', 10, seq],
        ['trade_quote', 'USD', 1500 * USD, seq],
      ],
    );
    assert.deepEqual(
      all.map(({ kind }) => kind),
      ['trade_base', 'trade_quote', 'taker_fee'],
    );
  });
});
