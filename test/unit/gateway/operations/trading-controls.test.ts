import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ControlScope } from '../../../../src/domain/operations-events.ts';
import { OK, TRADING_PAUSED } from '../../../../src/domain/result-codes.ts';
import { TradingControls } from '../../../../src/gateway/operations/trading-controls.ts';
import { Uptime } from '../../../../src/gateway/operations/uptime.ts';

const ACCOUNT = 7;
const OTHER = 8;
const AT_MS = Date.UTC(2024, 0, 20, 14, 30);

function paused(controls: TradingControls, scope: ControlScope, marketIds: number[], until = 0) {
  const facts = { scope, reason: 'r', byUserId: 1, atMs: AT_MS, resumeAtMs: until };
  controls.apply({ kind: 'TradingPaused', marketIds, ...facts });
}

function stopped(controls: TradingControls, scope: ControlScope, incidentId: string): void {
  const facts = { reason: 'r', byUserId: 1, flatten: false, atMs: AT_MS };
  controls.apply({ kind: 'EmergencyStopped', incidentId, scope, ...facts });
}

describe('trading controls', () => {
  it('refuse whom the scope means, where it means, until it is resumed', () => {
    const controls = new TradingControls(() => ACCOUNT);
    assert.equal(controls.refusal(ACCOUNT, 13), OK);
    paused(controls, 'account', [13]);
    assert.equal(controls.refusal(ACCOUNT, 13), TRADING_PAUSED);
    assert.deepEqual([controls.refusal(ACCOUNT, 14), controls.refusal(OTHER, 13)], [OK, OK]);
    paused(controls, 'venue', [14]);
    assert.equal(controls.refusal(OTHER, 14), TRADING_PAUSED);
    stopped(controls, 'account', 'inc_20240120_001');
    assert.deepEqual(
      [controls.refusal(ACCOUNT, 1), controls.refusal(OTHER, 1)],
      [TRADING_PAUSED, OK],
    );
    const resumed = { kind: 'TradingResumed', byUserId: 1, atMs: AT_MS } as const;
    controls.apply({ ...resumed, marketIds: [13, 14], endsStop: false });
    assert.equal(controls.refusal(ACCOUNT, 13), TRADING_PAUSED, 'the stop goes on');
    controls.apply({ ...resumed, marketIds: [], endsStop: true });
    assert.deepEqual([controls.refusal(ACCOUNT, 13), controls.stop], [OK, undefined]);
  });

  it('refuse from the moment on in which a pause or a stop is asked for', () => {
    const controls = new TradingControls(() => ACCOUNT);
    controls.stopping = 'venue';
    assert.equal(controls.refusal(OTHER, 1), TRADING_PAUSED);
    controls.stopping = undefined;
    controls.pausing.set(13, 'account');
    assert.deepEqual(
      [controls.refusal(ACCOUNT, 13), controls.refusal(ACCOUNT, 14)],
      [TRADING_PAUSED, OK],
    );
  });

  it('number incidents by the day, after those of former runs', () => {
    const controls = new TradingControls(() => ACCOUNT);
    stopped(controls, 'account', 'inc_20240120_004');
    assert.equal(controls.takeIncidentId(AT_MS), 'inc_20240120_005');
    assert.equal(controls.takeIncidentId(AT_MS), 'inc_20240120_006');
    assert.equal(controls.takeIncidentId(AT_MS + 86_400_000), 'inc_20240121_001');
    const report = { ordersCancelled: 3, positionsFlattened: true, atMs: AT_MS + 5 };
    controls.apply({ kind: 'IncidentReported', incidentId: 'inc_20240120_004', ...report });
    assert.deepEqual(controls.incidents[0].report, report);
  });

  it('know when the next pause ends by itself', () => {
    const controls = new TradingControls(() => ACCOUNT);
    assert.equal(controls.nextResumeMs, Number.POSITIVE_INFINITY);
    paused(controls, 'account', [13]);
    assert.equal(controls.nextResumeMs, Number.POSITIVE_INFINITY);
    paused(controls, 'account', [14], AT_MS + 5000);
    paused(controls, 'account', [12], AT_MS + 9000);
    assert.equal(controls.nextResumeMs, AT_MS + 5000);
  });
});

describe('uptime', () => {
  it('is the share of a period without the times between an end and the next start', () => {
    const uptime = new Uptime();
    uptime.apply({ kind: 'VenueStarted', atMs: 1000, formerMs: 0 });
    assert.equal(uptime.share(0, 11_000), 1, 'before the first start there was nothing to be up');
    uptime.apply({ kind: 'VenueStarted', atMs: 6000, formerMs: 5000 });
    assert.equal(uptime.share(0, 11_000), 0.9);
    assert.equal(uptime.share(5500, 6500), 0.5);
    assert.equal(uptime.share(7000, 8000), 1);
  });
});
