import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as O from '../../../src/domain/orders.ts';
import {
  INSUFFICIENT_BALANCE,
  OK,
  TOO_MANY_OPEN_ORDERS,
} from '../../../src/domain/result-codes.ts';
import type { HoldTerms } from '../../../src/ledger/holds.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import type { Portfolio } from '../../../src/ledger/portfolio.ts';
import { Ring, RingReader } from '../../../src/rings/ring.ts';
import { FrameWriter, type TradeFields } from '../../support/frames.ts';
import { shippedMarkets } from '../../support/markets.ts';

/** NASDAQ:AAPL: a tick is a cent, 10 000 units; takers pay 30 millionths, makers and auctions none. */
const market = shippedMarkets().resolve('NASDAQ', 'AAPL')!;
const CENT = 10_000;
const BUY = O.SIDE_BUY;
const SELL = O.SIDE_SELL;
const PORTFOLIO = 2;
const OTHER = 3;

/** Price × quantity and the taker's fee, whole units. */
function cost(cents: number, lots: number): number {
  return cents * lots * CENT + Math.floor((cents * lots * CENT * 30) / 1_000_000);
}

describe('holds', () => {
  let ledger: Ledger;
  let portfolio: Portfolio;
  let writer: FrameWriter;
  let reader: RingReader;
  beforeEach(() => {
    ledger = new Ledger([market]);
    for (const [id, kind] of [
      [1, 'external'],
      [PORTFOLIO, 'cash'],
      [OTHER, 'external'],
    ] as const) {
      const fact = {
        kind: 'PortfolioOpened',
        userId: id - 1,
        portfolioKind: kind,
        name: 'p',
      } as const;
      ledger.openPortfolio({ ...fact, portfolioId: id });
    }
    portfolio = ledger.get(PORTFOLIO);
    deposit('USD', cost(10_000, 100));
    deposit('AAPL', 100);
    const ring = Ring.create(1 << 14, 1);
    writer = new FrameWriter(ring, market.id);
    reader = new RingReader(ring, 0);
  });

  const deposit = (asset: string, amountUnits: number): void =>
    ledger.deposit({ kind: 'FundsDeposited', portfolioId: PORTFOLIO, asset, amountUnits });
  const hold = (
    orderId: number,
    side: number,
    cents: number,
    lots: number,
    terms: Partial<HoldTerms> = {},
  ): number => {
    const none = { ocoOrderId: 0, parentOrderId: 0, replacesOrderId: 0 };
    const plain = { orderType: O.ORDER_TYPE_LIMIT, flags: 0, selfTrade: 0, ...none };
    return ledger.hold(orderId, portfolio, market, side, cents, lots, { ...plain, ...terms });
  };
  const held = (asset: string): number => portfolio.balance(asset).held;
  const total = (asset: string): number => portfolio.balance(asset).total;
  /** The order trades as a maker with somebody else's order 999. */
  const trade = (
    orderId: number,
    side: number,
    cents: number,
    lots: number,
    left: number,
  ): void => {
    const fields: TradeFields = {
      ...{ makerOrderId: orderId, takerOrderId: 999, priceTicks: cents, qtyLots: lots },
      ...{ makerRemainingLots: left, takerRemainingLots: 0, takerSide: 1 - side },
      ...{ makerPortfolioId: PORTFOLIO, takerPortfolioId: OTHER },
    };
    writer.trade(fields);
    writer.endAndPublish();
    ledger.applyTrade(reader.ring, reader.next(), market);
    reader.release();
  };

  it('a pegged order holds at its limit, wherever it stands', () => {
    hold(1, BUY, 10_000, 10, { orderType: O.ORDER_TYPE_PEGGED });
    ledger.applyAmendment(1, 9_000, 10);
    assert.equal(held('USD'), cost(10_000, 10));
    ledger.applyAmendment(1, 9_500, 4);
    assert.equal(held('USD'), cost(10_000, 4));
  });

  it('a pair holds the larger need, and each side its own asset', () => {
    assert.equal(hold(1, SELL, 11_000, 100), OK);
    assert.equal(hold(2, SELL, 9_000, 100), INSUFFICIENT_BALANCE);
    assert.equal(hold(2, SELL, 9_000, 60, { ocoOrderId: 1 }), OK);
    assert.equal(held('AAPL'), 100);
    assert.equal(portfolio.openOrders, 2);
    ledger.applyAcceptance(2);
    ledger.release(1);
    assert.equal(held('AAPL'), 60);
    assert.equal(hold(3, BUY, 5_000, 10, { ocoOrderId: 2 }), OK);
    assert.deepEqual([held('AAPL'), held('USD')], [60, cost(5_000, 10)]);
  });

  it('the first trade of one of a pair frees what the other alone needed', () => {
    hold(1, SELL, 11_000, 40);
    hold(2, SELL, 9_000, 100, { ocoOrderId: 1 });
    for (const id of [1, 2]) ledger.applyAcceptance(id);
    assert.equal(held('AAPL'), 100);
    trade(1, SELL, 11_000, 10, 30);
    assert.equal(held('AAPL'), 30);
    ledger.release(2);
    assert.equal(held('AAPL'), 30);
  });

  it('a partner that will be refused, because the other has traded, needs nothing', () => {
    hold(1, SELL, 11_000, 100);
    hold(2, SELL, 9_000, 100, { ocoOrderId: 1 });
    trade(1, SELL, 11_000, 60, 40);
    assert.deepEqual([held('AAPL'), total('AAPL')], [40, 40]);
    ledger.release(2);
    assert.equal(held('AAPL'), 40);
  });

  it('an order that takes the place of another holds what it needs more', () => {
    hold(1, BUY, 10_000, 60);
    assert.equal(hold(2, BUY, 10_000, 101, { replacesOrderId: 1 }), INSUFFICIENT_BALANCE);
    assert.equal(hold(2, BUY, 10_000, 100, { replacesOrderId: 1 }), OK);
    assert.equal(held('USD'), cost(10_000, 100));
    ledger.applyAcceptance(2);
    ledger.release(1);
    assert.equal(held('USD'), cost(10_000, 100));
    hold(3, BUY, 10_000, 20, { replacesOrderId: 2 });
    assert.equal(held('USD'), cost(10_000, 100), 'until the old one has left');
    ledger.applyAcceptance(3);
    ledger.release(2);
    assert.equal(held('USD'), cost(10_000, 20));
  });

  it('a child lives of what its parent brings, trade by trade', () => {
    hold(9, SELL, 12_000, 95);
    hold(1, BUY, 10_000, 10);
    assert.equal(hold(2, SELL, 11_000, 10, { parentOrderId: 1 }), OK);
    assert.equal(held('AAPL'), 95);
    trade(1, BUY, 10_000, 4, 6);
    assert.deepEqual([held('AAPL'), total('AAPL')], [99, 104]);
    trade(1, BUY, 10_000, 6, 0);
    assert.deepEqual([held('AAPL'), total('AAPL')], [105, 110]);
    assert.equal(held('USD'), 0);
  });

  it('children share what comes; those of a pair need it once; more than that is held', () => {
    hold(1, BUY, 10_000, 10);
    hold(2, SELL, 11_000, 10, { parentOrderId: 1 });
    hold(3, SELL, 9_000, 10, { parentOrderId: 1, ocoOrderId: 2 });
    assert.equal(held('AAPL'), 0);
    hold(4, SELL, 11_500, 7, { parentOrderId: 1 });
    assert.equal(held('AAPL'), 7);
    assert.equal(hold(5, SELL, 11_500, 94, { parentOrderId: 1 }), INSUFFICIENT_BALANCE);
    for (const id of [1, 2, 3, 4]) ledger.applyAcceptance(id);
    ledger.release(1);
    assert.equal(held('AAPL'), 0, 'children of a parent that left leave too');
  });

  it('children on the parent’s side, or of one that may be made smaller, hold in full', () => {
    hold(1, BUY, 10_000, 10);
    hold(2, BUY, 9_000, 10, { parentOrderId: 1 });
    assert.equal(held('USD'), cost(10_000, 10) + cost(9_000, 10));
    hold(3, BUY, 8_000, 10, { flags: O.ORDER_FLAG_REDUCE_ONLY });
    hold(4, SELL, 9_000, 10, { parentOrderId: 3 });
    assert.equal(held('AAPL'), 10);
  });

  it('what a sale brings is its limit less the highest fee', () => {
    hold(1, SELL, 10_000, 10);
    hold(2, BUY, 10_000, 10, { parentOrderId: 1 });
    const brings = 10_000 * 10 * CENT - Math.floor((10_000 * 10 * CENT * 30) / 1_000_000);
    assert.equal(held('USD'), cost(10_000, 10) - brings);
  });

  it('an amendment holds its worst until it is answered', () => {
    hold(1, BUY, 10_000, 50);
    assert.equal(ledger.holdAmendment(1, 7, 10_000, { remainingLots: 101 }), INSUFFICIENT_BALANCE);
    assert.equal(held('USD'), cost(10_000, 50));
    assert.equal(ledger.holdAmendment(1, 8, 9_000, { remainingLots: 60 }), OK);
    assert.equal(held('USD'), cost(10_000, 60), 'what trades meanwhile trades at the old price');
    trade(1, BUY, 10_000, 20, 30);
    assert.equal(held('USD'), cost(10_000, 40));
    ledger.applyAmendment(1, 9_000, 40);
    ledger.amendmentAnswered(1, 8);
    assert.equal(held('USD'), cost(9_000, 40));
    ledger.holdAmendment(1, 9, 9_500, { remainingLots: 40 });
    ledger.amendmentAnswered(1, 9);
    assert.equal(held('USD'), cost(9_000, 40), 'refused: as before');
  });

  it('what amendments under way take off a parent comes off one after the other', () => {
    hold(1, BUY, 10_000, 10);
    hold(2, SELL, 11_000, 10, { parentOrderId: 1 });
    assert.equal(held('AAPL'), 0);
    ledger.holdAmendment(1, 7, 10_000, { remainingLots: 5 });
    assert.equal(held('AAPL'), 5);
    ledger.holdAmendment(1, 8, 10_000, { fewerLots: 3 });
    assert.equal(held('AAPL'), 8, 'three fewer than the five that the first leaves');
    assert.equal(ledger.holdAmendment(1, 9, 10_000, { fewerLots: 0 }), OK);
    assert.equal(held('AAPL'), 8, 'a change of the price alone takes nothing off');
    trade(1, BUY, 10_000, 1, 9);
    assert.deepEqual([held('AAPL'), total('AAPL')], [9, 101], 'one came, and one fewer will come');
    ledger.applyAmendment(1, 10_000, 4);
    ledger.amendmentAnswered(1, 7);
    assert.equal(held('AAPL'), 9);
    ledger.amendmentAnswered(1, 8);
    assert.equal(held('AAPL'), 6, 'refused: the parent still brings four');
    ledger.amendmentAnswered(1, 9);
    assert.equal(held('AAPL'), 6);
  });

  it('an order that shall be smaller holds in full until it is', () => {
    hold(1, BUY, 10_000, 50);
    ledger.holdAmendment(1, 7, 10_000, { remainingLots: 80 });
    ledger.holdAmendment(1, 8, 9_000, { fewerLots: 30 });
    assert.equal(held('USD'), cost(10_000, 80));
    ledger.applyAmendment(1, 10_000, 80);
    ledger.amendmentAnswered(1, 7);
    assert.equal(held('USD'), cost(10_000, 80));
    ledger.applyAmendment(1, 9_000, 50);
    ledger.amendmentAnswered(1, 8);
    assert.equal(held('USD'), cost(9_000, 50));
  });

  it('so many orders may be linked, and no more', () => {
    hold(1, SELL, 10_000, 1);
    let linked = 1;
    while (hold(linked + 1, SELL, 10_000, 1, { ocoOrderId: linked }) === OK) linked += 1;
    assert.equal(linked, 64);
    assert.equal(hold(99, SELL, 10_000, 1, { ocoOrderId: 1 }), TOO_MANY_OPEN_ORDERS);
    assert.deepEqual([held('AAPL'), portfolio.openOrders], [1, 64]);
    for (let id = 1; id <= 64; id += 1) ledger.release(id);
    assert.deepEqual([held('AAPL'), portfolio.openOrders], [0, 0]);
  });
});
