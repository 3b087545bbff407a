import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CANCEL_BY_REQUEST,
  CANCEL_EXPIRED,
  CANCEL_FILL_LIMIT,
  CANCEL_IOC_REMAINDER,
  CANCEL_MARKET_REMAINDER,
  CANCEL_MASS,
  CANCEL_OCO,
  CANCEL_ON_ACTIVATION,
  CANCEL_PARENT_GONE,
  CANCEL_REDUCE_ONLY,
  CANCEL_REPLACED,
  CANCEL_SELF_TRADE,
  CANCEL_VOLATILITY_HALT,
  HELD_STOP,
  HELD_UNPRICED,
  ORDER_TYPE_PEGGED,
  ORDER_TYPE_STOP,
  ORDER_TYPE_TRAILING_STOP,
  SIDE_SELL,
  STATUS_NAMES,
  TIF_IOC,
} from '../../../src/domain/orders.ts';
import { DUPLICATE_ORDER_ID, MARKET_HALTED } from '../../../src/domain/result-codes.ts';
import { NO_EXTENSION } from '../../../src/projections/order-extension.ts';
import { OrderTracker, TrackedOrder } from '../../../src/projections/order-tracker.ts';
import { Ring, RingReader } from '../../../src/rings/ring.ts';
import { READER_JOURNAL } from '../../../src/rings/roles.ts';
import { FrameWriter } from '../../support/frames.ts';

const MARKET = 7;
const UNITS = 10;

/** A tracker that is fed by what a script writes. */
class Scene {
  readonly writer: FrameWriter;
  readonly tracker: OrderTracker;
  private readonly reader: RingReader;

  constructor(load?: (orderId: number) => TrackedOrder | undefined) {
    const ring = Ring.create(1 << 16, 1);
    this.writer = new FrameWriter(ring, MARKET);
    this.reader = new RingReader(ring, READER_JOURNAL);
    this.tracker = new OrderTracker(new Map([[MARKET, UNITS]]), load);
  }

  apply(script: (writer: FrameWriter) => void): void {
    script(this.writer);
    this.writer.endAndPublish();
    for (let at = this.reader.next(); at >= 0; at = this.reader.next()) {
      this.tracker.apply(this.reader.ring, at);
    }
    this.reader.release();
  }

  order(orderId: number): TrackedOrder {
    const order = this.tracker.get(orderId);
    assert.ok(order, `order ${orderId} is not tracked`);
    return order;
  }
}

function restMaker(writer: FrameWriter): void {
  writer.placeResting({ orderId: 1, side: SIDE_SELL, priceTicks: 100, qtyLots: 10 });
}

const OPEN_MAKER_AND_TAKER = (writer: FrameWriter): void => {
  restMaker(writer);
  writer.place({ orderId: 2, priceTicks: 101, qtyLots: 20 });
  writer.accepted(2);
};

function fill(writer: FrameWriter, qtyLots: number, makerLeft: number, takerLeft: number): void {
  writer.trade({
    makerOrderId: 1,
    takerOrderId: 2,
    priceTicks: 100,
    qtyLots,
    makerRemainingLots: makerLeft,
    takerRemainingLots: takerLeft,
  });
}

function auction(writer: FrameWriter, qtyLots: number, bidLeft: number, askLeft: number): void {
  writer.auctionTrade({
    bidOrderId: 2,
    askOrderId: 1,
    priceTicks: 100,
    qtyLots,
    bidRemainingLots: bidLeft,
    askRemainingLots: askLeft,
  });
}

function peg(writer: FrameWriter, oldPriceTicks: number, newPriceTicks: number): void {
  const lots = { oldRemainingLots: 10, newRemainingLots: 10 };
  writer.amended(1, { oldPriceTicks, newPriceTicks, ...lots, wasResting: false });
}

interface Case {
  readonly title: string;
  readonly script: (writer: FrameWriter) => void;
  /** Order id, status, total, filled, price, reason. */
  readonly expect: readonly [number, string, number, number, number, number];
}

const CASES: readonly Case[] = [
  {
    title: 'a command without its outcome is pending',
    script: (w) => w.place({ orderId: 1, priceTicks: 100, qtyLots: 10 }),
    expect: [1, 'pending', 10, 0, 100, 0],
  },
  { title: 'accepted and rested is open', script: restMaker, expect: [1, 'open', 10, 0, 100, 0] },
  {
    title: 'rejected keeps the code',
    script: (w) => {
      w.place({ orderId: 1, priceTicks: 100, qtyLots: 10 });
      w.rejected(1, MARKET_HALTED);
    },
    expect: [1, 'rejected', 10, 0, 100, MARKET_HALTED],
  },
  {
    title: 'a maker of which something remains is partially filled',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 4, 6, 16);
    },
    expect: [1, 'partially_filled', 10, 4, 100, 0],
  },
  {
    title: 'a maker of which nothing remains is filled',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 10, 0, 10);
    },
    expect: [1, 'filled', 10, 10, 100, 0],
  },
  {
    title: 'a taker filled whole in several trades is filled',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 4, 6, 16);
      fill(w, 16, 0, 0);
    },
    expect: [2, 'filled', 20, 20, 101, 0],
  },
  {
    title: 'a taker whose rest joins the queue is partially filled',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 10, 0, 10);
      w.rested(2, 101, 10);
    },
    expect: [2, 'partially_filled', 20, 10, 101, 0],
  },
  {
    title: 'cancelled by request',
    script: (w) => {
      restMaker(w);
      w.cancelCommand(1);
      w.cancelled(1, 10, CANCEL_BY_REQUEST);
    },
    expect: [1, 'cancelled', 10, 0, 100, CANCEL_BY_REQUEST],
  },
  {
    title: 'cancelled by a mass cancel after a fill keeps what was filled',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 4, 6, 16);
      w.end();
      w.cancelAllCommand();
      w.cancelled(1, 6, CANCEL_MASS);
      w.allCancelled(1);
    },
    expect: [1, 'cancelled', 10, 4, 100, CANCEL_MASS],
  },
  ...[
    CANCEL_IOC_REMAINDER,
    CANCEL_MARKET_REMAINDER,
    CANCEL_FILL_LIMIT,
    CANCEL_EXPIRED,
    CANCEL_VOLATILITY_HALT,
  ].map((reason) => ({
    title: `what time or the want of a counterparty ended (reason ${reason}) is expired`,
    script: (w: FrameWriter): void => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 4, 6, 16);
      w.cancelled(2, 16, reason);
    },
    expect: [2, 'expired', 20, 4, 101, reason] as const,
  })),
  ...[
    CANCEL_SELF_TRADE,
    CANCEL_OCO,
    CANCEL_PARENT_GONE,
    CANCEL_REDUCE_ONLY,
    CANCEL_REPLACED,
    CANCEL_ON_ACTIVATION,
  ].map((reason) => ({
    title: `what something else ended (reason ${reason}) is cancelled`,
    script: (w: FrameWriter): void => {
      OPEN_MAKER_AND_TAKER(w);
      w.cancelled(1, 10, reason);
    },
    expect: [1, 'cancelled', 10, 0, 100, reason] as const,
  })),
  {
    title: 'an auction’s trade fills the bid',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      auction(w, 10, 10, 0);
    },
    expect: [2, 'partially_filled', 20, 10, 101, 0],
  },
  {
    title: 'an auction’s trade fills the ask',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      auction(w, 10, 10, 0);
    },
    expect: [1, 'filled', 10, 10, 100, 0],
  },
  {
    title: 'an order that is made smaller before it rests',
    script: (w) => {
      w.place({ orderId: 1, priceTicks: 100, qtyLots: 10 });
      w.accepted(1);
      w.amended(1, {
        oldPriceTicks: 100,
        newPriceTicks: 98,
        oldRemainingLots: 10,
        newRemainingLots: 4,
        keptPriority: true,
        wasResting: false,
      });
      w.rested(1, 98, 4);
    },
    expect: [1, 'open', 4, 0, 98, 0],
  },
  {
    title: 'a pegged order’s price is its limit, wherever it stands',
    script: (w) => {
      w.place({
        orderId: 1,
        orderType: ORDER_TYPE_PEGGED,
        priceTicks: 105,
        qtyLots: 10,
        extra: {},
      });
      w.accepted(1);
      peg(w, 105, 99);
      w.rested(1, 99, 10);
    },
    expect: [1, 'open', 10, 0, 105, 0],
  },
  {
    title: 'amended: total is what is filled plus what remains now',
    script: (w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 4, 6, 16);
      w.end();
      w.amendCommand(1);
      w.amended(1, {
        oldPriceTicks: 100,
        newPriceTicks: 99,
        oldRemainingLots: 6,
        newRemainingLots: 8,
      });
      w.rested(1, 99, 8, SIDE_SELL);
    },
    expect: [1, 'partially_filled', 12, 4, 99, 0],
  },
  {
    title: 'a refused command changes nothing',
    script: (w) => {
      restMaker(w);
      w.cancelCommand(1);
      w.commandRejected(1, MARKET_HALTED);
    },
    expect: [1, 'open', 10, 0, 100, 0],
  },
  {
    title: 'an order id used twice leaves the first order as it is',
    script: (w) => {
      restMaker(w);
      w.place({ orderId: 1, priceTicks: 500, qtyLots: 50 });
      w.rejected(1, DUPLICATE_ORDER_ID);
    },
    expect: [1, 'open', 10, 0, 100, 0],
  },
];

describe('OrderTracker', () => {
  for (const { title, script, expect } of CASES) {
    it(title, () => {
      const scene = new Scene();
      scene.apply(script);
      const order = scene.order(expect[0]);
      const { status, qtyLots, filledLots, priceTicks, reason } = order;
      assert.deepEqual(
        [expect[0], STATUS_NAMES[status], qtyLots, filledLots, priceTicks, reason],
        expect,
      );
    });
  }

  it('sums notional and fees over the fills, for maker and taker', () => {
    const scene = new Scene();
    scene.apply((w) => {
      OPEN_MAKER_AND_TAKER(w);
      const sides = { makerOrderId: 1, takerOrderId: 2 };
      const left = { makerRemainingLots: 5, takerRemainingLots: 5 };
      w.trade({
        ...sides,
        ...left,
        priceTicks: 100,
        qtyLots: 3,
        makerFeeUnits: -1,
        takerFeeUnits: 7,
      });
      w.trade({
        ...sides,
        ...left,
        priceTicks: 90,
        qtyLots: 2,
        makerFeeUnits: -2,
        takerFeeUnits: 5,
      });
    });
    for (const [orderId, feeUnits] of [
      [1, -3],
      [2, 12],
    ]) {
      assert.equal(scene.order(orderId).filledNotionalUnits, (100 * 3 + 90 * 2) * UNITS);
      assert.equal(scene.order(orderId).feeUnits, feeUnits);
    }
  });

  it('keeps who, when and how of the order', () => {
    const scene = new Scene();
    scene.writer.seconds = 3_000_000_000;
    scene.writer.nanos = 5;
    scene.apply((w) =>
      w.placeResting({
        orderId: 1,
        portfolioId: 42,
        sessionId: 3,
        side: SIDE_SELL,
        tif: TIF_IOC,
        flags: 1,
        clientOrderId: 'the-longest-client-order-id-there-is',
      }),
    );
    scene.writer.nanos = 9;
    scene.apply((w) => {
      w.cancelCommand(1);
      w.cancelled(1, 10);
    });
    const order = scene.order(1);
    assert.equal(order.marketId, MARKET);
    assert.equal(order.portfolioId, 42);
    assert.equal(order.sessionId, 3);
    assert.equal(order.side, SIDE_SELL);
    assert.equal(order.tif, TIF_IOC);
    assert.equal(order.flags, 1);
    assert.equal(order.clientOrderId, 'the-longest-client-order-id-there-is');
    assert.deepEqual([order.createdSeconds, order.createdNanos], [3_000_000_000, 5]);
    assert.deepEqual([order.updatedSeconds, order.updatedNanos], [3_000_000_000, 9]);
  });

  it('knows what an order waits for, and that it no longer does', () => {
    const scene = new Scene();
    const waits = () => scene.order(1).extension.waiting;
    scene.apply((w) => {
      w.place({ orderId: 1, orderType: ORDER_TYPE_STOP, extra: { triggerTicks: 90 } });
      w.accepted(1);
      w.held(1, HELD_STOP, 90);
    });
    assert.deepEqual([waits(), scene.order(1).extension.triggerTicks], [HELD_STOP, 90]);
    assert.equal(STATUS_NAMES[scene.order(1).status], 'open');
    scene.tracker.takeChanged();
    scene.apply((w) => {
      w.cancelCommand(9);
      w.triggered(1, HELD_STOP, 89);
    });
    assert.equal(waits(), 0);
    assert.equal(scene.tracker.takeChanged().length, 1);
  });

  it('says nothing of a trailing stop’s trigger, which moves with every trade', () => {
    const scene = new Scene();
    scene.apply((w) => {
      const extra = { trailOffset: 5, triggerTicks: 95 };
      w.place({ orderId: 1, orderType: ORDER_TYPE_TRAILING_STOP, extra });
      w.accepted(1);
      w.held(1, HELD_STOP, 95);
    });
    const { triggerTicks, trailOffset, waiting } = scene.order(1).extension;
    assert.deepEqual([triggerTicks, trailOffset, waiting], [0, 5, HELD_STOP]);
  });

  it('names each other in both orders of a pair, once the book has taken the second', () => {
    const scene = new Scene();
    scene.apply((w) => {
      w.placeResting({ orderId: 1 });
      w.place({ orderId: 2, extra: { ocoOrderId: 1 } });
    });
    assert.equal(scene.order(1).extension, NO_EXTENSION);
    scene.apply((w) => {
      w.accepted(2);
      w.rested(2, 100, 10);
    });
    assert.deepEqual(
      [1, 2].map((id) => scene.order(id).extension.ocoOrderId),
      [2, 1],
    );
  });

  it('knows where a pegged order stands', () => {
    const scene = new Scene();
    const stands = () => scene.order(1).extension.pegTicks;
    scene.apply((w) => {
      w.place({
        orderId: 1,
        orderType: ORDER_TYPE_PEGGED,
        priceTicks: 105,
        qtyLots: 10,
        extra: {},
      });
      w.accepted(1);
      w.held(1, HELD_UNPRICED);
    });
    assert.equal(stands(), 0);
    scene.apply((w) => {
      w.cancelCommand(9);
      w.triggered(1, HELD_UNPRICED);
      w.rested(1, 105, 10);
    });
    assert.equal(stands(), 105);
    scene.apply((w) => {
      w.cancelCommand(9);
      peg(w, 105, 99);
    });
    assert.equal(stands(), 99);
  });

  it('gives each changed order once, then forgets the closed ones', () => {
    const scene = new Scene();
    scene.apply((w) => {
      OPEN_MAKER_AND_TAKER(w);
      fill(w, 4, 6, 16);
      fill(w, 6, 0, 10);
    });
    assert.equal(scene.tracker.openCount, 1);
    assert.deepEqual(
      scene.tracker.takeChanged().map((order) => order.orderId),
      [1, 2],
    );
    assert.equal(scene.tracker.get(1), undefined);
    assert.equal(scene.tracker.openCount, 1);
    assert.equal(scene.tracker.takeChanged().length, 0);
    scene.apply((w) => {
      w.cancelCommand(2);
      w.cancelled(2, 10);
    });
    assert.deepEqual(
      scene.tracker.takeChanged().map((order) => order.orderId),
      [2],
    );
    assert.equal(scene.tracker.openCount, 0);
  });

  it('asks once for an order it does not know, and takes only an open one', () => {
    const asked: number[] = [];
    const stored = new TrackedOrder();
    stored.orderId = 1;
    stored.marketId = MARKET;
    stored.status = STATUS_NAMES.indexOf('open');
    stored.qtyLots = 10;
    const scene = new Scene((orderId) => {
      asked.push(orderId);
      return orderId === 1 ? stored : undefined;
    });
    scene.apply((w) => {
      w.place({ orderId: 2, qtyLots: 4 });
      w.accepted(2);
      fill(w, 3, 7, 1);
      fill(w, 1, 6, 0);
    });
    assert.deepEqual(asked, [2, 1]);
    assert.equal(scene.order(1).filledLots, 4);
  });

  it('throws at an event of an order that nobody placed', () => {
    const scene = new Scene();
    assert.throws(() => scene.apply((w) => w.accepted(9)), /order 9, which no command placed/);
  });

  it('throws at an event that comes after the order closed', () => {
    const scene = new Scene();
    scene.apply((w) => {
      restMaker(w);
      w.cancelled(1, 10);
    });
    assert.throws(() => scene.apply((w) => w.cancelled(1, 10)), /not open/);
  });

  it('throws at a trade in a market it was not told of', () => {
    const ring = Ring.create(1 << 14, 1);
    const writer = new FrameWriter(ring, MARKET + 1);
    const tracker = new OrderTracker(new Map([[MARKET, UNITS]]));
    OPEN_MAKER_AND_TAKER(writer);
    fill(writer, 1, 1, 1);
    writer.endAndPublish();
    const reader = new RingReader(ring, READER_JOURNAL);
    assert.throws(() => {
      for (let at = reader.next(); at >= 0; at = reader.next()) tracker.apply(ring, at);
    }, /market 8 trades but is not described/);
  });
});
