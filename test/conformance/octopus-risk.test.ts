import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StageUser } from '../support/conformance-stage.ts';
import {
  endpointOf,
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { type PlainRisk, plainRisk } from '../support/plain-risk.ts';
import { dailyPrices, RiskStage } from '../support/risk-stage.ts';

const WINDOW = 252;
/** These markets never close: a year of theirs has 365 days, the plain twin's 252. */
const ALL_DAYS = Math.sqrt(365 / 252);

// biome-ignore lint/suspicious/noExplicitAny: replies are whatever the server says
type Data = any;

describe('risk as the Octopus and Entasis documents have it', { skip }, () => {
  let risk: RiskStage;
  let user: StageUser;
  let stranger: StageUser;
  let portfolioId: string;
  let shapeErrors: ShapeErrors;
  const octopus = skip === false ? loadContract('octopus') : undefined;
  const entasis = skip === false ? loadContract('entasis') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    risk = await RiskStage.open();
    user = await risk.user('holder');
    stranger = await risk.stage.user('stranger');
    const created = await user.send('POST', '/api/portfolios/', {
      name: 'Growth Portfolio',
      description: 'Long-term growth focused portfolio',
      initial_cash: 100_000,
    });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    portfolioId = created.body.id;
    for (const [symbol, quantity] of [
      ['AAPL', 100],
      ['GOOGL', 50],
    ]) {
      const body = { symbol, quantity, price: 175 };
      const reply = await user.send('POST', `/api/portfolios/${portfolioId}/positions`, body);
      assert.equal(reply.status, 201, JSON.stringify(reply.body));
    }
  });
  after(async () => risk?.close());

  /** The index of the exchange's three stocks by capitalisation, from what the surface tells. */
  async function benchmark() {
    const shares = { AAPL: 15_115_823_000, MSFT: 7_433_000_000, GOOGL: 12_211_000_000 };
    const levels = new Map<string, number>();
    for (const [symbol, count] of Object.entries(shares)) {
      for (const { date, close } of await dailyPrices(user, symbol)) {
        levels.set(date, (levels.get(date) ?? 0) + count * close);
      }
    }
    return [...levels].map(([date, close]) => ({ date, close }));
  }

  async function recomputed(values: Record<string, number>, total: number): Promise<PlainRisk> {
    const positions = [];
    for (const [symbol, value] of Object.entries(values)) {
      positions.push({ symbol, value, prices: await dailyPrices(user, symbol) });
    }
    return plainRisk(positions, await benchmark(), total, WINDOW);
  }

  it('octopus.risk.portfolio', async () => {
    const documented = endpointOf(octopus!, 'octopus.risk.portfolio');
    const reply = await user.get(`/api/risk/portfolio/${portfolioId}`);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    assert.deepEqual(shapeErrors(documented.responseExample, reply.body), []);
    const { body } = reply;
    // Prices move meanwhile: figures are compared with those of the values in this very reply.
    const value = (sector: string) => body.sector_exposure[sector] * body.total_value;
    const values = { AAPL: value('Technology'), GOOGL: value('Communication Services') };
    const expected = await recomputed(values, body.total_value);
    near(body.var_95, expected.var95, 1e-4);
    near(body.var_99, expected.var99, 1e-4);
    near(body.expected_shortfall_95, expected.shortfall95, 1e-4);
    near(body.max_drawdown, expected.drawdown, 1e-4);
    near(body.beta, expected.beta, 1e-4);
    near(body.volatility, expected.volatility * ALL_DAYS, 1e-4);
    const { AAPL } = body.correlation_matrix;
    assert.equal(AAPL.AAPL, 1);
    near(AAPL.GOOGL, expected.correlations.AAPL.GOOGL, 1e-9);
    // 99.9 % takes a thousand days, and says so.
    assert.ok(body.var_999 > body.var_99 && body.expected_shortfall_999 >= body.var_999);
    const far = body.value_at_risk.find((one: Data) => one.confidence_level === 0.999);
    assert.equal(far.observations, 1000);
    assert.equal(body.window.observations, WINDOW);
    assert.deepEqual(body.insufficient_data, []);
    assert.ok(Math.abs(body.sector_exposure.cash - 100_000 / body.total_value) < 1e-6);
    assert.deepEqual(body.benchmark.symbols.sort(), ['AAPL', 'GOOGL', 'MSFT']);
    for (const one of body.value_at_risk) assert.ok(one.from < one.to && one.method.length > 0);
  });

  it('octopus.risk.var', async () => {
    const documented = endpointOf(octopus!, 'octopus.risk.var');
    const asked = documented.requestExample as Data;
    const reply = await user.send('POST', documented.path, asked);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    const { body } = reply;
    assert.deepEqual([body.confidence_level, body.time_horizon], [0.99, 10]);
    assert.equal(body.total_value, 42_584);
    const expected = await recomputed({ AAPL: 17_584, GOOGL: 25_000 }, 42_584);
    near(body.var, expected.var99 * Math.sqrt(10), 1e-9);
    near(body.var_percent, (100 * expected.var99 * Math.sqrt(10)) / 42_584, 1e-9);
    const methods = body.methods.map(({ method }: Data) => method);
    assert.deepEqual(methods, ['historical', 'parametric', 'monte_carlo']);
    const simulated = body.methods[2];
    assert.deepEqual([simulated.paths, simulated.seed], [100_000, 1]);
    // The same seed gives the same figures, another one others within their errors.
    const again = await user.send('POST', documented.path, { ...asked, method: 'monte_carlo' });
    assert.equal(again.body.var, simulated.var);
    const other = await user.send('POST', documented.path, { ...asked, seed: 2 });
    const off = Math.abs(other.body.methods[2].var - simulated.var);
    assert.ok(off > 0 && off < 6 * simulated.var_standard_error, `${off}`);
  });

  it('octopus.risk.stressTest', async () => {
    const documented = endpointOf(octopus!, 'octopus.risk.stressTest');
    const asked = { ...(documented.requestExample as object), portfolio_id: portfolioId };
    const reply = await user.send('POST', documented.path, asked);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    const [crisis, crash, custom] = reply.body.results as Data[];
    assert.deepEqual(
      [crisis, crash, custom].map(({ scenario }) => scenario),
      ['2008_financial_crisis', 'covid_crash', 'custom'],
    );
    assert.deepEqual([crisis.from, crisis.to], ['2007-10-09', '2009-03-09']);
    for (const { source, positions, profit_loss: profit, loss } of [crisis, crash, custom]) {
      assert.ok(source.length > 10);
      const sum = positions.reduce((all: number, one: Data) => all + one.profit_loss, 0);
      near(profit, sum, 1e-6);
      near(loss, -profit, 1e-9);
    }
    const [apple] = crisis.positions;
    assert.deepEqual([apple.symbol, apple.shock, apple.basis], ['AAPL', -0.5049, 'asset']);
    near(apple.profit_loss, apple.value * -0.5049, 1e-6);
    // Without shocks of its own it is the worst stretch of what these positions lived through.
    const days = (Date.parse(custom.to) - Date.parse(custom.from)) / 86_400_000;
    assert.ok(days >= 10 && days <= 20, `${custom.from} to ${custom.to}`);
    assert.equal(reply.body.portfolio_id, portfolioId);
  });

  it('stress tests of the caller’s own: shocks, dates, and what cannot be meant', async () => {
    const positions = [
      { symbol: 'AAPL', value: 1000 },
      { symbol: 'MSFT', value: 500 },
      { symbol: 'BTC-USDT', value: -200 },
    ];
    const test = (custom: object, scenarios = ['custom']) =>
      user.send('POST', '/api/risk/stress-test', { positions, scenarios, custom });
    const shocked = await test({
      assets: { aapl: -0.5 },
      sectors: { Technology: -0.1 },
      classes: { crypto: 0.25 },
    });
    assert.equal(shocked.status, 200, JSON.stringify(shocked.body));
    const [result] = shocked.body.results;
    assert.deepEqual(
      result.positions.map(({ shock, basis }: Data) => [shock, basis]),
      [
        [-0.5, 'asset'],
        [-0.1, 'sector'],
        [0.25, 'class'],
      ],
    );
    assert.equal(result.profit_loss, -500 - 50 - 50);
    assert.equal(result.stressed_value, 700);

    const [{ date: from }, , { date: to }] = (await dailyPrices(user, 'AAPL')).slice(-50);
    const dated = await test({ from, to });
    const [past] = dated.body.results;
    assert.deepEqual([past.from, past.to], [from, to]);
    const closes = (await dailyPrices(user, 'AAPL')).filter(({ date }) =>
      [from, to].includes(date),
    );
    near(past.positions[0].shock, closes[1].close / closes[0].close - 1, 1e-9);

    const factor = await test({ factors: { market: -0.2 } });
    const [moved] = factor.body.results[0].positions;
    assert.equal(moved.basis, 'market_beta');
    near(moved.shock, Math.max(-1, -0.2 * moved.beta), 1e-9);

    for (const [custom, field] of [
      [{ assets: { NOTHING: -0.1 } }, 'custom.assets'],
      [{ classes: { bonds: -0.1 } }, 'custom.classes'],
      [{ sectors: { Shipping: -0.1 } }, 'custom.sectors'],
      [{ from: '2026-02-30', to: '2026-03-05' }, 'custom.from'],
      [{ worst_days: 5, from, to }, 'custom'],
    ] as const) {
      const refused = await test(custom);
      assert.equal(refused.status, 422, JSON.stringify(refused.body));
      assert.equal(refused.body.details.field, field);
    }
    const strange = await test({}, ['2009_recovery']);
    assert.equal(strange.status, 422);
    assert.deepEqual(strange.body.details.allowed, [
      '2008_financial_crisis',
      'covid_crash',
      'custom',
    ]);
    const listed = await user.get('/api/risk/scenarios');
    assert.deepEqual(
      listed.body.scenarios.map(({ id }: Data) => id),
      ['2008_financial_crisis', 'covid_crash'],
    );
  });

  it('what history does not carry is refused, and what is another’s is not found', async () => {
    const positions = [{ symbol: 'AAPL', value: 1000 }];
    const body = { positions, confidence_level: 0.9999 };
    const reply = await user.send('POST', '/api/risk/var', body);
    assert.equal(reply.status, 409);
    assert.deepEqual(shapeErrors(octopus!.errorFormat.example, reply.body), []);
    const { details } = reply.body;
    assert.deepEqual([details.code, details.needed], ['INSUFFICIENT_DATA', 10_000]);
    assert.ok(details.observations > 1000 && details.observations < 10_000);
    const overlapping = { positions, confidence_level: 0.99, scaling: 'overlapping' };
    const long = await user.send('POST', '/api/risk/var', { ...overlapping, time_horizon: 100 });
    assert.equal(long.body.details.code, 'INSUFFICIENT_DATA');
    const fits = await user.send('POST', '/api/risk/var', { ...overlapping, time_horizon: 10 });
    assert.equal(fits.status, 200);
    assert.equal(fits.body.scaling, 'overlapping');
    for (const path of [`/api/risk/portfolio/${portfolioId}`, '/api/risk/portfolio/1']) {
      assert.equal((await stranger.get(path)).status, 404);
    }
    const stress = { portfolio_id: portfolioId, scenarios: ['custom'] };
    assert.equal((await stranger.send('POST', '/api/risk/stress-test', stress)).status, 404);
  });

  it('a risk alert fires on what these very jobs compute', async () => {
    const { body: risk95 } = await user.get(`/api/risk/portfolio/${portfolioId}`);
    const socket = risk.stage.socket('/ws/notifications', user.bearer);
    await socket.opened();
    const asked = { type: 'risk', condition: 'above', portfolio_id: portfolioId, metric: 'var_95' };
    const threshold = risk95.var_95 / 2;
    const created = await user.send('POST', '/api/alerts/', { ...asked, threshold });
    assert.equal(created.status, 201, JSON.stringify(created.body));
    await socket.next('the alert', (message) => JSON.stringify(message).includes(created.body.id));
    const { body } = await user.get('/api/alerts/?status=fired');
    const [alert] = body.alerts;
    assert.deepEqual([alert.id, alert.metric], [created.body.id, 'var_95']);
    near(alert.fired_value, risk95.var_95, 0.05);
  });

  it('a portfolio of cash alone can lose nothing, and has no ratios', async () => {
    const created = await user.send('POST', '/api/portfolios/', { name: 'Cash', initial_cash: 10 });
    const { body } = await user.get(`/api/risk/portfolio/${created.body.id}`);
    assert.deepEqual([body.var_95, body.var_999, body.total_value], [0, 0, 10]);
    assert.deepEqual([body.sharpe_ratio, body.beta], [null, null]);
    assert.deepEqual(body.sector_exposure, { cash: 1 });
    assert.equal(body.insufficient_data[0].code, 'INSUFFICIENT_DATA');
  });

  it('entasis.analysis.risk', async () => {
    const documented = endpointOf(entasis!, 'entasis.analysis.risk');
    const [, path] = documented.exampleRequest.split(' ');
    const reply = await user.get(path);
    assert.equal(reply.status, documented.successStatus, JSON.stringify(reply.body));
    assert.deepEqual(shapeErrors(documented.responseExample, reply.body), []);
    const { var_95, expected_shortfall, volatility, observations } = reply.body;
    const expected = await recomputed({ 'BTC-USDT': 1 }, 1);
    near(Number(volatility), expected.volatility * ALL_DAYS, 1e-3);
    near(Number(expected_shortfall) / Number(var_95), expected.shortfall95 / expected.var95, 1e-4);
    // Of one unit at the price of now, which is not far from yesterday's.
    const close = (await dailyPrices(user, 'BTC-USDT')).at(-1)?.close ?? 0;
    near(Number(var_95), close * expected.var95, 0.1);
    assert.equal(observations, WINDOW);
    const english = await user.get('/v1/analysis/risk/BTC-USDT');
    assert.deepEqual(Object.keys(english.body), Object.keys(reply.body), 'as the examples have it');
  });
});

/** Relative to the size of the figure. */
function near(actual: number, expected: number, tolerance: number): void {
  const off = Math.abs(actual - expected) / Math.max(1e-12, Math.abs(expected));
  assert.ok(off <= tolerance, `${actual}, not ${expected}`);
}
