import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as R from '../../../src/codec/records.ts';
import { PHASE_CONTINUOUS, PHASE_HALTED, SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import {
  AMEND_INVALID,
  FOK_NOT_FILLABLE,
  MARKET_HALTED,
  ORDER_NOT_IN_BOOK,
  UNKNOWN_ORDER,
} from '../../../src/domain/result-codes.ts';
import { DeskBench } from '../../support/desk-bench.ts';

const SESSION = 7;
const NOISE = 111;

let bench: DeskBench;

function echoPlace(orderId: number, id: string, session = SESSION): void {
  bench.record(
    R.PLACE_ORDER,
    { [R.COMMAND_ORDER_ID]: orderId, [R.PLACE_PRICE_TICKS]: 100, [R.PLACE_QTY_LOTS]: 30 },
    { [R.COMMAND_SESSION_ID]: session, [R.COMMAND_PORTFOLIO_ID]: NOISE },
    {
      [R.PLACE_SIDE]: SIDE_BUY,
      [R.PLACE_CLIENT_ID_LENGTH]: id.length,
      [R.PLACE_CLIENT_ID]: id,
    },
  );
}

function echoCancel(id: string, session = SESSION): void {
  bench.record(
    R.CANCEL_ORDER,
    {},
    { [R.COMMAND_SESSION_ID]: session, [R.COMMAND_PORTFOLIO_ID]: NOISE },
    { [R.CANCEL_CLIENT_ID_LENGTH]: id.length, [R.CANCEL_CLIENT_ID]: id },
  );
}

function rested(orderId: number, lots = 30): void {
  bench.record(
    R.ORDER_RESTED,
    {
      [R.EVENT_ORDER_ID]: orderId,
      [R.RESTED_PRICE_TICKS]: 100,
      [R.RESTED_QTY_LOTS]: lots,
      [R.RESTED_LEVEL_QTY_LOTS]: lots,
    },
    { [R.RESTED_LEVEL_ORDERS]: 1 },
    { [R.RESTED_SIDE]: SIDE_BUY },
  );
}

function refused(orderId: number, code: number): void {
  bench.record(
    R.COMMAND_REJECTED,
    { [R.EVENT_ORDER_ID]: orderId },
    { [R.COMMAND_REJECTED_CODE]: code },
  );
}

function looseIds(): number[] {
  return bench.view.own.loose[SIDE_BUY].orders.map((order) => order.orderId);
}

describe("the simulator's view of a market", () => {
  beforeEach(() => {
    bench = new DeskBench();
    echoPlace(1, 's1-1');
  });

  it('knows its order from the echo on, and as resting from OrderRested on', () => {
    assert.equal(bench.view.own.get(1)?.clientOrderId, 's1-1');
    assert.deepEqual(looseIds(), []);
    rested(1);
    assert.deepEqual(looseIds(), [1]);
    assert.equal(bench.view.depth.bestBidTicks(), 100);
  });

  it('does not take orders of other sessions for its own', () => {
    echoPlace(2, 's1-2', 0);
    rested(2);
    assert.equal(bench.view.own.get(2), undefined);
    assert.deepEqual(looseIds(), []);
  });

  it('follows fills of its orders as maker and as taker, and tells of them once', () => {
    rested(1);
    const trade = (lots: number, makerLeft: number): void =>
      bench.record(
        R.TRADE_EXECUTED,
        {
          [R.TRADE_MAKER_ORDER_ID]: 1,
          [R.TRADE_TAKER_ORDER_ID]: 50,
          [R.TRADE_PRICE_TICKS]: 100,
          [R.TRADE_QTY_LOTS]: lots,
          [R.TRADE_MAKER_REMAINING_LOTS]: makerLeft,
          [R.TRADE_LEVEL_QTY_LOTS]: makerLeft,
        },
        { [R.TRADE_LEVEL_ORDERS]: makerLeft === 0 ? 0 : 1 },
        { [R.TRADE_TAKER_SIDE]: SIDE_SELL },
      );
    trade(10, 20);
    assert.equal(bench.view.own.get(1)?.remainingLots, 20);
    trade(20, 0);
    assert.equal(bench.view.own.get(1), undefined);
    assert.deepEqual(looseIds(), []);
    assert.deepEqual(bench.fills, [
      [NOISE, 10],
      [NOISE, 20],
    ]);
    assert.equal(bench.takers, 1, 'two fills of one order are one aggressive order');
    assert.equal(bench.view.lastTradeTicks, 100);
    assert.equal(bench.view.midTicks(), 0);
  });

  it('forgets orders that were cancelled or rejected', () => {
    rested(1);
    bench.record(
      R.ORDER_CANCELLED,
      { [R.EVENT_ORDER_ID]: 1, [R.CANCELLED_PRICE_TICKS]: 100 },
      {},
      { [R.CANCELLED_SIDE]: SIDE_BUY, [R.CANCELLED_WAS_RESTING]: 1 },
    );
    assert.equal(bench.view.own.count, 0);
    assert.equal(bench.view.depth.bids.length, 0);
    echoPlace(2, 's1-2');
    bench.record(
      R.ORDER_REJECTED,
      { [R.EVENT_ORDER_ID]: 2 },
      { [R.ORDER_REJECTED_CODE]: FOK_NOT_FILLABLE },
    );
    assert.equal(bench.view.own.count, 0);
    assert.equal(bench.view.halted, false);
  });

  it('follows an amendment that lost its place until it rests again', () => {
    rested(1);
    bench.view.own.get(1)!.busyUntilMs = 9_999;
    bench.record(
      R.ORDER_AMENDED,
      {
        [R.EVENT_ORDER_ID]: 1,
        [R.AMENDED_OLD_PRICE_TICKS]: 100,
        [R.AMENDED_NEW_PRICE_TICKS]: 99,
        [R.AMENDED_NEW_REMAINING_LOTS]: 40,
      },
      {},
      { [R.AMENDED_SIDE]: SIDE_BUY, [R.AMENDED_KEPT_PRIORITY]: 0 },
    );
    assert.deepEqual(looseIds(), []);
    assert.equal(bench.view.own.get(1)?.busyUntilMs, 0);
    rested(1, 40);
    assert.deepEqual(looseIds(), [1]);
    assert.equal(bench.view.own.get(1)?.remainingLots, 40);
  });

  it('takes an unknown order out of its list, and frees one whose amendment was wrong', () => {
    rested(1);
    bench.view.own.get(1)!.busyUntilMs = 9_999;
    echoCancel('s1-1');
    refused(1, AMEND_INVALID);
    assert.equal(bench.view.own.get(1)?.busyUntilMs, 0);
    echoCancel('s1-1');
    refused(0, UNKNOWN_ORDER);
    assert.equal(bench.view.own.count, 0);
  });

  it('is not misled by the refusal of somebody else', () => {
    rested(1);
    echoCancel('s1-1');
    echoCancel('s1-1', 0);
    refused(0, ORDER_NOT_IN_BOOK);
    assert.equal(bench.view.own.count, 1);
  });

  it('sees halts, told or found out', () => {
    bench.record(R.PHASE_CHANGED, {}, { [R.PHASE_TO]: PHASE_HALTED });
    assert.equal(bench.view.halted, true);
    bench.record(R.PHASE_CHANGED, {}, { [R.PHASE_TO]: PHASE_CONTINUOUS });
    assert.equal(bench.view.halted, false);
    bench.record(
      R.ORDER_REJECTED,
      { [R.EVENT_ORDER_ID]: 1 },
      { [R.ORDER_REJECTED_CODE]: MARKET_HALTED },
    );
    assert.equal(bench.view.halted, true);
  });

  it('ignores records that a recovered state holds already', () => {
    bench.view.depth.seq = 1_000;
    bench.record(R.PHASE_CHANGED, { [R.RECORD_SEQ]: 999 }, { [R.PHASE_TO]: PHASE_HALTED });
    assert.equal(bench.view.halted, false);
    assert.equal(bench.view.depth.seq, 1_000);
  });
});
