import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE } from '../../../src/strategies/catalogue.ts';
import { deploymentOf, orderName, orderNumberOf } from '../../../src/strategies/client-ids.ts';
import { readParameters } from '../../../src/strategies/parameters.ts';

describe('parameters', () => {
  for (const definition of CATALOGUE) {
    it(`${definition.id}: every one has a default, bounds or choices, and a description`, () => {
      const { properties } = definition.parameters;
      const read = readParameters(definition, {});
      assert.ok('parameters' in read);
      assert.deepEqual(Object.keys(read.parameters).sort(), Object.keys(properties).sort());
      for (const [name, schema] of Object.entries(properties)) {
        const one = schema as Record<string, unknown>;
        assert.ok(typeof one.description === 'string' && one.description.length > 10, name);
        assert.ok('default' in one, name);
        assert.ok('enum' in one || one.type === 'boolean' || 'maximum' in one, name);
      }
    });
  }

  it('names what is wrong: unknown, of another type, out of bounds', () => {
    const [definition] = CATALOGUE;
    const problem = (given: Record<string, unknown>): string => {
      const read = readParameters(definition, given);
      return 'problem' in read ? `${read.problem.parameter} ${read.problem.message}` : 'fine';
    };
    assert.equal(problem({ speed: 3 }), 'speed is not a parameter of this strategy');
    assert.equal(problem({ fast_samples: 'many' }), 'fast_samples must be integer');
    assert.equal(problem({ max_loss: -1 }), 'max_loss must be >= 0');
    assert.equal(problem({ fast_samples: 4 }), 'fine');
  });

  it('keeps what is not given', () => {
    const [definition] = CATALOGUE;
    const first = readParameters(definition, { entry_bps: 7 });
    assert.ok('parameters' in first);
    const second = readParameters(definition, { exit_bps: 1 }, first.parameters);
    assert.ok('parameters' in second);
    assert.equal(second.parameters.entry_bps, 7);
    assert.equal(second.parameters.exit_bps, 1);
  });
});

describe('names of orders', () => {
  it('tell deployment and number, and nothing of others’ names', () => {
    const name = orderName(12, 345);
    assert.equal(deploymentOf(name), 12);
    assert.equal(orderNumberOf(12, name), 345);
    assert.equal(orderNumberOf(13, name), 0);
    for (const other of ['', 'mine', 'st12-', 'st0-1', 'st12-0', 'xst12-1', 'st12-1x']) {
      assert.equal(deploymentOf(other), 0, other);
    }
    assert.ok(orderName(9_999_999_999, Number.MAX_SAFE_INTEGER).length <= 36);
  });
});
