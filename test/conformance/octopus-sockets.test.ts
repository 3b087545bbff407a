import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ConformanceStage, type StageUser } from '../support/conformance-stage.ts';
import {
  loadContract,
  loadShapes,
  type ShapeErrors,
  skipContract as skip,
} from '../support/contract.ts';
import { eventually } from '../support/server-process.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const AAPL = 'NASDAQ:AAPL';
const MICROS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

// biome-ignore lint/suspicious/noExplicitAny: messages are whatever the server says
type Data = any;

const ofType =
  (...types: string[]) =>
  (message: Data) =>
    types.includes(message.type);

describe('Octopus’ private sockets', { skip }, () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let user: StageUser;
  let other: StageUser;
  let shapeErrors: ShapeErrors;
  let portfolio: Data;
  let silence: Promise<{ code: number; waitedMs: number }>;
  const contract = skip === false ? loadContract('octopus') : undefined;

  before(async () => {
    shapeErrors = await loadShapes();
    stage = await ConformanceStage.open({ OPENBELL_WEBHOOK_PRIVATE_ADDRESSES: 'on' });
    maker = await stage.user('maker');
    user = await stage.user('user');
    other = await stage.user('other');
    portfolio = await post('/api/portfolios/', { name: 'Growth', initial_cash: 100_000 });
    // Who says nothing is asked for patience while the other tests run.
    const started = performance.now();
    silence = stage
      .socket('/ws/trading')
      .closed.then(({ code }) => ({ code, waitedMs: performance.now() - started }));
  });
  after(async () => stage?.close());

  async function post(path: string, body: object, as = user): Promise<Data> {
    const reply = await as.send('POST', path, body);
    assert.equal(reply.status, 201, JSON.stringify(reply.body));
    return reply.body;
  }

  const order = (body: object): Promise<Data> =>
    post('/api/orders/', {
      portfolio_id: portfolio.id,
      symbol: 'AAPL',
      side: 'buy',
      order_type: 'limit',
      quantity: 10,
      price: 175,
      ...body,
    });

  it('every private path that is documented is there, and lets nobody in without a credential', async () => {
    const paths = (contract?.ws ?? []).map(({ path }) => path.replace('{id}', portfolio.id));
    assert.equal(paths.length, 4);
    for (const path of paths.filter((each) => each !== '/ws/market-data')) {
      const bad = stage.socket(path, { authorization: 'Bearer nonsense' });
      const error = await bad.next('an error', (message) => message.error !== undefined);
      assert.deepEqual(shapeErrors(contract?.errorFormat.example, error), []);
      assert.deepEqual([error.error, (await bad.closed).code], ['AuthenticationError', 4401]);

      const late = stage.socket(path);
      await late.send({ type: 'ping' });
      await late.next('pong', ofType('pong'));
      const token = user.bearer.authorization.replace('Bearer ', '');
      // As FlashMM's clients say it.
      await late.send({ action: 'authenticate', token });
      await late.next('welcome', ofType('authenticated'));
      await late.next('what follows', ofType('subscribed', 'snapshot'));
      const query = stage.socket(`${path}?token=${token}`);
      await query.next('what follows', ofType('subscribed', 'snapshot'));
    }
  });

  it('/ws/trading: the life of an order, and what it traded', async () => {
    const socket = stage.socket('/ws/trading', user.headers);
    const strange = stage.socket('/ws/trading', other.headers);
    const { sequence: begun } = await socket.next('subscription', ofType('subscribed'));
    await strange.next('subscription', ofType('subscribed'));
    const resting = await order({ price: 170 });
    const opened = await socket.next('open', ({ event }) => event === 'open');
    const shown = (await user.get(`/api/orders/${resting.id}`)).body;
    assert.deepEqual([opened.type, opened.order], ['order', shown]);
    await maker.order(AAPL, 'sell', 4, 170);
    const [execution, partly] = [
      await socket.next('execution', ofType('execution')),
      await socket.next('part', ({ event }) => event === 'partially_filled'),
    ];
    assert.equal(partly.order.filled_quantity, 4);
    const { fee, trade_id, timestamp, sequence, ...said } = execution;
    assert.deepEqual(said, {
      type: 'execution',
      order_id: resting.id,
      portfolio_id: portfolio.id,
      symbol: 'AAPL',
      exchange: 'NASDAQ',
      side: 'buy',
      quantity: 4,
      price: 170,
      fee_asset: 'USD',
      liquidity: 'maker',
    });
    assert.equal(fee, partly.order.fee);
    assert.match(timestamp, MICROS);
    assert.ok(Number(trade_id) > 0);
    await user.send('PUT', `/api/orders/${resting.id}/cancel`);
    const gone = await socket.next('cancelled', ({ event }) => event === 'cancelled');
    assert.deepEqual(
      [opened, execution, partly, gone].map((message) => message.sequence - begun),
      [1, 2, 3, 4],
    );
    assert.equal(sequence, execution.sequence);
    assert.equal(strange.heard.length, 1, 'others hear nothing of it');
  });

  it('/ws/portfolio/{id}: the whole first, then what changes, and never another’s', async () => {
    const socket = stage.socket(`/ws/portfolio/${portfolio.id}`, user.headers);
    const snapshot = await socket.next('snapshot', ofType('snapshot'));
    const { positions, ...head } = (await user.get(`/api/portfolios/${portfolio.id}`)).body;
    assert.deepEqual([snapshot.portfolio, snapshot.positions], [head, positions]);
    await maker.order(AAPL, 'sell', 10, 171);
    await order({ price: 171 });
    const state = await eventually('the socket’s state is that of REST', async () => {
      const now = (await user.get(`/api/portfolios/${portfolio.id}`)).body;
      const built = followed(socket.heard);
      return JSON.stringify(built) === JSON.stringify(now) ? now : undefined;
    });
    assert.equal(state.positions[0].quantity, 14);
    // A price alone changes it, too.
    await maker.order(AAPL, 'sell', 1, 172);
    await other.order(AAPL, 'buy', 1, 172);
    await eventually('a value at the new price', () =>
      followed(socket.heard).positions[0].current_price === 172 ? true : undefined,
    );
    const updates = socket.heard.filter(ofType('update'));
    for (const [i, { sequence }] of updates.entries()) {
      assert.equal(sequence, snapshot.sequence + i + 1);
    }
    const holding = await post(`/api/portfolios/${portfolio.id}/positions`, {
      symbol: 'MSFT',
      quantity: 5,
      price: 400,
    });
    await user.send('DELETE', `/api/positions/${holding.id}`);
    await eventually('it has gone again', async () => {
      const now = (await user.get(`/api/portfolios/${portfolio.id}`)).body;
      return JSON.stringify(followed(socket.heard)) === JSON.stringify(now) ? true : undefined;
    });
    const strange = stage.socket(`/ws/portfolio/${portfolio.id}`, other.headers);
    const error = await strange.next('refusal', (message) => message.error !== undefined);
    assert.deepEqual([error.error, (await strange.closed).code], ['NotFound', 4404]);
    assert.deepEqual(shapeErrors(contract?.errorFormat.example, error), []);
  });

  /** What a client has who merges updates into the snapshot, as the page says. */
  function followed(heard: readonly Data[]): Data {
    const { portfolio: first, positions } = heard.find(ofType('snapshot'));
    const lines = new Map(positions.map((one: Data) => [one.id, one]));
    let head = first;
    for (const message of heard.filter(ofType('update'))) {
      head = message.portfolio;
      for (const one of message.positions) lines.set(one.id, one);
      for (const id of message.removed) lines.delete(id);
    }
    return { ...head, positions: [...lines.values()] };
  }

  it('/ws/notifications: fills, price alerts once, and again only if they repeat', async () => {
    const socket = stage.socket('/ws/notifications', user.headers);
    await socket.next('subscription', ofType('subscribed'));
    const symbol = 'AAPL';
    const once = { type: 'price', symbol, condition: 'above', price: 180 };
    const alert = await post('/api/alerts/', { ...once, note: 'sell some' });
    const again = await post('/api/alerts', { ...once, repeat: true });
    const below = await post('/api/alerts', { ...once, condition: 'below', price: 160 });
    const distant = await post('/api/alerts', { ...once, price: 500 });
    assert.deepEqual(
      [alert.status, alert.symbol, alert.price, alert.note, alert.fired_at],
      ['active', 'AAPL', 180, 'sell some', null],
    );
    const tradeAt = async (price: number): Promise<void> => {
      await maker.order(AAPL, 'sell', 1, price);
      await other.order(AAPL, 'buy', 1, price);
    };
    await tradeAt(179.99);
    await tradeAt(180.5);
    const fired = await socket.next('alert', ({ alert: told }) => told?.id === alert.id);
    assert.deepEqual(
      [fired.type, fired.value, fired.alert.status, fired.alert.fired_count],
      ['price_alert', 180.5, 'fired', 1],
    );
    await tradeAt(181);
    await tradeAt(179);
    await tradeAt(180);
    await socket.next(
      'second',
      ({ alert: told }) => told?.id === again.id && told.fired_count === 2,
    );
    const firings = socket.heard.filter(ofType('price_alert')).map((each) => each.alert.id);
    assert.deepEqual(firings.toSorted(), [alert.id, again.id, again.id].toSorted());
    const { alerts } = (await user.get('/api/alerts/')).body;
    assert.deepEqual(
      alerts.map((each: Data) => [each.id, each.status, each.fired_count, each.fired_value]),
      [
        [alert.id, 'fired', 1, 180.5],
        [again.id, 'active', 2, 180],
        [below.id, 'active', 0, null],
        [distant.id, 'active', 0, null],
      ],
    );
    assert.equal((await other.send('DELETE', `/api/alerts/${below.id}`)).status, 404);
    const removed = await user.send('DELETE', `/api/alerts/${below.id}`);
    assert.deepEqual(
      [removed.status, removed.body.deleted, removed.body.id],
      [200, true, below.id],
    );
    await maker.order(AAPL, 'sell', 2, 182);
    await order({ quantity: 2, price: 182 });
    const fill = await socket.next('fill', ofType('fill'));
    assert.deepEqual([fill.quantity, fill.price, fill.liquidity], [2, 182, 'taker']);
    // What is reached when it is set fires at once.
    const late = await post('/api/alerts', { ...once, price: 100 });
    await socket.next('late', ({ alert: told }) => told?.id === late.id);
  });

  it('/ws/notifications: risk alerts of a portfolio’s figures', async () => {
    const socket = stage.socket('/ws/notifications', user.headers);
    await socket.next('subscription', ofType('subscribed'));
    const risk = { type: 'risk', portfolio_id: portfolio.id };
    const { total_value } = (await user.get(`/api/portfolios/${portfolio.id}`)).body;
    const threshold = total_value - 500;
    const low = await post('/api/alerts', {
      ...risk,
      metric: 'total_value',
      condition: 'below',
      threshold,
    });
    const heavy = await post('/api/alerts', {
      ...risk,
      metric: 'largest_weight',
      condition: 'above',
      threshold: 99,
    });
    assert.deepEqual([low.metric, low.threshold, low.price], ['total_value', threshold, null]);
    // 16 shares: what one loses times 16 is more than 500.
    await maker.order(AAPL, 'sell', 1, 182);
    await maker.order(AAPL, 'buy', 1, 140);
    await other.order(AAPL, 'sell', 1, 140);
    const fired = await socket.next('alert', ofType('risk_alert'));
    const now = (await user.get(`/api/portfolios/${portfolio.id}`)).body;
    assert.deepEqual([fired.alert.id, fired.value], [low.id, now.total_value]);
    const { alerts } = (await user.get('/api/alerts?type=risk&status=active')).body;
    assert.deepEqual(
      alerts.map((each: Data) => each.id),
      [heavy.id],
    );
    const foreign = { ...risk, metric: 'day_change', condition: 'below', threshold: 0 };
    assert.equal((await other.send('POST', '/api/alerts', foreign)).status, 404);
    for (const [body, field] of [
      [{ type: 'price', condition: 'above', symbol: 'AAPL' }, 'price'],
      [{ type: 'price', condition: 'above', symbol: 'AAPL', price: 0.001 }, 'price'],
      [{ ...risk, condition: 'above', metric: 'beauty', threshold: 1 }, 'metric'],
      [{ ...risk, condition: 'above', metric: 'day_change', threshold: 1, price: 1 }, 'price'],
    ] as const) {
      const { status, body: told } = await user.send('POST', '/api/alerts', body);
      assert.deepEqual([status, told.details.field], [422, field]);
    }
  });

  it('/ws/notifications: what administrators do with a market, and what happens to one’s keys', async () => {
    const socket = stage.socket('/ws/notifications', user.bearer);
    await socket.next('subscription', ofType('subscribed'));
    const halt = await stage.server.login();
    const halted = await halt.post('/api/auth/api-keys', { name: 'mine', scopes: ['read'] });
    assert.equal(halted.status, 201);
    const reply = await fetch(`${stage.server.url}/api/auth/api-keys`, {
      method: 'POST',
      headers: { ...user.bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'another', scopes: ['read'] }),
    });
    const { key } = (await reply.json()) as { key: string };
    const made = await socket.next('news', ({ event }) => event === 'api_key.created');
    assert.deepEqual([made.type, made.key], ['admin_event', key]);
    const path = `/api/auth/api-keys/${key}`;
    await fetch(stage.server.url + path, { method: 'DELETE', headers: { ...user.bearer } });
    const gone = await socket.next('news', ({ event }) => event === 'api_key.revoked');
    assert.equal(gone.key, key);
    const keys = socket.heard.filter(ofType('admin_event')).map((each) => each.key);
    assert.deepEqual(keys, [key, key], 'another’s keys are nobody’s business');
  });

  it('alerts are told by webhook, signed and once, in the words of the socket', async () => {
    const receiver = await WebhookReceiver.open(1);
    try {
      const hook = await post('/api/webhooks/', { url: receiver.url, events: ['alert.price'] });
      const socket = stage.socket('/ws/notifications', user.headers);
      await socket.next('subscription', ofType('subscribed'));
      const terms = { type: 'price', symbol: 'MSFT', condition: 'above', price: 400 };
      const alert = await post('/api/alerts', { ...terms, note: 'hooked' });
      const shares = await post('/api/portfolios/', { name: 'shares', initial_cash: 5000 });
      await post('/api/orders/', { ...SALE, portfolio_id: shares.id, side: 'buy' });
      // Nobody owns any: the world outside has to sell some.
      await other.send('POST', `/api/portfolios/${await firstOf(other)}/transfers`, {
        direction: 'in',
        asset: 'MSFT',
        amount: 1,
      });
      await post('/api/orders/', { ...SALE, portfolio_id: await firstOf(other) }, other);
      const told = await socket.next('alert', ({ alert: fired }) => fired?.id === alert.id);
      const { deliveries } = await eventually('the delivery', async () => {
        const { body } = await user.get(`/api/webhooks/${hook.id}/deliveries`);
        return body.deliveries[0]?.status === 'delivered' ? body : undefined;
      });
      assert.deepEqual([deliveries.length, deliveries[0].event], [1, 'alert.price']);
      // The first attempt was failed by the receiver.
      assert.deepEqual([deliveries[0].attempts, receiver.received.length], [2, 2]);
      const [, { headers, body }] = receiver.received;
      const sent = JSON.parse(body);
      assert.deepEqual(sent.data, told);
      const timestamp = String(headers['x-openbell-timestamp']);
      const signed = createHmac('sha256', hook.secret).update(`${timestamp}.${body}`).digest('hex');
      assert.match(String(headers['x-openbell-signature']), new RegExp(signed));
      assert.equal((await other.send('DELETE', `/api/webhooks/${hook.id}`)).status, 404);
      const gone = await user.send('DELETE', `/api/webhooks/${hook.id}`);
      assert.deepEqual([gone.status, gone.body.deleted], [200, true]);
      assert.deepEqual((await user.get('/api/webhooks')).body, { webhooks: [] });
    } finally {
      receiver.close();
    }
  });

  const SALE = { symbol: 'MSFT', side: 'sell', order_type: 'limit', quantity: 1, price: 410 };
  const firstOf = async (who: StageUser): Promise<string> =>
    (await who.get('/api/portfolios/')).body.portfolios[0].id;

  it('who does not say who it is within five seconds is closed with 4401', async () => {
    const { code, waitedMs } = await silence;
    assert.equal(code, 4401);
    assert.ok(waitedMs > 4500 && waitedMs < 15_000, `${waitedMs} ms`);
  });

  it('a portfolio that is deleted says so and closes', async () => {
    const made = await post('/api/portfolios', { name: 'Short lived' });
    const socket = stage.socket(`/ws/portfolio/${made.id}`, user.headers);
    await socket.next('snapshot', ofType('snapshot'));
    assert.equal((await user.send('DELETE', `/api/portfolios/${made.id}`)).status, 200);
    const last = await socket.next('the end', ofType('deleted'));
    assert.equal(last.portfolio_id, made.id);
    assert.equal((await socket.closed).code, 4404);
  });
});
