import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings, SettingError } from '../../../src/config/settings.ts';

describe('settings', () => {
  it('have the documented defaults', () => {
    const settings = readSettings({});
    assert.equal(settings.host, '127.0.0.1');
    assert.equal(settings.port, 8000);
    assert.ok(settings.dataDirectory.endsWith('/data'));
    assert.equal(settings.adminUsername, 'admin');
    assert.equal(settings.adminPassword, undefined);
    assert.equal(settings.durability, 'commit');
    assert.equal(settings.rateLimits, 'on');
    assert.equal(settings.openingBalances.get('USD'), '1000000');
  });

  it('keep a number, or all', () => {
    const { retainSnapshots, retainSimulatedOrders } = readSettings({
      OPENBELL_RETAIN_SNAPSHOTS: 'all',
      OPENBELL_RETAIN_SIMULATED_ORDERS: '5',
    });
    assert.deepEqual([retainSnapshots, retainSimulatedOrders], [Number.POSITIVE_INFINITY, 5]);
  });

  it('treat an empty variable as unset', () => {
    assert.equal(readSettings({ OPENBELL_PORT: '', OPENBELL_HOST: '' }).port, 8000);
  });

  for (const [name, value] of [
    ['OPENBELL_PORT', '80 80'],
    ['OPENBELL_PORT', '65536'],
    ['OPENBELL_PORT', '-1'],
    ['OPENBELL_PORT', '1e3'],
    ['OPENBELL_DURABILITY', 'maybe'],
    ['OPENBELL_RATE_LIMITS', 'OFF'],
    ['OPENBELL_OPENING_BALANCES', 'USD=-5'],
    ['OPENBELL_OPENING_BALANCES', 'USD'],
    ['OPENBELL_SIMULATION_ORDERS_PER_SECOND', 'many'],
    ['OPENBELL_RETAIN_SNAPSHOTS', '0'],
    ['OPENBELL_RETAIN_SNAPSHOTS', 'none'],
    ['OPENBELL_SNAPSHOT_INTERVAL_KIB', '1'],
  ]) {
    it(`refuse ${name}=${value} and name the variable`, () => {
      assert.throws(
        () => readSettings({ [name]: value }),
        (error: unknown) => error instanceof SettingError && error.message.includes(name),
      );
    });
  }
});
