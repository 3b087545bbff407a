import { readFileSync } from 'node:fs';
import { eventually, ServerProcess } from './server-process.ts';
import { openTemporaryDirectory } from './temp-directory.ts';

/**
 * The shortest proof that a build works on this Node: starts the server, waits for a living book in
 * every default market, stops it with SIGTERM. `node dist/test/support/smoke.js`
 */
const directory = openTemporaryDirectory();
const server = await ServerProcess.start(directory.path);
const client = await server.login();
const file = new URL('../../../config/markets.json', import.meta.url);
const { markets } = JSON.parse(readFileSync(file, 'utf8')) as {
  markets: { exchange: string; symbol: string; source?: string }[];
};
// Those that are not said to be something else are simulated.
const simulated = markets.filter(({ source }) => source === undefined);
for (const { exchange, symbol } of simulated) {
  await eventually(`a book on both sides of ${exchange}:${symbol}`, async () => {
    const { body } = await client.get(`/v1/markets/${exchange}/orderbook/${symbol}`);
    return body.data.bids.length > 0 && body.data.asks.length > 0 ? true : undefined;
  });
}
const { code } = await server.end('SIGTERM');
directory.remove();
console.log(`smoke on Node ${process.version}: ${simulated.length} books, SIGTERM exits ${code}`);
process.exitCode = code === 0 ? 0 : 1;
