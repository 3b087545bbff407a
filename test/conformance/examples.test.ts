import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import WebSocket from 'ws';
import { ConformanceStage, type StageUser } from '../support/conformance-stage.ts';
import { readDocument, skipContract as skip } from '../support/contract.ts';
import { eventually } from '../support/server-process.ts';

const BTC = 'binance:BTC-USDT';

/** Why a program's examples cannot run here, or `false`. */
function lacks(program: string, ...args: string[]): string | false {
  return spawnSync(program, args).status === 0
    ? false
    : `${[program, ...args].join(' ')} fails here`;
}

/** The code blocks of a document in one language that contain a text. */
function blocks(surface: string, language: string, containing: string): string[] {
  const found = readDocument(surface).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm);
  return [...found]
    .filter(([, name, code]) => name === language && code.includes(containing))
    .map(([, , code]) => code);
}

/** The documents' own examples, with another host, credentials and symbols, and nothing else changed. */
describe('usage examples', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let user: StageUser;
  let token: string;
  const sockets: WebSocket[] = [];

  before(async () => {
    stage = await ConformanceStage.open();
    maker = await stage.user('maker');
    user = await stage.user('user');
    token = user.bearer.authorization.replace('Bearer ', '');
    await maker.order(BTC, 'buy', 5, 65400.5);
    await maker.order(BTC, 'sell', 5, 65432.1);
    await user.order(BTC, 'buy', 0.25, 65432.1);
  });
  after(async () => {
    for (const socket of sockets) socket.terminate();
    await stage?.close();
  });

  /** Runs a browser's code; returns what it logs. */
  function runScript(code: string): unknown[] {
    const logged: unknown[] = [];
    class Socket extends WebSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    }
    runInNewContext(code, {
      WebSocket: Socket,
      console: { log: (it: unknown) => logged.push(it) },
    });
    return logged;
  }

  const socketBase = (): string => stage.server.url.replace('http', 'ws');

  it('Velocimex, curl with the key headers', { skip: lacks('curl', '--version') }, () => {
    const [code, ...others] = blocks('velocimex', 'bash', 'curl');
    assert.equal(others.length, 0);
    const command = code
      .replace('your_api_key', user.headers['x-api-key'])
      .replace('your_api_secret', user.headers['x-api-secret'])
      .replace('https://api.velocimex.com', stage.server.url)
      .replace('/v1/endpoint', '/v1/markets/status');
    const { status, stdout } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).status, 'ok');
  });

  it('Velocimex, both sockets', async () => {
    const codes = blocks('velocimex', 'javascript', 'new WebSocket');
    assert.equal(codes.length, 2);
    const [market, orders] = codes.map((code) =>
      runScript(
        code
          .replace('wss://api.velocimex.com', socketBase())
          .replace('/v1/ws/orders', `/v1/ws/orders?token=${token}`),
      ),
    ) as Record<string, unknown>[][];
    await eventually('market data', () =>
      market.find(({ symbol, price }) => symbol === 'BTC/USDT' && price === 65432.1),
    );
    // Its socket may still be on its way to being logged in.
    const placed: string[] = [];
    await eventually('an order of the user', async () => {
      placed.push((await user.order(BTC, 'buy', 0.01, 60_000)).order_id);
      return orders.find(({ order_id: id }) => placed.includes(String(id)));
    });
  });

  it('Entasis, Python requests', { skip: lacks('python3', '-c', 'import requests') }, async () => {
    const [code, ...others] = blocks('entasis', 'python', 'import requests');
    assert.equal(others.length, 0);
    const key = user.headers['x-api-key'];
    // Its second function leaves `token` and `headers` to whoever calls it.
    const names = [
      `token = "${token}"`,
      `headers = {"Authorization": f"Bearer {token}", "X-API-Key": "${key}"}`,
    ];
    const own = code
      .replaceAll('https://api.example.com', stage.server.url)
      .replaceAll('your-api-key', key);
    const calls = (size: string) => [
      'import json',
      `print(json.dumps([get_market_price("BTC-USDT"), create_position("BTC-USDT", ${size})]))`,
    ];
    for (const size of ['"0.1"', '0.2']) {
      const script = [...names, own, ...calls(size)].join('\n');
      const { status, stdout, stderr } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      const [price, position] = JSON.parse(stdout);
      assert.deepEqual([price.symbol, price.price], ['BTC-USDT', '65432.1']);
      assert.equal(position.status, 'success', stdout);
      assert.match(position.position_id, /^pos_/);
    }
  });

  it('Octopus, the market-data socket', async () => {
    const [code, ...others] = blocks('octopus', 'javascript', 'new WebSocket');
    assert.equal(others.length, 0);
    await maker.order('NASDAQ:AAPL', 'sell', 5, 175.84);
    await user.order('NASDAQ:AAPL', 'buy', 5, 175.84);
    // The document shows what the client sends; what it gets is listened to here.
    const logged = runScript(
      `${code.replace('ws://localhost:8000', socketBase())}
       ws.onmessage = ({ data }) => console.log(JSON.parse(data));`,
    ) as Record<string, unknown>[];
    await eventually('a quote', () =>
      logged.find(({ type, symbol, price }) => {
        return type === 'quote' && symbol === 'AAPL' && price === 175.84;
      }),
    );
  });

  it('Entasis, the price socket', async () => {
    const [code, ...others] = blocks('entasis', 'javascript', 'new WebSocket');
    assert.equal(others.length, 0);
    const logged = runScript(code.replace('ws://api.example.com', socketBase()));
    await eventually('a price', () => logged.find((line) => line === 'BTC-USDT: 65432.1'));
  });
});
