import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cursorOf, readCursor } from '../../../../src/surfaces/octopus/cursors.ts';
import * as ids from '../../../../src/surfaces/octopus/ids.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

describe('ids of the Octopus surface', () => {
  it('are UUIDs that give the number back, and are no other kind of thing', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 65_535 }), (id, market) => {
        const texts = [
          ids.portfolioUuid(id),
          ids.orderUuid(id),
          ids.alertUuid(id),
          ids.holdingUuid(id),
          ids.positionUuid('traded', id, market),
          ids.positionUuid('transferred', id, market),
        ];
        for (const text of texts) assert.match(text, UUID);
        assert.equal(new Set(texts).size, texts.length);
        const readers = [ids.portfolioIdOf, ids.orderIdOf, ids.alertIdOf];
        for (const [kind, read] of readers.entries()) {
          for (const [i, text] of texts.entries()) {
            assert.equal(read(text), i === kind ? id : undefined);
          }
          assert.equal(read(texts[kind].toUpperCase()), id);
        }
        assert.deepEqual(ids.positionOf(texts[3]), { kind: 'holding', holdingId: id });
        for (const [kind, text] of [
          ['traded', texts[4]],
          ['transferred', texts[5]],
        ] as const) {
          assert.deepEqual(ids.positionOf(text), { kind, portfolioId: id, marketId: market });
        }
      }),
    );
  });

  it('a number alone is understood, and nothing else is', () => {
    assert.equal(ids.portfolioIdOf('42'), 42);
    for (const wrong of ['', '0', '042', '-1', '4.2', 'x', '706f7274-0000-8000-8000', '1e3']) {
      assert.equal(ids.portfolioIdOf(wrong), undefined, wrong);
      assert.equal(ids.positionOf(wrong), undefined, wrong);
    }
    // As a random UUID has it.
    assert.equal(ids.orderIdOf('6f726472-0000-4000-8000-000000000001'), undefined);
  });

  it('a cursor is good for the list it is of', () => {
    assert.equal(readCursor('orders', cursorOf('orders', 7)), 7);
    assert.equal(readCursor('orders', undefined), Number.POSITIVE_INFINITY);
    for (const wrong of [cursorOf('transfers', 7), 'AAAA', cursorOf('orders', -1), '']) {
      assert.equal(typeof readCursor('orders', wrong), 'object', wrong);
    }
  });
});
