import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLimit } from '../../../../src/gateway/streams/connection-limit.ts';
import { StreamCounters } from '../../../../src/gateway/streams/counters.ts';
import type { StreamEndpoint } from '../../../../src/gateway/streams/endpoint.ts';
import { StreamHub } from '../../../../src/gateway/streams/hub.ts';
import { type MarketView, MarketViews } from '../../../../src/projections/market-view.ts';
import { MarketFlow } from '../../../support/market-flow.ts';
import { shippedMarkets } from '../../../support/markets.ts';
import { StepClock } from '../../../support/stream-fakes.ts';

const registry = shippedMarkets();

function endpoint(name: string, publish?: (view: MarketView) => void): StreamEndpoint {
  return {
    name,
    path: `/${name}`,
    counters: new StreamCounters(),
    errorText: (code) => code,
    negotiate: () => ({ subprotocol: '' }),
    open: () => {
      throw new Error('nobody connects in this test');
    },
    bind: () => {},
    publish,
  };
}

test('a drain is published once, market by market, to every endpoint, settled and then cleared', () => {
  const clock = new StepClock();
  const views = new MarketViews(registry.all);
  const seen: string[] = [];
  const record = (name: string) => (view: MarketView) => {
    assert.ok(view.hasChanges);
    assert.equal(view.best.bidTicks, view.depth.bestBidTicks(), 'the view is settled');
    seen.push(`${name}:${view.market.id}:${view.bookPosition.seq}`);
  };
  const endpoints = [endpoint('a', record('a')), endpoint('private'), endpoint('b', record('b'))];
  const hub = new StreamHub({ views, clock, endpoints });
  const flows = [new MarketFlow(9, 1), new MarketFlow(6, 2)];
  hub.publish();
  const { nanos } = clock;
  assert.deepEqual(seen, [], 'nothing happened, nothing is published');
  for (let i = 0; i < 4; i += 1) {
    for (const flow of flows) {
      flow.step();
      hub.views.apply(flow.views, 0);
    }
  }
  hub.publish();
  hub.publish();
  assert.deepEqual(seen, ['a:9:4', 'b:9:4', 'a:6:4', 'b:6:4']);
  assert.equal(clock.nanos, nanos + 2000, 'one ingest time and one send time for the whole drain');
  assert.equal(views.dirty.length, 0);
  assert.deepEqual([...hub.metrics.keys()], ['a', 'private', 'b']);
  assert.equal(hub.connections, 0);
});

test('a connection limit counts per address and can be off', () => {
  const limit = new ConnectionLimit(2);
  limit.opened('a');
  limit.opened('a');
  limit.opened('b');
  assert.equal(limit.isReached('a'), true);
  assert.equal(limit.isReached('b'), false);
  limit.closed('a');
  assert.equal(limit.isReached('a'), false);
  const off = new ConnectionLimit(Number.POSITIVE_INFINITY);
  for (let i = 0; i < 1000; i += 1) off.opened('a');
  assert.equal(off.isReached('a'), false);
});
