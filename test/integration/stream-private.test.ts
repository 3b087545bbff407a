import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Client, ServerProcess } from '../support/server-process.ts';
import { type Message, StreamClient } from '../support/stream-client.ts';
import { ChannelFollower } from '../support/stream-follower.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const CHANNELS = ['orders', 'fills', 'balances', 'positions'] as const;

/** A user's own reports on a venue without simulated traders: every number is known. */
describe('private channels of /ws/stream', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let rest: Client;
  let trader: StreamClient;
  const listeners: StreamClient[] = [];
  before(async () => {
    server = await ServerProcess.start(directory.path, {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,AAPL=1000,USDT=1000000,BTC=5',
    });
    rest = await server.login();
    trader = await connect();
  });
  after(async () => {
    for (const client of [trader, ...listeners]) client?.close();
    await server?.end('SIGKILL');
    directory.remove();
  });

  async function connect(): Promise<StreamClient> {
    const client = await StreamClient.connect(server.webSocketUrl('/ws/stream'));
    const login = await client.ask({ op: 'login', token: rest.token });
    assert.equal(login.type, 'logged_in');
    listeners.push(client);
    return client;
  }

  const place = (side: string, price: string, quantity: string) =>
    trader.ask({
      op: 'order.place',
      market: 'NASDAQ:AAPL',
      side,
      type: 'limit',
      quantity,
      price,
    });

  it('nobody hears of others: without a login, and of another portfolio', async () => {
    const stranger = await StreamClient.connect(server.webSocketUrl('/ws/stream'));
    for (const channel of CHANNELS) {
      assert.equal((await stranger.ask({ op: 'subscribe', channel })).code, 'UNAUTHORIZED');
      const other = await trader.ask({ op: 'subscribe', channel, portfolio_id: '999' });
      assert.equal(other.code, 'UNKNOWN_PORTFOLIO');
      const none = await trader.ask({ op: 'unsubscribe', channel });
      assert.equal(none.code, 'NOT_SUBSCRIBED');
    }
    stranger.close();
  });

  it('a snapshot, then every change, counted without a gap', async () => {
    const listener = await connect();
    const resting = (await place('buy', '100.00', '3')).order;
    const followers = new Map(CHANNELS.map((name) => [name, new ChannelFollower(listener, name)]));
    const seqs = new Map<string, number>();
    for (const channel of CHANNELS) {
      const ack = await listener.ask({ op: 'subscribe', channel });
      assert.equal(ack.portfolio_id, resting.portfolio_id);
      seqs.set(channel, ack.seq);
    }
    const orders = await followers.get('orders')!.next();
    assert.equal(orders.type, 'snapshot');
    assert.deepEqual(orders.orders, [resting]);
    const balances = await followers.get('balances')!.next();
    const usd = balances.balances.find(({ asset }: Message) => asset === 'USD');
    assert.equal(Number(usd.total), 1_000_000);
    assert.ok(Number(usd.held) >= 300 && Number(usd.held) < 301, 'price × quantity and its fee');
    assert.equal(Number(usd.free), 1_000_000 - Number(usd.held));
    assert.deepEqual((await followers.get('positions')!.next()).positions, []);

    await place('sell', '100.00', '2');
    const traded = await followers
      .get('orders')!
      .until(({ orders: list }) => list.some((order: Message) => order.filled_quantity === '2'));
    assert.equal(traded[0].prev_seq, seqs.get('orders'));
    for (const [i, report] of traded.entries()) {
      assert.equal(report.type, 'report');
      assert.equal(report.seq, report.prev_seq + 1);
      if (i > 0) assert.equal(report.prev_seq, traded[i - 1].seq);
    }
    const fills = await followers.get('fills')!.next();
    assert.equal(fills.prev_seq, seqs.get('fills'));
    const sides = fills.fills.map((fill: Message) => [
      fill.side,
      fill.liquidity,
      fill.price,
      fill.quantity,
      fill.trade_id,
    ]);
    assert.deepEqual(sides, [
      ['buy', 'maker', '100.00', '2', 1],
      ['sell', 'taker', '100.00', '2', 1],
    ]);
    assert.equal(fills.fills[0].order_id, resting.order_id);
    const fees = fills.fills.reduce((sum: number, fill: Message) => sum + Number(fill.fee), 0);
    const after = (
      await followers.get('balances')!.until((message) =>
        message.balances.some(({ asset, total }: Message) => {
          return asset === 'USD' && Math.abs(Number(total) - (1_000_000 - fees)) < 1e-6;
        }),
      )
    ).at(-1);
    assert.equal(after.type, 'report');
    const position = (await followers.get('positions')!.next()).positions[0];
    assert.deepEqual([position.market, position.quantity], ['NASDAQ:AAPL', '0']);
  });

  it('who comes back gets what it missed; sequences do not depend on who listens', async () => {
    const first = await connect();
    const follower = new ChannelFollower(first, 'fills');
    const { seq, portfolio_id } = await first.ask({ op: 'subscribe', channel: 'fills' });
    assert.ok(seq > 0, 'what happened before this connection counts');
    first.close();
    await place('sell', '90.00', '1');
    await place('buy', '80.00', '1');
    await place('sell', '80.00', '1');
    const again = await connect();
    const resume = { epoch: 1, seq };
    const elsewhere = { epoch: 7, seq };
    const ack = await again.ask({ op: 'subscribe', channel: 'fills', resume });
    assert.deepEqual([ack.recovered, ack.seq, ack.portfolio_id], [true, seq, portfolio_id]);
    const missed = new ChannelFollower(again, 'fills');
    const reports = [await missed.next(), await missed.next()];
    assert.equal(reports[0].prev_seq, seq);
    assert.equal(reports[1].prev_seq, reports[0].seq);
    const prices = reports.map(({ fills }) => fills[0].price);
    assert.deepEqual(prices, ['100.00', '80.00']);
    const lost = await again.ask({
      op: 'subscribe',
      channel: 'orders',
      resume: elsewhere,
    });
    assert.equal(lost.recovered, false);
    assert.equal((await new ChannelFollower(again, 'orders').next()).type, 'snapshot');
    assert.ok(follower !== missed);
  });

  it('session facts: logon, what is agreed, and the end of the credential', async () => {
    const client = await StreamClient.connect(server.webSocketUrl('/ws/stream'));
    listeners.push(client);
    const facts = new ChannelFollower(client, 'session');
    await client.ask({ op: 'subscribe', channel: 'session' });
    assert.deepEqual([(await facts.next()).event], ['state']);
    const other = await server.login();
    await client.ask({ op: 'session.logon', token: other.token });
    const logon = await facts.next();
    assert.deepEqual([logon.event, logon.user, logon.seq], ['logon', 'admin', 1]);
    assert.ok(logon.expires_at > logon.sent_time);
    await client.ask({ op: 'session.cancel_on_disconnect', enabled: true });
    const agreed = await facts.next();
    assert.deepEqual(
      [agreed.event, agreed.cancel_on_disconnect, agreed.prev_seq],
      ['cancel_on_disconnect', true, 1],
    );
    await client.ask({ op: 'subscribe', channel: 'orders' });
    await other.post('/api/auth/logout', {});
    const logoff = await facts.next();
    assert.deepEqual([logoff.event, logoff.reason, logoff.user], ['logoff', 'revoked', null]);
    await place('buy', '70.00', '1');
    const heard = new ChannelFollower(client, 'orders');
    assert.equal((await heard.next()).type, 'snapshot');
    assert.equal((await client.ask({ op: 'subscribe', channel: 'orders' })).code, 'UNAUTHORIZED');
    assert.ok(!client.unasked.some(({ type }) => type === 'report'), 'nothing after the end');
  });
});
