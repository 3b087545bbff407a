import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BookFollower } from '../../../src/matching/book-follower.ts';
import { EMPTY_IMAGE, plainOrder } from '../../support/book-images.ts';
import { commandOf } from '../../support/naive-command.ts';
import { Harness } from '../../support/naive-harness.ts';

describe('BookFollower', () => {
  it('answers for single orders and for the best prices', () => {
    const { follower, run } = harness();
    run('buy 1 5@100 pf=7', 'buy 2 3@100', 'sell 3 9@104', 'sell 4 2@100');
    const first = { orderId: 1, portfolioId: 7, side: 0, priceTicks: 100 };
    assert.deepEqual(follower.get(1), plainOrder({ ...first, remainingLots: 3, totalLots: 5 }));
    assert.equal(follower.get(4), undefined);
    assert.equal(follower.remainingLots(1), 3);
    assert.equal(follower.remainingLots(4), 0);
    assert.equal(follower.firstOrderId(0), 1);
    assert.equal(follower.firstOrderId(1), 3);
    assert.deepEqual([follower.bestBidTicks(), follower.bestAskTicks()], [100, 104]);
    assert.equal(follower.size, 3);
    run('cancel-all');
    assert.deepEqual([follower.bestBidTicks(), follower.bestAskTicks()], [0, 0]);
    assert.equal(follower.firstOrderId(0), 0);
    assert.equal(follower.size, 0);
  });

  it('keeps owner and total of an order through amendments that move it', () => {
    const { follower, run } = harness();
    run('buy 1 5@100 pf=7', 'sell 2 2@100', 'buy 3 1@99 pf=8', 'amend 1 remaining 6@98');
    const moved = { orderId: 1, portfolioId: 7, side: 0, priceTicks: 98 };
    assert.deepEqual(follower.get(1), plainOrder({ ...moved, remainingLots: 6, totalLots: 8 }));
    run('amend 1 reduce 1');
    assert.deepEqual(follower.get(1), plainOrder({ ...moved, remainingLots: 5, totalLots: 7 }));
  });

  it('notices a missing record and an order it never heard of', () => {
    const { engine, run } = harness();
    run('buy 1 5@100', 'buy 2 5@100', 'cancel 1');
    const fails = { name: 'AssertionError' };
    const late = new BookFollower(3);
    const views = (bytes: Buffer) => {
      const u8 = new Uint8Array(bytes);
      return { u8, i32: new Int32Array(u8.buffer), f64: new Float64Array(u8.buffer) };
    };
    assert.throws(() => late.apply(views(engine.written[1]), 0), fails);
    const unaware = new BookFollower(3, { ...EMPTY_IMAGE, seq: 6 });
    unaware.apply(views(engine.written[6]), 0);
    assert.throws(() => unaware.apply(views(engine.written[7]), 0), fails);
  });
});

function harness(): {
  engine: Harness;
  follower: BookFollower;
  run: (...lines: string[]) => void;
} {
  const engine = new Harness();
  return {
    engine,
    follower: engine.follower,
    run: (...lines) => {
      for (const line of lines) engine.run(commandOf(line));
    },
  };
}
