import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { FEATURE_COUNT, FEATURE_NAMES, FEATURES } from '../../../src/features/feature-schema.ts';

describe('the feature schema', () => {
  it('has 64 features, each with a name of its own', () => {
    assert.equal(FEATURES.length, FEATURE_COUNT);
    assert.equal(new Set(FEATURE_NAMES).size, FEATURE_COUNT);
  });

  it('is what docs/features.md tells', () => {
    const page = readFileSync('docs/features.md', 'utf8');
    const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
    const expected = FEATURES.map(
      ({ name, unit, formula }, i) =>
        `| ${i} | \`${name}\` | ${unit} | ${formula.replaceAll('|', '\\|')} |`,
    );
    assert.deepEqual(rows, expected);
  });
});
