import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as R from '../../../../src/codec/records.ts';
import type { StrategyDeployed, StrategyStopped } from '../../../../src/domain/strategy-events.ts';
import { Deployments } from '../../../../src/gateway/strategies/deployments.ts';
import { MarketViews } from '../../../../src/projections/market-view.ts';
import { OrderTracker } from '../../../../src/projections/order-tracker.ts';
import { FRAME_FLAG_END, frameFlags } from '../../../../src/rings/frame.ts';
import { marketMaking } from '../../../../src/strategies/market-making.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { DEPLOYMENT_ID, StrategyScene } from '../../../support/strategy-scene.ts';

const ETH = 14;
const MID = 342_000;
const TRADER_PORTFOLIO = 3;

const DEPLOYED: StrategyDeployed = {
  kind: 'StrategyDeployed',
  deploymentId: DEPLOYMENT_ID,
  userId: 2,
  strategy: 'market_making',
  portfolioId: TRADER_PORTFOLIO,
  marketIds: [ETH],
  parameters: {},
  atMs: 1_700_000_000_000,
  opening: [],
  startEquityUnits: null,
};

/** A maker that quotes and is filled on both sides; its journal's frames. */
function frames(): { scene: StrategyScene; journal: readonly Uint8Array[] } {
  const scene = new StrategyScene(marketMaking, {
    marketIds: [ETH],
    canShort: true,
    parameters: { max_spread_bps: 4, refresh_ms: 100 },
  });
  for (let i = 0; i < 12; i += 1) {
    scene.quote(ETH, MID - 200 + i * 7, MID + 200 + i * 7, 1000);
    scene.pass(1000);
    scene.take(ETH, i % 3 === 0 ? 0 : 1, i % 3 === 0 ? MID + 150 : MID - 110, 250);
  }
  return { scene, journal: scene.venue.journal };
}

/** Books and orders see the whole journal, the deployments what comes from one record on. */
function follow(deployments: Deployments, journal: readonly Uint8Array[], from = 0): void {
  const { all } = shippedMarkets([ETH]);
  const views = new MarketViews(all);
  const units = all.map(({ id, quoteUnitsPerTickLot }) => [id, quoteUnitsPerTickLot] as const);
  const books = { views, orders: new OrderTracker(new Map(units)) };
  for (const [i, { buffer }] of journal.entries()) {
    const frame = {
      i32: new Int32Array(buffer),
      f64: new Float64Array(buffer),
      u8: new Uint8Array(buffer),
    };
    books.orders.apply(frame, 0);
    views.apply(frame, 0);
    if (i >= from) deployments.apply(frame, 0, books);
  }
}

function fresh(): Deployments {
  const deployments = new Deployments(shippedMarkets([ETH]).all);
  deployments.learn(DEPLOYED);
  return deployments;
}

/** Snapshots are taken between commands: the first such place from here on. */
function groupEnd(journal: readonly Uint8Array[], from: number): number {
  const last = journal.findIndex(
    ({ buffer }, i) => i >= from && (frameFlags(new Int32Array(buffer)[1]) & FRAME_FLAG_END) !== 0,
  );
  return last + 1;
}

describe('deployments', () => {
  it('count what the host itself counts, from the journal alone', () => {
    const { scene, journal } = frames();
    const deployments = fresh();
    follow(deployments, journal);
    const found = deployments.get(DEPLOYMENT_ID);
    assert.ok(found !== undefined && found.record.fills > 4);
    // The host does not know where the middle was: only the gateway splits the profit.
    const { markedMinute: _, splits, ...mine } = found.record.image();
    const { markedMinute: __, splits: ___, ...theirs } = scene.host.record.image();
    assert.equal(splits?.length, 1);
    assert.deepEqual(
      { ...mine, maxDrawdownUnits: 0, peakUnits: 0 },
      { ...theirs, maxDrawdownUnits: 0, peakUnits: 0 },
    );
    assert.equal(found.openOrderIds.size, scene.host.orders(ETH).length);
  });

  it('go on from a snapshot wherever it was taken', () => {
    const { scene, journal } = frames();
    const whole = fresh();
    follow(whole, journal);
    for (const near of [1, Math.floor(journal.length / 3), journal.length - 5]) {
      const at = groupEnd(journal, near);
      const first = fresh();
      follow(first, journal.slice(0, at));
      const images = JSON.parse(JSON.stringify(first.images()));
      const open = [...(first.get(DEPLOYMENT_ID)?.openOrderIds ?? [])].map((orderId) => {
        const order = scene.venue.orders.get(orderId);
        return {
          orderId,
          portfolioId: TRADER_PORTFOLIO,
          clientOrderId: name(journal, orderId),
          order,
        };
      });
      const restored = fresh();
      restored.restore(images, open as never);
      follow(restored, journal, at);
      assert.deepEqual(restored.images(), whole.images(), `cut at ${at}`);
      assert.deepEqual(
        restored.get(DEPLOYMENT_ID)?.openOrderIds,
        whole.get(DEPLOYMENT_ID)?.openOrderIds,
      );
    }
  });

  it('stand still from the stop on, and give way to the next of the same user and strategy', () => {
    const { journal } = frames();
    const deployments = fresh();
    follow(deployments, journal);
    const running = deployments.get(DEPLOYMENT_ID);
    assert.ok(running !== undefined);
    const stopped: StrategyStopped = {
      kind: 'StrategyStopped',
      deploymentId: DEPLOYMENT_ID,
      byUserId: 2,
      failed: false,
      reason: 'requested',
      atMs: 1_700_000_100_000,
      record: running.record.image(),
    };
    deployments.learn(stopped);
    deployments.learn({ ...stopped, reason: 'again' });
    follow(deployments, journal);
    assert.deepEqual(running.record.image(), stopped.record);
    assert.equal(running.end?.reason, 'requested');
    assert.deepEqual(deployments.running(), []);
    deployments.learn({ ...DEPLOYED, deploymentId: 9 });
    assert.equal(deployments.newestOf(2, 'market_making')?.deploymentId, 9);
    assert.equal(deployments.get(DEPLOYMENT_ID), undefined);
    assert.equal(deployments.takeId(), 10);
  });
});

function name(journal: readonly Uint8Array[], orderId: number): string {
  for (const { buffer } of journal) {
    const f64 = new Float64Array(buffer);
    const u8 = new Uint8Array(buffer);
    if (u8[4] !== R.PLACE_ORDER || f64[R.COMMAND_ORDER_ID >>> 3] !== orderId) continue;
    const length = u8[R.PLACE_CLIENT_ID_LENGTH];
    return Buffer.from(u8.slice(R.PLACE_CLIENT_ID, R.PLACE_CLIENT_ID + length)).toString('ascii');
  }
  return '';
}
