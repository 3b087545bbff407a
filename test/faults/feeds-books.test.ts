import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FeedScene, until } from '../support/feed-scene.ts';

const SLACK_MS = 1_500;

describe('a connector whose books and replies fail', () => {
  let scene: FeedScene;
  beforeEach(async () => {
    scene = await FeedScene.open();
  });
  afterEach(async () => {
    assert.equal(scene.binance.server.dialsMs.length, 1, 'no fault of a book costs a connection');
    scene.assertOtherUntouched();
    await scene.close();
  });
  const staleReasons = () =>
    scene.followed.records.flatMap((record) => (record.kind === 'stale' ? record.reason : []));
  const snapshots = () =>
    scene.binance.server.questions.filter(({ path }) => path === '/fapi/v1/depth').length;

  /** Loses one diff of one symbol, so that its book has to be fetched anew. */
  async function loseOne(): Promise<void> {
    const stale = staleReasons().length;
    scene.lost.add('ETHUSDT');
    const u = scene.binance.books.get('ETHUSDT')?.sequence ?? 0;
    await until('a diff to be lost', () => (scene.binance.books.get('ETHUSDT')?.sequence ?? 0) > u);
    scene.lost.clear();
    await until('the gap to be found', () => staleReasons().length > stale);
  }

  it('a gap: that symbol alone is stale until its new snapshot', async (t) => {
    const before = snapshots();
    await loseOne();
    const ms = await scene.fresh(SLACK_MS);
    assert.deepEqual(staleReasons(), ['gap']);
    assert.equal(scene.followed.connector.counters().gaps, 1);
    assert.ok(snapshots() - before <= 3);
    const resets = scene.followed.records.filter((each) => each.kind === 'book' && each.isReset);
    assert.equal(resets.filter(({ symbol }) => symbol === 'BTCUSDT').length, 1);
    t.diagnostic(`fresh after ${ms.toFixed(0)} ms, ${snapshots() - before} snapshots`);
    await scene.assertEqualBooks();
  });

  it('diffs that come twice change nothing', async () => {
    scene.rewrite = (diff) => [diff, diff];
    await until('some of them', () => scene.followed.records.length > 100);
    assert.deepEqual(staleReasons(), []);
    assert.equal(scene.followed.connector.counters().gaps, 0);
    await scene.assertEqualBooks();
  });

  it('diffs that overtake each other are a gap, and the book is right again after it', async (t) => {
    let held: object | undefined;
    scene.rewrite = (diff) => {
      if ((diff as { s: string }).s !== 'ETHUSDT') return [diff];
      if (held === undefined) {
        held = diff;
        return [];
      }
      const both = [diff, held];
      held = undefined;
      scene.rewrite = undefined;
      return both;
    };
    await until('the gap to be found', () => staleReasons().length > 0);
    const ms = await scene.fresh(SLACK_MS);
    assert.deepEqual(staleReasons(), ['gap']);
    t.diagnostic(`fresh after ${ms.toFixed(0)} ms`);
    await scene.assertEqualBooks();
  });

  for (const [name, answer, pauseMs] of [
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '1' }, body: '{}' }, 1_000],
    ['418 with Retry-After', { status: 418, headers: { 'retry-after': '1' }, body: '{}' }, 1_000],
    ['503', { status: 503, body: 'upstream' }, 0],
    ['HTML with 200', { status: 200, body: '<html><body>Maintenance</body></html>' }, 0],
    ['truncated JSON', { status: 200, body: '{"lastUpdateId":7,"bids":[["1.00"' }, 0],
    ['JSON of another shape', { status: 200, body: '{"code":0}' }, 0],
    ['no answer at all', 'never', 0],
  ] as const) {
    it(`${name} in place of a snapshot: stale until a good one, without a storm`, async (t) => {
      const before = snapshots();
      let bad = 0;
      scene.binance.server.interception = ({ path }) => {
        if (path !== '/fapi/v1/depth' || bad === 3) return undefined;
        bad += 1;
        return answer;
      };
      await loseOne();
      const startMs = performance.now();
      if (pauseMs > 0) {
        await until('the refusal', () => bad === 1);
        bad = 3;
      }
      const ms = await scene.fresh(pauseMs + 2 * SLACK_MS);
      if (pauseMs > 0) assert.ok(performance.now() - startMs > pauseMs - 100, 'it waited');
      assert.deepEqual(staleReasons(), ['gap']);
      // Three bad ones, the good one, and as many again that may be older than the diffs.
      assert.ok(snapshots() - before <= 8, `${snapshots() - before} snapshots`);
      t.diagnostic(`fresh after ${ms.toFixed(0)} ms, ${snapshots() - before} requests`);
      await scene.assertEqualBooks();
    });
  }

  it('a symbol that is delisted is given up and said, and costs no more requests', async () => {
    scene.binance.delisted.add('ETHUSDT');
    const { connector } = scene.followed;
    await until('it to be given up', () => connector.health().unlisted.includes('ETHUSDT'));
    assert.deepEqual(staleReasons(), ['silent']);
    const requests = snapshots();
    const records = scene.followed.records.length;
    await until('the other symbol', () => scene.followed.records.length > records + 100);
    assert.equal(snapshots(), requests);
    assert.deepEqual(connector.health().staleBooks, ['ETHUSDT']);
    assert.ok(scene.followed.notices.some(({ code }) => code === 'unlisted'));
    await scene.assertEqualBooks();
  });
});
