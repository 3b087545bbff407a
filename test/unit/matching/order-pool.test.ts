import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as R from '../../../src/codec/records.ts';
import { OrderPool } from '../../../src/matching/order-pool.ts';

test('every flag a command can carry is kept beside the other terms', () => {
  const memory = new ArrayBuffer(256);
  const views = {
    u8: new Uint8Array(memory),
    i32: new Int32Array(memory),
    f64: new Float64Array(memory),
  };
  const pool = new OrderPool(16);
  const slot = pool.take();
  for (let flags = 0; flags < 256; flags += 1) {
    for (const [side, type, tif, selfTrade] of [
      [0, 0, 0, 0],
      [1, 5, 4, 4],
    ]) {
      views.u8[R.PLACE_SIDE] = side;
      views.u8[R.PLACE_ORDER_TYPE] = type;
      views.u8[R.PLACE_TIF] = tif;
      views.u8[R.PLACE_FLAGS] = flags;
      views.u8[R.PLACE_SELF_TRADE] = selfTrade;
      pool.read(slot, views, 0);
      assert.deepEqual(
        [pool.side(slot), pool.orderType(slot), pool.tif(slot), pool.selfTrade(slot)],
        [side, type, tif, selfTrade],
      );
      // The highest says only that the record is longer.
      assert.equal(pool.flags(slot), flags & 127);
      assert.equal(pool.isPlain(slot), (flags & 127) === 0 && selfTrade === 0);
    }
  }
});
