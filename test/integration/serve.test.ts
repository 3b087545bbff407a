import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Client, eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

interface MarketEntry {
  exchange: string;
  symbol: string;
  /** Of other markets than simulated ones. */
  source?: string;
}

const { markets } = JSON.parse(
  readFileSync(new URL('../../../config/markets.json', import.meta.url), 'utf8'),
) as { markets: MarketEntry[] };

describe('a fresh server on the embedded default', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  before(async () => {
    server = await ServerProcess.start(directory.path);
  });
  after(async () => {
    await server.end('SIGKILL');
    directory.remove();
  });

  it('has a living, uncrossed book in every default market within seconds', async () => {
    const client = await server.login();
    for (const { exchange, symbol, source } of markets) {
      if (source !== undefined) continue;
      const path = `/v1/markets/${exchange}/orderbook/${encodeURIComponent(symbol)}`;
      const book = await eventually(`both sides of ${exchange}:${symbol}`, async () => {
        const { body } = await client.get(path);
        return body.data?.bids.length > 0 && body.data.asks.length > 0 ? body.data : undefined;
      });
      assert.ok(book.bids[0].price < book.asks[0].price, `${exchange}:${symbol} is crossed`);
      await eventually(`${exchange}:${symbol} to move`, async () => {
        const { body } = await client.get(path);
        return body.data.sequence > book.sequence ? true : undefined;
      });
    }
  });

  it('says on every health surface that it is well, and how', async () => {
    const client = await server.login();
    const flashmm = await client.get('/api/v1/health');
    assert.equal(flashmm.status, 200);
    assert.equal(flashmm.body.status, 'healthy');
    assert.equal(flashmm.body.durability, 'commit');
    assert.equal(flashmm.body.rate_limits, 'off');
    const takashi = await client.get('/health');
    assert.deepEqual(takashi.body.exchanges, { binance: true, bybit: true, hyperliquid: true });
    assert.equal((await client.get('/')).body.status, 'operational');
  });

  it('exports metrics that move with the market', async () => {
    const records = async (): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/^openbell_records_total (\d+)$/m.exec(text)?.[1]);
    };
    const first = await records();
    assert.ok(first > 0);
    await eventually('more records', async () => ((await records()) > first ? true : undefined));
  });

  it('goes down on SIGTERM with exit code 0 and comes back with its books', async () => {
    const client = await server.login();
    const path = '/v1/markets/NASDAQ/orderbook/AAPL?depth=1000';
    const { code } = await server.end('SIGTERM');
    assert.equal(code, 0, server.log);
    // Without traders, so that the books stand still.
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
    });
    const again = await server.login();
    const book = (await again.get(path)).body.data;
    assert.ok(book.bids.length > 5 && book.asks.length > 5, 'the resting orders are still there');
    const kept = new Client(server.url, client.token);
    assert.equal((await kept.get(path)).status, 200, 'the token outlives the restart');
  });

  it('refuses a second process on the same data directory, and says which one has it', async () => {
    await assert.rejects(
      ServerProcess.start(directory.path),
      new RegExp(`in use by process ${server.pid}`),
    );
  });

  it('refuses a port that another server has', async () => {
    const other = openTemporaryDirectory();
    const { port } = new URL(server.url);
    await assert.rejects(
      ServerProcess.start(other.path, { OPENBELL_PORT: port }),
      new RegExp(`cannot listen on 127.0.0.1:${port}`),
    );
    other.remove();
  });

  it('ends the start with a sentence when a setting is wrong', async () => {
    await assert.rejects(
      ServerProcess.start(directory.path, { OPENBELL_DURABILITY: 'maybe' }),
      /OPENBELL_DURABILITY is "maybe"; it must be one of commit, async/,
    );
  });
});
