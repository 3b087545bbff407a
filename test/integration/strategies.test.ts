import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recompute } from '../support/recomputed-performance.ts';
import { eventually, ServerProcess } from '../support/server-process.ts';
import { performanceWhen, strategy, watchOrders } from '../support/strategy-client.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';
import { assertVerified } from '../support/verify-directory.ts';

const SEI_MARKETS = [13, 14];
/** Close to the touch, so that the simulated traders trade with it. */
const EAGER = { min_spread_bps: 0, max_spread_bps: 2, quote_levels: 2, order_notional: 500 };

/** So many that every start but the first goes on from one. */
const SNAPSHOTS = { OPENBELL_SNAPSHOT_INTERVAL_KIB: '64' };

describe('a deployed strategy', () => {
  it('quotes, fills, is stopped without a quote left, and its figures are those of its fills', async (t) => {
    const directory = temporaryDirectory(t);
    const server = await ServerProcess.start(directory);
    t.after(() => server.end('SIGKILL'));
    const client = await server.login();
    const orders = await watchOrders(server.url, client.token);
    const before = await strategy(client, 'market_making');
    assert.equal(before.status, 'stopped');
    assert.equal(before.performance, null);
    assert.deepEqual(before.markets, [
      { exchange: 'sei', symbol: 'SEI/USDC' },
      { exchange: 'sei', symbol: 'ETH/USDC' },
    ]);

    const deployed = await client.post('/v1/strategies/market_making/deploy', {
      parameters: EAGER,
    });
    assert.equal(deployed.status, 201, JSON.stringify(deployed.body));
    assert.equal(deployed.body.data.parameters.quote_levels, 2);
    assert.equal(deployed.body.data.parameters.refresh_ms, 200, 'defaults are written out');
    const { portfolio_id: portfolioId } = deployed.body.data;
    await performanceWhen(
      client,
      'market_making',
      'quotes both markets',
      (p) => p.open_orders >= 6,
    );
    await performanceWhen(client, 'market_making', 'is filled', (p) => p.fills >= 12);
    assert.equal((await strategy(client, 'market_making')).status, 'running');
    const seen = orders.seen.filter((order) => order.portfolio_id === portfolioId);
    assert.ok(seen.some(({ side, post_only }) => side === 'buy' && post_only));
    assert.ok(seen.some(({ side, post_only }) => side === 'sell' && post_only));
    assert.ok(seen.some(({ status }) => status === 'filled'));

    const stopped = await client.post('/v1/strategies/market_making/stop', undefined);
    assert.equal(stopped.status, 200);
    assert.equal(stopped.body.data.status, 'stopped');
    assert.equal(stopped.body.data.reason, 'requested');
    const { performance } = stopped.body.data;
    assert.equal(performance.open_orders, 0);
    await eventually('every order has left', () => {
      const newest = new Map(orders.seen.map((order) => [order.order_id, order]));
      const open = [...newest.values()].filter(
        ({ portfolio_id, status }) => portfolio_id === portfolioId && status === 'open',
      );
      return open.length === 0 ? true : undefined;
    });
    orders.close();
    await server.end('SIGTERM');

    const stopMs = Date.parse(stopped.body.data.since);
    const facts = await recompute(directory, Number(portfolioId), SEI_MARKETS, stopMs);
    assert.equal(performance.fills, facts.fills);
    const money = (units: bigint): number => Number(units) / 1e6;
    assert.equal(performance.realized_pnl, money(facts.realised));
    assert.equal(performance.fees, money(facts.fees));
    assert.equal(performance.volume, money(facts.volume));
    assert.equal(performance.positions[0].quantity, Number(facts.lots.get(13)));
    assert.equal(performance.positions[1].quantity, Number(facts.lots.get(14)) / 1000);
    const total = performance.realized_pnl + performance.unrealized_pnl - performance.fees;
    assert.ok(Math.abs(performance.total_pnl - total) < 1e-6);
    assert.equal(performance.equity, 100_000 + performance.total_pnl);
  });

  it('goes on after a stop of the server and after kill -9, with its figures and no left-over quotes', async (t) => {
    const directory = temporaryDirectory(t);
    let server = await ServerProcess.start(directory, SNAPSHOTS);
    t.after(() => server.end('SIGKILL'));
    let client = await server.login();
    const body = { parameters: EAGER, markets: [{ exchange: 'sei', symbol: 'ETH/USDC' }] };
    assert.equal((await client.post('/v1/strategies/market_making/deploy', body)).status, 201);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const { fills: already } = (await strategy(client, 'market_making')).performance ?? {
        fills: 0,
      };
      await performanceWhen(client, 'market_making', 'trades', (p) => p.fills >= already + 2);
      await performanceWhen(client, 'market_making', 'quotes', (p) => p.open_orders >= 3);
      const configured = await client.post('/v1/strategies/market_making/configure', {
        parameters: { risk_aversion: signal === 'SIGTERM' ? 2 : 3 },
      });
      assert.equal(configured.status, 200);
      const before = await strategy(client, 'market_making');
      await server.end(signal);

      server = await ServerProcess.start(directory, SNAPSHOTS);
      client = await server.login();
      const after = await strategy(client, 'market_making');
      assert.equal(after.deployment_id, before.deployment_id);
      assert.deepEqual(after.markets, before.markets);
      assert.equal(after.parameters.risk_aversion, signal === 'SIGTERM' ? 2 : 3);
      assert.ok(after.performance !== null && before.performance !== null);
      assert.ok(after.performance.fills >= before.performance.fills);
      assert.ok(after.performance.volume >= before.performance.volume);
      assert.ok(after.performance.orders_sent >= before.performance.orders_sent);
      await eventually('it runs again', async () => {
        const { status } = await strategy(client, 'market_making');
        return status === 'running' ? true : undefined;
      });
      const now = await performanceWhen(
        client,
        'market_making',
        'quotes',
        (p) => p.open_orders >= 3,
      );
      assert.ok(now.open_orders <= 4, `${now.open_orders} orders: some are of the former run`);
    }
    const end = await client.post('/v1/strategies/market_making/stop', undefined);
    assert.equal(end.body.data.performance.open_orders, 0);
    const { since, portfolio_id: portfolioId, performance } = end.body.data;
    await server.end('SIGTERM');
    const facts = await recompute(directory, Number(portfolioId), [14], Date.parse(since));
    assert.equal(performance.fills, facts.fills);
    assert.equal(performance.realized_pnl, Number(facts.realised) / 1e6);
    assert.equal(performance.fees, Number(facts.fees) / 1e6);

    server = await ServerProcess.start(directory, SNAPSHOTS);
    client = await server.login();
    const stopped = await strategy(client, 'market_making');
    assert.equal(stopped.status, 'stopped', 'what was stopped stays so');
    assert.deepEqual(stopped.performance, performance);
    await server.end('SIGTERM');
    assertVerified(directory, 'after the stops');
  });
});
