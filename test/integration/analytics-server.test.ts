import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scoreHeadline } from '../../src/sentiment/headline-score.ts';
import { type Client, eventually, ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const GOOD = 'Apple profit beats expectations, shares surge';
const BAD = 'Apple faces lawsuit over privacy';
const CHATTER = '$AAPL to the moon, buyback and record sales';

describe('headlines and forecasts of a running server', () => {
  const directory = openTemporaryDirectory();

  it('counts headlines once, says what they add up to, and knows them after a kill', async (t) => {
    t.after(() => directory.remove());
    const options = { OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0' };
    let server = await ServerProcess.start(directory.path, options);
    let client = await server.login();

    const nothing = await client.get('/api/ml/sentiment/AAPL');
    assert.equal(nothing.status, 409);
    assert.equal(nothing.body.details.code, 'INSUFFICIENT_DATA');

    const items = [
      { title: GOOD, source: 'wire', url: 'https://news.test/1' },
      { title: GOOD, source: 'wire', url: 'https://news.test/1' },
      { title: BAD },
      { title: CHATTER, channel: 'social' },
      { title: 'Weather stays fine' },
      { title: 'Chip maker raises guidance', symbols: ['NVDA'] },
    ];
    const taken = await client.post('/api/ml/news', { items });
    assert.equal(taken.status, 201, JSON.stringify(taken.body));
    const { accepted, duplicates, unlinked } = taken.body;
    assert.deepEqual(
      { accepted, duplicates, unlinked },
      { accepted: 4, duplicates: 1, unlinked: 1 },
    );
    assert.deepEqual(taken.body.items[5].assets, ['NVDA']);

    await saysOfApple(client);
    await server.end('SIGKILL');
    server = await ServerProcess.start(directory.path, options);
    client = await server.login();
    await saysOfApple(client);
    const again = await client.post('/api/ml/news', { items: [items[2]] });
    assert.equal(again.body.duplicates, 1);
    await refuses(client);
    await server.end('SIGTERM');
  });

  it('continues a market’s past, and says how well it did on it', async (t) => {
    const fresh = openTemporaryDirectory();
    t.after(() => fresh.remove());
    const server = await ServerProcess.start(fresh.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '20',
      OPENBELL_SIMULATION_HISTORY: 'on',
    });
    const client = await server.login();
    const reply = await eventually('the past is made', async () => {
      const body = { symbol: 'AAPL', horizon: '5d', model: 'ets' };
      const answer = await client.post('/api/ml/predict', body);
      return answer.status === 200 ? answer : undefined;
    });
    const { predictions, naive_mae, mae, origins, coverage, as_of } = reply.body;
    assert.equal(predictions.length, 5);
    const quote = await client.get('/api/market/quote/AAPL');
    let before = as_of.slice(0, 10);
    for (const { date, predicted_price, lower_bound, upper_bound, confidence } of predictions) {
      assert.ok(date > before, `${date} is after ${before}`);
      assert.ok(lower_bound < predicted_price && predicted_price < upper_bound);
      assert.ok(Math.abs(predicted_price / quote.body.price - 1) < 0.25);
      assert.equal(confidence, 0.9);
      before = date;
    }
    assert.ok(origins >= 20 && mae > 0 && naive_mae > 0 && coverage > 0.6 && coverage <= 1);

    const path = '/api/v1/analysis/prediction/BTC-USDT?timeframe=1d&model=ensemble';
    const entasis = await eventually('the past of another market is made', async () => {
      const answer = await client.get(path);
      return answer.status === 200 ? answer : undefined;
    });
    const { prediction, lower_bound, upper_bound } = entasis.body;
    assert.match(prediction, /^\d+\.\d{2}$/);
    assert.ok(Number(lower_bound) < Number(prediction) && Number(prediction) < Number(upper_bound));
    const began = performance.now();
    assert.deepEqual((await client.get(path)).body.prediction, prediction);
    // It was made once: the second answer does not wait for a network to be trained.
    assert.ok(performance.now() - began < 1000);
    await server.end('SIGTERM');
  });
});

async function saysOfApple(client: Client): Promise<void> {
  const { status, body } = await client.get('/api/ml/sentiment/AAPL');
  assert.equal(status, 200, JSON.stringify(body));
  const news = (scoreHeadline(GOOD) + scoreHeadline(BAD)) / 2;
  const social = scoreHeadline(CHATTER);
  // They came at once, so all count alike but for seconds of age.
  assert.ok(Math.abs(body.news_sentiment - news) < 2e-3);
  assert.ok(Math.abs(body.social_sentiment - social) < 2e-3);
  assert.ok(Math.abs(body.overall_sentiment - (2 * news + social) / 3) < 2e-3);
  assert.equal(body.analyzed_sources, 3);
  assert.equal(body.sentiment_label, 'bullish');
}

async function refuses(client: Client): Promise<void> {
  const before = (await client.get('/api/ml/sentiment/NVDA')).body.analyzed_sources;
  const wrong = [
    { items: [] },
    { items: [{ title: 'Nvidia rises' }, { title: 'x', symbols: ['NOPE'] }] },
    { items: [{ title: 'Nvidia rises', published_at: 'yesterday' }] },
    { items: [{ title: 'Nvidia rises', url: 'javascript:alert(1)' }] },
  ];
  for (const body of wrong) assert.equal((await client.post('/api/ml/news', body)).status, 422);
  const after = (await client.get('/api/ml/sentiment/NVDA')).body.analyzed_sources;
  assert.equal(after, before);
  for (const body of [
    { symbol: 'AAPL', horizon: '99d' },
    { symbol: 'AAPL', horizon: 'soon' },
    { symbol: 'AAPL', model: 'oracle' },
  ]) {
    assert.equal((await client.post('/api/ml/predict', body)).status, 422);
  }
  const unknown = await client.post('/api/ml/predict', { symbol: 'NOPE' });
  assert.equal(unknown.status, 404);
  const short = await client.post('/api/ml/predict', { symbol: 'AAPL', model: 'ets' });
  assert.equal(short.body.details?.code, 'INSUFFICIENT_DATA');
}
