import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  CANCEL_IOC_REMAINDER,
  HELD_STOP,
  ORDER_FLAG_POST_ONLY,
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_STOP_LIMIT,
  PEG_OPPOSITE,
  SELF_TRADE_EXPIRE_BOTH,
  SIDE_SELL,
  STATUS_NAMES,
  TRAIL_BPS,
} from '../../../src/domain/orders.ts';
import { NO_LIQUIDITY } from '../../../src/domain/result-codes.ts';
import { readOrder, readTrades } from '../../../src/journal/queries.ts';
import { NO_EXTENSION } from '../../../src/projections/order-extension.ts';
import { FrameWriter } from '../../support/frames.ts';
import { type JournalSetup, setUpJournal } from '../../support/journal.ts';

/** Order 1 rests, order 2 takes part of it, orders 3 and 4 fail in their ways. */
function writeDay(writer: FrameWriter): void {
  writer.placeResting({
    orderId: 1,
    portfolioId: 11,
    side: SIDE_SELL,
    priceTicks: 100,
    qtyLots: 10,
    clientOrderId: 'maker',
  });
  writer.nanos = 500;
  writer.place({ orderId: 2, portfolioId: 22, priceTicks: 105, qtyLots: 4 });
  writer.accepted(2);
  writer.trade({
    makerOrderId: 1,
    takerOrderId: 2,
    priceTicks: 100,
    qtyLots: 4,
    makerRemainingLots: 6,
    takerRemainingLots: 0,
    makerFeeUnits: -1,
    takerFeeUnits: 3,
  });
  writer.end();
  writer.place({ orderId: 3, qtyLots: 2 });
  writer.rejected(3, NO_LIQUIDITY);
  writer.end();
  writer.place({ orderId: 4, qtyLots: 2 });
  writer.accepted(4);
  writer.cancelled(4, 2, CANCEL_IOC_REMAINDER);
  writer.end();
  writer.producer.publish();
}

function rowOf(setup: JournalSetup, orderId: number): unknown[] {
  const order = readOrder(setup.store, orderId);
  assert.ok(order, `order ${orderId} has a row`);
  const { status, priceTicks, qtyLots, filledLots, filledNotionalUnits, feeUnits, reason } = order;
  const name = STATUS_NAMES[status];
  return [name, priceTicks, qtyLots, filledLots, filledNotionalUnits, feeUnits, reason];
}

async function reopen(t: TestContext, setup: JournalSetup): Promise<JournalSetup> {
  await setup.store.close();
  return setUpJournal(t, { directory: setup.directory });
}

describe('the orders table', () => {
  it('holds the latest state after fills, rejects and expiries', (t) => {
    const setup = setUpJournal(t);
    writeDay(new FrameWriter(setup.rings[0], 1));
    setup.committer.commit();
    assert.deepEqual(rowOf(setup, 1), ['partially_filled', 100, 10, 4, 4000, -1, 0]);
    assert.deepEqual(rowOf(setup, 2), ['filled', 105, 4, 4, 4000, 3, 0]);
    assert.deepEqual(rowOf(setup, 3), ['rejected', 100, 2, 0, 0, 0, NO_LIQUIDITY]);
    assert.deepEqual(rowOf(setup, 4), ['expired', 100, 2, 0, 0, 0, CANCEL_IOC_REMAINDER]);
    assert.equal(readOrder(setup.store, 5), undefined);
    assert.equal(readOrder(setup.store, -1), undefined);
  });

  it('keeps every field of the order', (t) => {
    const setup = setUpJournal(t);
    writeDay(new FrameWriter(setup.rings[0], 1));
    setup.committer.commit();
    assert.deepEqual(
      { ...readOrder(setup.store, 1) },
      {
        orderId: 1,
        marketId: 1,
        portfolioId: 11,
        sessionId: 0,
        side: SIDE_SELL,
        orderType: 0,
        tif: 0,
        flags: 0,
        selfTrade: 0,
        extension: NO_EXTENSION,
        priceTicks: 100,
        qtyLots: 10,
        filledLots: 4,
        filledNotionalUnits: 4000,
        feeUnits: -1,
        status: 2,
        reason: 0,
        clientOrderId: 'maker',
        createdSeconds: 1_700_000_000,
        createdNanos: 0,
        updatedSeconds: 1_700_000_000,
        updatedNanos: 500,
        changed: false,
      },
    );
  });

  it('keeps the terms of an order that has more than the plain ones, over a restart', async (t) => {
    let setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    const extra = {
      selfTrade: SELF_TRADE_EXPIRE_BOTH,
      triggerTicks: 2 ** 40,
      trailOffset: 7,
      trailUnit: TRAIL_BPS,
      displayLots: 3,
      pegKind: PEG_OPPOSITE,
      pegOffsetTicks: 5,
      expireSeconds: 4_000_000_000,
      expireNanos: 999_999_999,
      ocoOrderId: 0,
      parentOrderId: 2 ** 50,
      replacesOrderId: 2 ** 49,
    };
    const flags = ORDER_FLAG_POST_ONLY | ORDER_FLAG_REDUCE_ONLY;
    const orderType = ORDER_TYPE_STOP_LIMIT;
    writer.place({ orderId: 1, portfolioId: 11, flags, orderType, extra });
    writer.accepted(1);
    writer.held(1, HELD_STOP, extra.triggerTicks);
    writer.end();
    writer.place({ orderId: 2, portfolioId: 11, extra: { ocoOrderId: 1 } });
    writer.accepted(2);
    writer.rested(2, 100, 10);
    writer.endAndPublish();
    setup.committer.commit();
    setup = await reopen(t, setup);
    const order = readOrder(setup.store, 1);
    const { selfTrade, ...terms } = extra;
    assert.deepEqual([order?.flags, order?.selfTrade], [flags, selfTrade]);
    assert.deepEqual(order?.extension, {
      ...terms,
      ocoOrderId: 2,
      waiting: HELD_STOP,
      pegTicks: 0,
    });
    assert.equal(readOrder(setup.store, 2)?.extension.ocoOrderId, 1);
  });

  it('follows an order over batches and restarts', async (t) => {
    let setup = setUpJournal(t);
    writeDay(new FrameWriter(setup.rings[0], 1));
    setup.committer.commit();
    setup = await reopen(t, setup);
    const seq = setup.committer.lastSeqs().get(1) ?? 0;
    const writer = new FrameWriter(setup.rings[0], 1, seq);
    writer.amendCommand(1);
    writer.amended(1, {
      oldPriceTicks: 100,
      newPriceTicks: 98,
      oldRemainingLots: 6,
      newRemainingLots: 5,
    });
    writer.rested(1, 98, 5, SIDE_SELL);
    writer.endAndPublish();
    setup.committer.commit();
    assert.deepEqual(rowOf(setup, 1), ['partially_filled', 98, 9, 4, 4000, -1, 0]);
    writer.cancelCommand(1);
    writer.cancelled(1, 5);
    writer.endAndPublish();
    setup.committer.commit();
    assert.deepEqual(rowOf(setup, 1), ['cancelled', 98, 9, 4, 4000, -1, 1]);
    assert.equal(readOrder(setup.store, 1)?.clientOrderId, 'maker');
  });
});

describe('the trades table', () => {
  it('holds executed and printed trades, newest first', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    writeDay(writer);
    writer.seconds += 1;
    writer.printCommand();
    writer.printed(99, 7, 255);
    writer.endAndPublish();
    setup.committer.commit();
    const [printed, executed, ...more] = readTrades(setup.store, 1, { limit: 10 });
    assert.equal(more.length, 0);
    assert.deepEqual(executed, {
      marketId: 1,
      tradeId: 1,
      seconds: 1_700_000_000,
      nanos: 500,
      seq: 6,
      priceTicks: 100,
      qtyLots: 4,
      makerOrderId: 1,
      takerOrderId: 2,
      makerFeeUnits: -1,
      takerFeeUnits: 3,
      makerPortfolioId: 0,
      takerPortfolioId: 0,
      takerSide: 0,
      printed: false,
      auction: false,
      outside: false,
    });
    assert.equal(printed.tradeId, 2);
    assert.equal(printed.printed, true);
    assert.deepEqual([printed.priceTicks, printed.qtyLots, printed.takerSide], [99, 7, 255]);
    assert.equal(printed.makerOrderId, 0);
  });

  it('holds an auction’s trades, of which nobody is the taker', (t) => {
    const setup = setUpJournal(t);
    const writer = new FrameWriter(setup.rings[0], 1);
    writer.placeResting({ orderId: 1, priceTicks: 101, qtyLots: 5 });
    writer.placeResting({ orderId: 2, side: SIDE_SELL, priceTicks: 99, qtyLots: 8 });
    writer.cancelAllCommand();
    const orders = { bidOrderId: 1, askOrderId: 2, bidRemainingLots: 0, askRemainingLots: 3 };
    writer.auctionTrade({ ...orders, priceTicks: 100, qtyLots: 5, bidFeeUnits: 2, askFeeUnits: 3 });
    writer.endAndPublish();
    setup.committer.commit();
    const [trade] = readTrades(setup.store, 1, { limit: 10 });
    const { auction, printed, takerSide, makerOrderId, takerOrderId } = trade;
    assert.deepEqual(
      { auction, printed, takerSide, makerOrderId, takerOrderId },
      { auction: true, printed: false, takerSide: 255, makerOrderId: 1, takerOrderId: 2 },
    );
    assert.deepEqual([trade.makerFeeUnits, trade.takerFeeUnits, trade.qtyLots], [2, 3, 5]);
    assert.deepEqual(rowOf(setup, 1), ['filled', 101, 5, 5, 5000, 2, 0]);
    assert.deepEqual(rowOf(setup, 2), ['partially_filled', 99, 8, 5, 5000, 3, 0]);
  });

  it('reads a market page by page, across times and equal times', (t) => {
    const setup = setUpJournal(t, { rings: 2 });
    const writers = setup.rings.map((ring, i) => new FrameWriter(ring, i + 1));
    for (const writer of writers) {
      for (let i = 0; i < 20; i += 1) {
        writer.nanos = Math.floor(i / 4);
        writer.printCommand();
        writer.printed(100 + i, 1, 0);
        writer.endAndPublish();
      }
    }
    setup.committer.commit();
    setup.committer.settle();
    const ids: number[] = [];
    let page = readTrades(setup.store, 1, { limit: 3 });
    while (page.length > 0) {
      assert.ok(page.every((trade) => trade.marketId === 1));
      ids.push(...page.map((trade) => trade.tradeId));
      page = readTrades(setup.store, 1, { limit: 3, beforeTradeTime: page.at(-1) });
    }
    assert.deepEqual(
      ids,
      Array.from({ length: 20 }, (_, i) => 20 - i),
    );
    const before = { seconds: 1_700_000_000, nanos: 1 };
    const earlier = readTrades(setup.store, 2, { limit: 10, beforeTradeTime: before });
    assert.deepEqual(
      earlier.map((trade) => trade.tradeId),
      [4, 3, 2, 1],
    );
    assert.deepEqual(readTrades(setup.store, 9, { limit: 10 }), []);
  });
});
