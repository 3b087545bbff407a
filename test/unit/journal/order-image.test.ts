import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderImageWriter, readOrderImage } from '../../../src/journal/order-image.ts';
import { TrackedOrder } from '../../../src/projections/order-tracker.ts';

test('every flag a command can carry is kept, whatever time in force and self-trade mode', () => {
  const writer = new OrderImageWriter();
  for (let flags = 0; flags < 128; flags += 1) {
    for (const tif of [0, 4]) {
      for (const selfTrade of [0, 4]) {
        const order = Object.assign(new TrackedOrder(), { orderId: 7, flags, tif, selfTrade });
        const read = readOrderImage(7, writer.write(order));
        assert.deepEqual([read.flags, read.tif, read.selfTrade], [flags, tif, selfTrade]);
      }
    }
  }
});
