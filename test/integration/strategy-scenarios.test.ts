import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WireOrder } from '../../schemas/velocimex.ts';
import { ADMIN_PASSWORD, type Client, ServerProcess } from '../support/server-process.ts';
import { performanceWhen, strategy, watchOrders } from '../support/strategy-client.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

/** Each strategy among the simulated traders, seen from outside. */
describe('on the simulated market', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let client: Client;
  let orders: Awaited<ReturnType<typeof watchOrders>>;

  before(async () => {
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '300',
      OPENBELL_OPENING_BALANCES: 'USDT=200000000',
    });
    client = await server.login();
    orders = await watchOrders(server.url, client.token);
  });

  after(async () => {
    orders.close();
    await server.end('SIGTERM');
    directory.remove();
  });

  const ordersOf = (portfolioId: string | null): WireOrder[] =>
    orders.seen.filter((order) => order.portfolio_id === portfolioId);

  it('momentum and mean reversion take positions at once or not at all, long only with cash', async () => {
    const quick = {
      momentum: {
        sample_seconds: 0.1,
        fast_samples: 3,
        slow_samples: 10,
        entry_bps: 0.05,
        exit_bps: 0,
      },
      mean_reversion: {
        sample_seconds: 0.1,
        window_samples: 20,
        entry_z: 0.8,
        min_deviation_bps: 0,
      },
    };
    for (const [id, parameters] of Object.entries(quick)) {
      const body = { parameters: { ...parameters, cooldown_seconds: 0 } };
      assert.equal((await client.post(`/v1/strategies/${id}/deploy`, body)).status, 201);
    }
    for (const id of Object.keys(quick)) {
      // In and out again.
      await performanceWhen(client, id, 'has closed a position', (p) => {
        return p.fills >= 2 && p.realized_pnl !== 0;
      });
      const { portfolio_id: portfolioId } = await strategy(client, id);
      const own = ordersOf(portfolioId);
      assert.ok(own.length >= 2);
      assert.ok(own.every(({ time_in_force }) => time_in_force === 'ioc'));
      assert.equal(own[0].side, 'buy');
      const stopped = await client.post(`/v1/strategies/${id}/stop`, undefined);
      const [position] = stopped.body.data.performance.positions;
      assert.ok(position.quantity >= 0, 'a cash portfolio is never short');
      assert.ok(stopped.body.data.performance.fees > 0);
    }
  });

  it('arbitrage buys on one exchange and sells on the other when somebody pays too much', async () => {
    const made = await client.post('/api/auth/users', {
      username: 'generous',
      password: ADMIN_PASSWORD,
      scopes: ['read', 'write'],
    });
    assert.equal(made.status, 201);
    const generous = await server.login('generous');
    const parameters = { min_edge_bps: 1, order_notional: 4_000, base_inventory: 8_000 };
    const deployed = await client.post('/v1/strategies/arbitrage/deploy', { parameters });
    assert.equal(deployed.status, 201);
    const stock = await performanceWhen(client, 'arbitrage', 'has bought its inventory', (p) => {
      return p.positions[0].quantity + p.positions[1].quantity >= 0.07 && p.open_orders === 0;
    });
    const inventory = stock.positions[0].quantity + stock.positions[1].quantity;
    // Half a per cent above the market on bybit, for far more than is offered there.
    let bidMs = 0;
    const traded = await performanceWhen(client, 'arbitrage', 'has sold on bybit', (p) => {
      if (performance.now() - bidMs > 2000) {
        bidMs = performance.now();
        const book = { exchange: 'bybit', symbol: 'BTC/USDT', side: 'buy', type: 'limit' };
        const price = Math.round((p.positions[1].mark_price ?? 97_250) * 1.005);
        void generous.post('/v1/trading/orders', { ...book, quantity: 100, price });
      }
      return p.positions[1].quantity < 0;
    });
    assert.ok(traded.positions[1].quantity < 0);
    const { portfolio_id: portfolioId } = await strategy(client, 'arbitrage');
    await performanceWhen(client, 'arbitrage', 'has worked its legs off', (p) => {
      const sum = p.positions[0].quantity + p.positions[1].quantity;
      return p.open_orders === 0 && Math.abs(sum - inventory) < 0.0015;
    });
    const own = ordersOf(portfolioId).filter(({ filled_quantity }) => filled_quantity > 0);
    const sold = own.find(({ exchange, side }) => exchange === 'bybit' && side === 'sell');
    const bought = own.findLast(({ exchange, side }) => exchange === 'binance' && side === 'buy');
    const [soldAt, boughtAt] = [sold?.average_price ?? 0, bought?.average_price ?? 0];
    assert.ok(boughtAt > 0 && soldAt > boughtAt * 1.00105, `${soldAt} and ${boughtAt}: the fees`);
    assert.equal((await client.post('/v1/strategies/arbitrage/stop', undefined)).status, 200);
  });
});
