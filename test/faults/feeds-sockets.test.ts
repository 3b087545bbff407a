import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FeedScene, HASTY, until } from '../support/feed-scene.ts';

/** The scene's diffs are told every few milliseconds; scheduling on a loaded machine is not ours. */
const SLACK_MS = 1_500;

describe('a connector whose sockets fail', () => {
  let scene: FeedScene;
  beforeEach(async () => {
    scene = await FeedScene.open();
  });
  afterEach(async () => {
    scene.assertDialsBounded();
    scene.assertOtherUntouched();
    await scene.close();
  });
  const socket = () => scene.followed.connector.health().sockets[0].counters;
  const staleReasons = () =>
    scene.followed.records.flatMap((record) => (record.kind === 'stale' ? record.reason : []));

  it('the server closes: books are stale at once, and fresh after one more dial', async (t) => {
    for (const connection of scene.binance.server.connections) connection.close();
    await until('stale books', () => scene.followed.connector.health().staleBooks.length === 2);
    const ms = await scene.fresh(SLACK_MS);
    assert.deepEqual(staleReasons(), ['disconnected', 'disconnected']);
    assert.equal(socket().dials, 2);
    t.diagnostic(`fresh after ${ms.toFixed(0)} ms`);
    await scene.assertEqualBooks();
  });

  it('a half-open socket is found at the idle limit', async (t) => {
    for (const connection of scene.binance.server.connections) connection.freeze();
    const startMs = performance.now();
    await until('the watchdog', () => socket().idleDisconnects === 1);
    // The newest data may have come a while before.
    assert.ok(performance.now() - startMs >= HASTY.idleMs / 2);
    const ms = await scene.fresh(SLACK_MS);
    assert.equal(socket().dials, 2);
    t.diagnostic(`idle limit ${HASTY.idleMs} ms, then fresh after ${ms.toFixed(0)} ms`);
    await scene.assertEqualBooks();
  });

  it('a peer that pongs and acknowledges and is silent otherwise is idle', async (t) => {
    for (const connection of scene.binance.server.connections) connection.isSilent = true;
    const acks = setInterval(() => {
      for (const connection of scene.binance.server.connections) {
        if (connection.isSilent) connection.send('{"result":null,"id":1}');
      }
    }, 20);
    await until('the watchdog', () => socket().idleDisconnects === 1);
    clearInterval(acks);
    const ms = await scene.fresh(SLACK_MS);
    t.diagnostic(`idle limit ${HASTY.idleMs} ms, then fresh after ${ms.toFixed(0)} ms`);
    await scene.assertEqualBooks();
  });

  it('an exchange that refuses every dial is dialled no more often than allowed', async (t) => {
    scene.binance.server.dialFault = 'refused';
    for (const connection of scene.binance.server.connections) connection.close();
    await until('the budget to be spent', () => socket().throttledDials > 0, 6_000);
    assert.equal(scene.binance.server.dialsMs.length, HASTY.dialsMax);
    scene.binance.server.dialFault = 'none';
    const ms = await scene.fresh(HASTY.dialWindowMs + SLACK_MS);
    t.diagnostic(`fresh ${ms.toFixed(0)} ms after it came back, ${socket().dials} dials`);
    await scene.assertEqualBooks();
  });

  it('a dial that is never answered is given up in time', async () => {
    scene.binance.server.dialFault = 'unanswered';
    for (const connection of scene.binance.server.connections) connection.close();
    await until('two dials to fail', () => socket().dialFailures >= 2);
    scene.binance.server.dialFault = 'none';
    await scene.fresh(HASTY.dialWindowMs + SLACK_MS);
    await scene.assertEqualBooks();
  });

  it('a connection that opens and stays silent does not count as steady', async () => {
    scene.binance.server.dialFault = 'silent';
    for (const connection of scene.binance.server.connections) connection.close();
    await until('two silent sockets', () => socket().idleDisconnects >= 2);
    scene.binance.server.dialFault = 'none';
    for (const connection of scene.binance.server.connections) connection.drop();
    await scene.fresh(HASTY.dialWindowMs + SLACK_MS);
    await scene.assertEqualBooks();
  });

  it('malformed frames are counted and skipped', async () => {
    const before = socket().malformed;
    const bad = ['{', 'null', '[]', '"text"', '{"stream":"x","data":{"e":"depthUpdate","s":7}}'];
    const books = scene.followed.records.length;
    for (const text of bad) {
      for (const connection of scene.binance.server.connections) connection.send(text);
    }
    await until('them to be counted', () => socket().malformed - before === 4);
    await until('more books', () => scene.followed.records.length > books + 10);
    assert.deepEqual(staleReasons(), []);
    assert.equal(socket().disconnects, 0);
    await scene.assertEqualBooks();
  });

  it('a symbol that falls silent alone is fetched anew alone', async (t) => {
    scene.lost.add('ETHUSDT');
    const { connector, records } = scene.followed;
    await until('it to be stale', () => connector.health().staleBooks.includes('ETHUSDT'));
    assert.deepEqual(connector.health().staleBooks, ['ETHUSDT']);
    await sleep(50);
    scene.lost.clear();
    const ms = await scene.fresh(SLACK_MS);
    assert.deepEqual(staleReasons(), ['silent']);
    const resets = records.filter((record) => record.kind === 'book' && record.isReset);
    assert.equal(resets.filter(({ symbol }) => symbol === 'BTCUSDT').length, 1);
    assert.equal(socket().dials, 1);
    t.diagnostic(`fresh after ${ms.toFixed(0)} ms`);
    await scene.assertEqualBooks();
  });
});
