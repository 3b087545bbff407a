import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { IdentityClient } from '../support/identity-client.ts';
import { ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const ENV = { OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0' };
const PASSWORD = 'secure_password';
const ORDER = { side: 'buy', type: 'limit', quantity: 1 };
/** One market for each currency of the opening balances. */
const ORDERS = [
  { ...ORDER, exchange: 'NASDAQ', symbol: 'AAPL', price: 150.5 },
  { ...ORDER, exchange: 'binance', symbol: 'ETH/USDT', price: 3000 },
  { ...ORDER, exchange: 'sei', symbol: 'SEI/USDC', quantity: 100, price: 0.4 },
];

/** What every start writes down: that it began. */
const COMMITS_OF_START = 1;

/**
 * A registration is several facts: the user, a portfolio, a deposit in each currency. Wherever the
 * process dies between them, the next start finishes what became durable.
 */
describe('a server that dies while a user registers', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess | undefined;
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  it('leaves no user without an account, and no account without its money', async () => {
    server = await ServerProcess.start(directory.path, ENV);
    // A registration takes five commits; with the sixth it has ended well.
    for (const commits of [1, 2, 4, 6]) {
      await server.end('SIGTERM');
      server = await ServerProcess.start(directory.path, {
        ...ENV,
        OPENBELL_FAILPOINT: `journal.after_sync_before_release:${COMMITS_OF_START + commits}`,
      });
      const client: IdentityClient = new IdentityClient(server.url);
      const email = `user${commits}@example.com`;
      const person = { email, password: PASSWORD };
      const told = await client.post('/api/auth/register', {}, person).then(
        ({ status }) => status,
        () => undefined,
      );
      await server.end('SIGKILL');
      server = await ServerProcess.start(directory.path, ENV);
      client.url = server.url;
      const again = await client.post('/api/auth/register', {}, person);
      assert.equal(again.status, 409, `durable before the death at commit ${commits}`);
      assert.equal(told, commits === 6 ? 201 : undefined);
      const { bearer } = await client.login(email, PASSWORD);
      for (const order of ORDERS) {
        const placed = await client.post('/v1/trading/orders', bearer, order);
        assert.equal(placed.status, 201, `${commits}: ${JSON.stringify(placed.body)}`);
      }
    }
  });
});
