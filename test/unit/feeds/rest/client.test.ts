import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import { REST_LIMITS, RestClient, type RestRequest } from '../../../../src/feeds/rest/client.ts';
import { replyCheck } from '../../../../src/feeds/rest/reply-check.ts';
import { failure, type RestResult } from '../../../../src/feeds/rest/result.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The connection breaks. */
  readonly error?: string;
  /** Nothing ever comes. */
  readonly isSilent?: boolean;
}

const check = replyCheck(Type.Object({ price: Type.String() }));
const GOOD: Answer = { body: '{"price":"7"}' };
const ASK: RestRequest<{ price: string }> = { path: '/price', weight: 1, freshMs: 1_000, check };

function stage(answers: (call: number) => Answer, weightMax = 1_000) {
  const timers = new ManualTimers(1_700_000_040_000);
  const calls: string[] = [];
  const fetchReply = (async (url: string, { signal }: { signal: AbortSignal }) => {
    calls.push(url);
    const { status = 200, headers, body = '', error, isSilent } = answers(calls.length);
    if (error !== undefined) throw new TypeError('fetch failed', { cause: new Error(error) });
    if (isSilent) {
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
    }
    return new Response(body, { status, headers });
  }) as unknown as typeof fetch;
  const client = new RestClient({
    url: 'http://exchange',
    timers,
    random: () => 1,
    limits: { weight: { windowMs: 60_000, weightMax } },
    fetch: fetchReply,
    usedWeightHeader: 'x-used',
  });
  /** The outcome, with as much time as it needs. */
  const outcome = async <T>(result: Promise<RestResult<T>>): Promise<RestResult<T>> => {
    let done: RestResult<T> | undefined;
    void result.then((value) => {
      done = value;
    });
    for (let turns = 0; done === undefined && turns < 5_000; turns += 1) {
      await timers.passSlowly(20, 20);
    }
    assert.ok(done !== undefined, 'it never ended');
    return done;
  };
  const ask = (request: RestRequest<{ price: string }> = ASK) => outcome(client.get(request));
  return { client, timers, calls, ask, outcome };
}

function codeOf(result: RestResult<unknown>): string {
  return result.isOk ? 'ok' : result.code;
}

describe('the REST client', () => {
  it('keeps an answer as long as it is true', async () => {
    const { ask, calls, timers, client } = stage(() => GOOD);
    assert.equal(codeOf(await ask()), 'ok');
    assert.equal(codeOf(await ask()), 'ok');
    assert.equal(calls.length, 1);
    timers.pass(1_000);
    await ask();
    await ask({ ...ASK, query: { symbol: 'BTC' } });
    await ask({ ...ASK, body: { type: 'meta' } });
    assert.equal(calls.length, 4);
    assert.equal(client.counters.cached, 1);
  });

  it('asks once for all who ask the same at the same time', async () => {
    const { client, calls, outcome } = stage(() => GOOD);
    const all = Array.from({ length: 50 }, () => client.get({ ...ASK, freshMs: 0 }));
    const results = await Promise.all(all.map(outcome));
    assert.ok(results.every(({ isOk }) => isOk));
    assert.equal(calls.length, 1);
    assert.equal(client.counters.shared, 49);
  });

  for (const [name, answer, code, callsMade] of [
    ['HTML with 200', { body: '<html>' }, 'BAD_REPLY', 1],
    ['cut JSON', { body: '{"price":"7' }, 'BAD_REPLY', 1],
    ['JSON of another shape', { body: '{"price":7}' }, 'BAD_REPLY', 1],
    ['nothing with 200', { body: '' }, 'BAD_REPLY', 1],
    ['400', { status: 400, body: 'Invalid symbol.' }, 'REFUSED', 1],
    ['404', { status: 404 }, 'REFUSED', 1],
    ['500', { status: 500 }, 'VENUE_ERROR', 3],
    ['503', { status: 503 }, 'VENUE_ERROR', 3],
    ['503 for an hour', { status: 503, headers: { 'retry-after': '3600' } }, 'VENUE_ERROR', 1],
    ['a broken connection', { error: 'ECONNRESET' }, 'UNREACHABLE', 3],
    ['silence', { isSilent: true }, 'TIMEOUT', 3],
    ['429', { status: 429, headers: { 'retry-after': '30' } }, 'RATE_LIMITED', 1],
    ['418', { status: 418, headers: { 'retry-after': '120' } }, 'BANNED', 1],
    ['403', { status: 403 }, 'BANNED', 1],
  ] as const) {
    it(`${name} is ${code} after ${callsMade} attempts`, async () => {
      const { ask, calls } = stage(() => answer);
      assert.equal(codeOf(await ask()), code);
      assert.equal(calls.length, callsMade);
    });
  }

  it('tries again after what may pass, and is content with an answer', async () => {
    const { ask, calls } = stage((call) => (call < 3 ? { status: 502 } : GOOD));
    assert.equal(codeOf(await ask()), 'ok');
    assert.equal(calls.length, 3);
  });

  for (const [status, code] of [
    [429, 'RATE_LIMITED'],
    [418, 'BANNED'],
  ] as const) {
    it(`after a ${status} asks nothing until Retry-After has passed`, async () => {
      const headers = { 'retry-after': '30' };
      const { ask, calls, timers } = stage((call) => (call === 1 ? { status, headers } : GOOD));
      const first = await ask();
      assert.ok(!first.isOk && first.code === code);
      assert.equal(first.retryAfterMs, 30_000);
      const second = await ask();
      assert.ok(!second.isOk && second.code === 'RATE_LIMITED');
      assert.equal(calls.length, 1, 'it was not asked');
      timers.pass(30_000);
      assert.equal(codeOf(await ask()), 'ok');
      assert.equal(calls.length, 2);
    });
  }

  it('waits for a short Retry-After by itself', async () => {
    const headers = { 'retry-after': '1' };
    const { ask, calls } = stage((call) => (call === 1 ? { status: 429, headers } : GOOD));
    assert.equal(codeOf(await ask()), 'ok');
    assert.equal(calls.length, 2);
  });

  it('understands an error that comes with status 200', async () => {
    const refusalIn = () => failure('RATE_LIMITED', '10006: Too many visits!');
    const { ask, calls } = stage(() => GOOD);
    assert.equal(codeOf(await ask({ ...ASK, refusalIn })), 'RATE_LIMITED');
    await ask();
    assert.equal(calls.length, 1, 'and leaves the exchange alone');
  });

  it('keeps to the weight of a window, its own and what the exchange has counted', async () => {
    const { ask, calls, timers } = stage(() => GOOD, 10);
    const heavy = { ...ASK, weight: 4, freshMs: 0 };
    assert.equal(codeOf(await ask(heavy)), 'ok');
    assert.equal(codeOf(await ask(heavy)), 'ok');
    const third = await ask(heavy);
    assert.ok(!third.isOk && third.code === 'RATE_LIMITED' && third.retryAfterMs !== undefined);
    assert.ok(third.retryAfterMs <= 60_000);
    assert.equal(calls.length, 2);
    timers.pass(60_000);
    assert.equal(codeOf(await ask(heavy)), 'ok');
    const told = stage(() => ({ ...GOOD, headers: { 'x-used': '9' } }), 10);
    await told.ask({ ...ASK, freshMs: 0 });
    assert.equal(codeOf(await told.ask({ ...ASK, weight: 2, freshMs: 0 })), 'RATE_LIMITED');
  });

  it('leaves a dead exchange alone, lets one try after a while, and asks again when it lives', async () => {
    let isDead = true;
    const { ask, calls, timers } = stage(() => (isDead ? { error: 'ECONNREFUSED' } : GOOD));
    await ask();
    await ask();
    const before = calls.length;
    const open = await ask();
    assert.ok(!open.isOk && open.code === 'CIRCUIT_OPEN' && open.retryAfterMs !== undefined);
    assert.equal(calls.length, before, 'it was not asked');
    timers.pass(REST_LIMITS.breaker.openMs);
    assert.equal(codeOf(await ask()), 'CIRCUIT_OPEN');
    assert.equal(calls.length, before + 1, 'one attempt decided');
    isDead = false;
    timers.pass(REST_LIMITS.breaker.openMaxMs);
    assert.equal(codeOf(await ask()), 'ok');
    assert.equal(codeOf(await ask({ ...ASK, path: '/other' })), 'ok');
  });

  it('what an exchange refuses does not count against its health', async () => {
    const { ask } = stage(() => ({ status: 400 }));
    for (let i = 0; i < 20; i += 1) assert.equal(codeOf(await ask()), 'REFUSED');
  });

  it('bounds what it keeps', async () => {
    const { ask, client } = stage(() => GOOD);
    for (let i = 0; i < 3 * REST_LIMITS.cacheMax; i += 1) {
      await ask({ ...ASK, weight: 0, freshMs: 1e9, query: { i } });
    }
    const { kept } = client as unknown as { kept: { size: number } };
    assert.ok(kept.size <= 2 * REST_LIMITS.cacheMax);
  });
});
