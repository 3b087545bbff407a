import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FEATURE_ROWS, FeatureRing } from '../../../src/features/feature-ring.ts';
import { FEATURE_COUNT } from '../../../src/features/feature-schema.ts';

function ringOf(rows: number): FeatureRing {
  const ring = FeatureRing.create();
  for (let row = 0; row < rows; row += 1) {
    ring.append(10 * row, 5000 + row, new Float64Array(FEATURE_COUNT).fill(row));
  }
  return ring;
}

describe('a feature ring', () => {
  it('gives the newest row that has seen nothing later than is durable', () => {
    const ring = ringOf(7);
    const into = new Float64Array(FEATURE_COUNT);
    assert.equal(ring.readNewest(45, -1, into), 4);
    assert.equal(into[63], 4);
    assert.equal(ring.tenths, 5004);
    assert.equal(ring.readNewest(60, 4, into), 6);
    assert.equal(into[0], 6);
  });

  it('gives no row twice', () => {
    const ring = ringOf(7);
    const into = new Float64Array(FEATURE_COUNT);
    assert.equal(ring.readNewest(60, 6, into), 6);
    assert.equal(into[0], 0, 'nothing was written');
  });

  it('knows no row while none is durable, or when those that are have been replaced', () => {
    const into = new Float64Array(FEATURE_COUNT);
    assert.equal(ringOf(0).readNewest(60, -1, into), -1);
    assert.equal(ringOf(7).readNewest(-1, -1, into), -1);
    const full = ringOf(FEATURE_ROWS + 20);
    assert.equal(full.readNewest(200, -1, into), -1);
    assert.equal(full.readNewest(210, -1, into), 21, 'the oldest but the one that is written next');
  });
});
