import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseScaled } from '../../src/lib/fixed-point.ts';
import {
  ConformanceStage,
  type StageReply,
  type StageSocket,
  type StageUser,
} from '../support/conformance-stage.ts';
import { eventually } from '../support/server-process.ts';

const BTC = 'binance:BTC-USDT';

/** An order placed over Velocimex, as every other surface that shows orders tells of it. */
describe('one order on all surfaces', () => {
  let stage: ConformanceStage;
  let maker: StageUser;
  let user: StageUser;
  let native: StageSocket;
  let updates: StageSocket;
  let marginPortfolio: string;

  before(async () => {
    stage = await ConformanceStage.open();
    maker = await stage.user('maker');
    user = await stage.user('user');
    native = stage.socket('/ws/stream', user.bearer);
    updates = stage.socket('/v1/ws/orders', user.headers);
    await native.next('login', ({ type }) => type === 'logged_in');
    await maker.order(BTC, 'buy', 5, 65400.5);
    await maker.order(BTC, 'sell', 5, 65432.1);
    const open = await eventually('a mark price', async () => {
      const body = { symbol: 'BTC-USDT', size: '0.001', type: 'long', leverage: '10' };
      const reply = await user.send('POST', '/api/v1/portfolio/positions', body);
      return reply.status === 201 ? reply : undefined;
    });
    assert.equal(open.body.status, 'success');
    const { portfolios } = (await user.get('/v1/account/balance')).body.data;
    const margin = portfolios.find(
      ({ portfolio_kind: kind }: Record<string, string>) => kind === 'margin',
    );
    marginPortfolio = margin.portfolio_id;
  });
  after(async () => stage?.close());

  let asked = 0;
  const nativeStatus = async (orderId: string) => {
    asked += 1;
    const id = asked;
    await native.send({ op: 'order.status', id, order_id: orderId });
    return (await native.next('answer', (message) => message.id === id)).order;
  };
  const onMargin = (side: string, quantity: number, price: number) =>
    user.order(BTC, side, quantity, price, { portfolio_id: marginPortfolio });
  const entasisPosition = async () => {
    const { positions } = (await user.get('/api/v1/portfolio/positions')).body;
    return positions.find(({ symbol }: Record<string, string>) => symbol === 'BTC-USDT');
  };

  it('resting: REST, its socket and the native stream say the same in their own words', async () => {
    const order = await onMargin('buy', 0.125, 65000.1);
    assert.equal(order.status, 'open');
    const same = await nativeStatus(order.order_id);
    assert.deepEqual(
      [same.order_id, same.market, same.side, same.type, same.status, same.portfolio_id],
      [order.order_id, BTC, 'buy', 'limit', 'open', marginPortfolio],
    );
    assert.deepEqual([same.price, same.quantity], ['65000.1', '0.125']);
    const told = await updates.next('update', ({ order_id: id }) => id === order.order_id);
    assert.deepEqual(told, order);
    const list = await user.get(`/v1/trading/orders?portfolio_id=${marginPortfolio}`);
    assert.deepEqual(list.body.data.orders, [order]);
    const gone = await user.send('DELETE', `/v1/trading/orders/${order.order_id}`);
    assert.equal(gone.body.data.status, 'cancelled');
    const [here, there] = [gone.body.data, await nativeStatus(order.order_id)];
    assert.deepEqual([there.status, there.reason], [here.status, here.reason]);
  });

  it('filled: the position it makes is Entasis’ and Velocimex’ alike', async () => {
    const before = parseScaled((await entasisPosition()).size, 3) ?? 0;
    const order = await onMargin('buy', 0.25, 65432.1);
    assert.deepEqual([order.status, order.filled_quantity], ['filled', 0.25]);
    const same = await nativeStatus(order.order_id);
    assert.deepEqual(
      [same.status, same.filled_quantity, Number(same.average_price), Number(same.fee)],
      ['filled', '0.250', order.average_price, order.fee],
    );
    const position = await entasisPosition();
    assert.equal(parseScaled(position.size, 3), before + 250);
    const reply: StageReply = await user.get(
      `/v1/account/positions?portfolio_id=${marginPortfolio}`,
    );
    const [shown] = reply.body.data.positions;
    assert.deepEqual(
      [shown.position_id, shown.side, shown.quantity, String(shown.leverage)],
      [position.position_id, position.type, Number(position.size), position.leverage],
    );
    assert.equal(shown.average_price, Number(position.entry_price));
    assert.equal(shown.realized_pnl, Number(position.realized_pnl));
  });

  it('rejected: the reason is one word, spelt alike', async () => {
    const body = { exchange: 'binance', symbol: 'BTC/USDT', side: 'buy', type: 'limit' };
    const more = { quantity: 1, price: 65432.1, post_only: true };
    const { status, body: reply } = await user.send('POST', '/v1/trading/orders', {
      ...body,
      ...more,
    });
    assert.equal(status, 201);
    assert.deepEqual([reply.data.status, reply.data.reason], ['rejected', 'post_only_would_take']);
    const same = await nativeStatus(reply.data.order_id);
    assert.deepEqual([same.status, same.reason], ['rejected', 'post_only_would_take']);
  });
});
