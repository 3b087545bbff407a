import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { recover } from '../../src/gateway/recover.ts';
import { openStore } from '../../src/journal/store.ts';
import { shippedMarkets } from '../support/markets.ts';
import { eventually, ServerProcess } from '../support/server-process.ts';
import { type Message, StreamClient } from '../support/stream-client.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';
import { assertConserved, assertVerified } from '../support/verify-directory.ts';

const ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000,AAPL=1000,MSFT=1000,GOOGL=1000,AMZN=1000',
};
const USD = 1_000_000;
/** Takers pay 30 millionths, makers nothing; an order holds the higher fee. */
const TAKER_PPM = 30;

/** One account's way into the venue. */
class Trader {
  readonly client: StreamClient;

  private constructor(client: StreamClient) {
    this.client = client;
  }

  static async enter(server: ServerProcess, username: string): Promise<Trader> {
    const { token } = await server.login(username);
    const headers = { Authorization: `Bearer ${token}` };
    const client = await StreamClient.connect(server.webSocketUrl('/ws/stream'), headers);
    const trader = new Trader(client);
    const login = await client.ask({ op: 'login', token });
    assert.equal(login.user, username);
    return trader;
  }

  /** Places an order that must be taken in; answers with its state. */
  async place(symbol: string, fields: object): Promise<Message> {
    const reply = await this.ask('order.place', { market: `NASDAQ:${symbol}`, ...fields });
    assert.equal(reply.type, 'order', JSON.stringify(reply));
    return reply.order;
  }

  limit(symbol: string, side: string, quantity: number, price: string, more: object = {}) {
    return this.place(symbol, { side, type: 'limit', quantity, price, ...more });
  }

  ask(op: string, fields: object): Promise<Message> {
    return this.client.ask({ op, ...fields });
  }

  async order(order_id: string): Promise<Message> {
    return (await this.ask('order.status', { order_id })).order;
  }

  /** Waits for an order to be what is said; fails with what it is. */
  async becomes(order: Message, expected: Record<string, unknown>): Promise<Message> {
    const names = Object.keys(expected);
    let last: Message;
    const matches = async (): Promise<Message | undefined> => {
      last = await this.order(order.order_id);
      return names.every((name) => last[name] === expected[name]) ? last : undefined;
    };
    return eventually('the order', matches, 6000).catch(() => {
      assert.deepEqual(Object.fromEntries(names.map((name) => [name, last[name]])), expected);
    });
  }
}

/** Two accounts on an otherwise empty venue: whatever happens, these two have done it. */
describe('order types between two accounts', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let alice: Trader;
  let bob: Trader;

  const enter = async (): Promise<void> => {
    server = await ServerProcess.start(directory.path, ENV);
    alice = await Trader.enter(server, 'admin');
    bob = await Trader.enter(server, 'bob');
  };
  before(async () => {
    // Whoever a server is started by becomes its administrator, with a portfolio of their own.
    const first = { ...ENV, OPENBELL_ADMIN_USERNAME: 'bob' };
    server = await ServerProcess.start(directory.path, first);
    await server.end('SIGTERM');
    await enter();
  });
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  /** Bob sells to Alice: the newest trade is at this price. */
  const tradeAt = async (symbol: string, price: string, quantity = 1): Promise<void> => {
    await bob.limit(symbol, 'sell', quantity, price);
    const bought = await alice.limit(symbol, 'buy', quantity, price, { time_in_force: 'ioc' });
    assert.equal(bought.status, 'filled');
  };
  const book = async (symbol: string): Promise<{ bids: Message[]; asks: Message[] }> => {
    const rest = await server.login();
    return (await rest.get(`/v1/markets/NASDAQ/orderbook/${symbol}`)).body.data;
  };

  it('a stop sells what it protects when the price is reached', async () => {
    await tradeAt('AAPL', '150');
    const stop = await alice.place('AAPL', {
      ...{ side: 'sell', type: 'stop', quantity: 5, stop_price: '149' },
      reduce_only: true,
    });
    assert.deepEqual([stop.status, stop.waiting_for, stop.price], ['open', 'trigger', null]);
    // Alice bought one lot: what would reduce her position is one.
    await bob.limit('AAPL', 'buy', 20, '149');
    const sale = await bob.limit('AAPL', 'sell', 1, '149', { time_in_force: 'ioc' });
    assert.equal(sale.filled_quantity, '1');
    const done = await alice.becomes(stop, { status: 'filled', filled_quantity: '1' });
    assert.deepEqual([done.average_price, done.quantity, done.fee], ['149.00', '1', '0.00447']);
    await bob.ask('order.cancel_all', { market: 'AAPL' });
  });

  it('a stop-limit waits, then buys up to its price and rests', async () => {
    const stop = await alice.place('AAPL', {
      ...{ side: 'buy', type: 'stop_limit', quantity: 10, stop_price: '151', price: '152' },
    });
    await bob.limit('AAPL', 'sell', 4, '152');
    await tradeAt('AAPL', '151');
    await alice.becomes(stop, { status: 'partially_filled', remaining_quantity: '6' });
    const { bids } = await book('AAPL');
    assert.deepEqual(bids[0], { price: 152, quantity: 6, orders: 1 });
    assert.equal('waiting_for' in (await alice.order(stop.order_id)), false);
    await alice.ask('order.cancel', { order_id: stop.order_id });
  });

  it('a trailing stop follows the price up and acts on the way down', async () => {
    await tradeAt('AAPL', '153');
    const trail = { side: 'sell', type: 'trailing_stop', quantity: 2, trail_offset: '1.00' };
    const stop = await alice.place('AAPL', trail);
    await bob.limit('AAPL', 'buy', 10, '155.50');
    await alice.limit('AAPL', 'sell', 1, '155.50', { time_in_force: 'ioc' });
    assert.equal((await alice.order(stop.order_id)).waiting_for, 'trigger');
    // The trigger is at 154.50 now: 154.60 is not low enough, 154.50 is.
    await bob.ask('order.cancel_all', { market: 'AAPL' });
    await tradeAt('AAPL', '154.60');
    assert.equal((await alice.order(stop.order_id)).waiting_for, 'trigger');
    await bob.limit('AAPL', 'buy', 10, '154.40');
    await tradeAt('AAPL', '154.50');
    await alice.becomes(stop, { status: 'filled', average_price: '154.40' });
    await bob.ask('order.cancel_all', { market: 'AAPL' });
  });

  it('an iceberg shows its display quantity, and again', async () => {
    const iceberg = await alice.limit('AAPL', 'sell', 10, '160', { display_quantity: 4 });
    assert.deepEqual((await book('AAPL')).asks, [{ price: 160, quantity: 4, orders: 1 }]);
    await bob.limit('AAPL', 'buy', 5, '160', { time_in_force: 'ioc' });
    assert.deepEqual((await book('AAPL')).asks, [{ price: 160, quantity: 3, orders: 1 }]);
    assert.equal((await alice.order(iceberg.order_id)).remaining_quantity, '5');
    await alice.ask('order.cancel', { order_id: iceberg.order_id });
  });

  it('a pegged order follows the best price of others, up to its limit', async () => {
    const peg = { side: 'buy', type: 'pegged', quantity: 3, price: '101', peg_offset: '0.01' };
    const pegged = await alice.place('AAPL', peg);
    assert.deepEqual([pegged.waiting_for, pegged.peg_price], ['price', null]);
    const bid = await bob.limit('AAPL', 'buy', 1, '100');
    await alice.becomes(pegged, { peg_price: '99.99', price: '101.00' });
    await bob.limit('AAPL', 'buy', 1, '105');
    await alice.becomes(pegged, { peg_price: '101.00' });
    await bob.ask('order.cancel', { order_id: bid.order_id });
    await bob.ask('order.cancel_all', {});
    await alice.ask('order.cancel_all', {});
  });

  it('of two orders that cancel each other one trades; both need the shares only once', async () => {
    const all = { side: 'sell', quantity: 1000 };
    const take = await alice.place('MSFT', { ...all, type: 'limit', price: '410' });
    const more = await alice.ask('order.place', {
      market: 'MSFT',
      ...all,
      type: 'limit',
      price: 1,
    });
    assert.equal(more.code, 'INSUFFICIENT_BALANCE');
    const stop = { ...all, type: 'stop', stop_price: '390', oco_order_id: take.order_id };
    const loss = await alice.place('MSFT', stop);
    assert.equal((await alice.order(take.order_id)).oco_order_id, loss.order_id);
    await bob.limit('MSFT', 'buy', 1, '410', { time_in_force: 'ioc' });
    await alice.becomes(loss, { status: 'cancelled', reason: 'oco' });
    await alice.becomes(take, { status: 'partially_filled', remaining_quantity: '999' });
    await alice.ask('order.cancel', { order_id: take.order_id });
  });

  it('an entry brings its exits along, which need only what the entry brings', async () => {
    // GOOGL: Alice sells all she has first, so that the exits can only live of the entry.
    const rest = await alice.limit('GOOGL', 'sell', 1000, '900');
    const reply = await alice.ask('order.place', {
      ...{ market: 'GOOGL', side: 'buy', type: 'limit', quantity: 10, price: '170' },
      children: [
        {
          ...{ side: 'sell', type: 'limit', quantity: 10, price: '180' },
          oco: { side: 'sell', type: 'stop', quantity: 10, stop_price: '160' },
        },
      ],
    });
    const [{ order: profit, oco }] = reply.children;
    assert.deepEqual([profit.waiting_for, oco.order.waiting_for], ['parent', 'parent']);
    await bob.limit('GOOGL', 'sell', 4, '170', { time_in_force: 'ioc' });
    // The four that came belong to the exits.
    const greedy = { market: 'GOOGL', side: 'sell', type: 'limit', quantity: 1, price: 999 };
    assert.equal((await alice.ask('order.place', greedy)).code, 'INSUFFICIENT_BALANCE');
    assert.equal((await alice.order(profit.order_id)).waiting_for, 'parent');
    await bob.limit('GOOGL', 'sell', 6, '170', { time_in_force: 'ioc' });
    await alice.becomes(reply.order, { status: 'filled' });
    await eventually('the exit rests', async () =>
      (await book('GOOGL')).asks.some(({ price }) => price === 180) ? true : undefined,
    );
    assert.equal((await alice.order(oco.order.order_id)).waiting_for, 'trigger');
    await bob.limit('GOOGL', 'buy', 10, '180', { time_in_force: 'ioc' });
    await alice.becomes(profit, { status: 'filled', average_price: '180.00' });
    await alice.becomes(oco.order, { status: 'cancelled', reason: 'oco' });
    await alice.ask('order.cancel', { order_id: rest.order_id });
  });

  it('exits of an entry that trades at once act at once', async () => {
    await bob.limit('GOOGL', 'sell', 3, '171');
    const reply = await alice.ask('order.place', {
      ...{ market: 'GOOGL', side: 'buy', type: 'limit', quantity: 3, price: '171' },
      children: [{ side: 'sell', type: 'limit', quantity: 3, price: '181' }],
    });
    assert.equal(reply.order.status, 'filled');
    const [{ order: exit }] = reply.children;
    assert.deepEqual([exit.status, exit.price, exit.reason], ['open', '181.00', null]);
    await alice.ask('order.cancel', { order_id: exit.order_id });
  });

  it('flags: slide, all-or-none, self-trade prevention', async () => {
    const ask = await bob.limit('MSFT', 'sell', 5, '400');
    const slid = await alice.limit('MSFT', 'buy', 1, '401', { post_only: 'slide' });
    assert.deepEqual([slid.price, slid.status], ['399.99', 'open']);
    const whole = await alice.limit('MSFT', 'buy', 6, '400', { all_or_none: true });
    assert.deepEqual([whole.status, whole.reason], ['rejected', 'all_or_none_not_fillable']);
    const own = { self_trade_prevention: 'expire_maker', time_in_force: 'ioc' };
    const sale = await alice.limit('MSFT', 'sell', 1, '399.99', own);
    assert.deepEqual([sale.status, sale.reason], ['expired', 'ioc_remainder']);
    await alice.becomes(slid, { status: 'cancelled', reason: 'self_trade' });
    await bob.ask('order.cancel', { order_id: ask.order_id });
  });

  it('amends and replaces, and holds more before it asks for more', async () => {
    const order = await bob.limit('AMZN', 'sell', 600, '200');
    const { order_id } = order;
    const amend = (fields: object) => bob.ask('order.amend', { order_id, ...fields });
    assert.equal((await amend({ quantity: 1001 })).code, 'INSUFFICIENT_BALANCE');
    assert.equal((await amend({ quantity: 1000 })).order.quantity, '1000');
    assert.equal((await amend({ reduce_by: 400 })).order.remaining_quantity, '600');
    assert.equal((await amend({ price: '201' })).order.price, '201.00');
    assert.equal((await amend({ price: '201' })).code, 'AMEND_INVALID');
    await alice.limit('AMZN', 'buy', 100, '201', { time_in_force: 'ioc' });
    const left = { remaining_quantity: 300, price: '202' };
    const amended = (await amend(left)).order;
    assert.deepEqual([amended.quantity, amended.remaining_quantity], ['400', '300']);
    // 100 are sold: 900 are left, and an order in the place of the other may have all of them.
    const replaced = await bob.ask('order.replace', { order_id, quantity: 900 });
    assert.deepEqual(
      [replaced.order.remaining_quantity, replaced.order.price, replaced.order.replaces_order_id],
      ['900', '202.00', order_id],
    );
    await bob.becomes(order, { status: 'cancelled', reason: 'replaced' });
    assert.equal((await bob.ask('order.replace', { order_id })).code, 'ORDER_NOT_IN_BOOK');
    const first = { order_id: replaced.order.order_id };
    assert.equal((await bob.ask('order.cancel', first)).order.reason, 'requested');
  });

  it('an auction opens the market at one price', async () => {
    const phase = (name: string) => alice.ask('admin.set_phase', { market: 'AMZN', phase: name });
    assert.equal((await phase('pre_open')).type, 'done');
    const bids = [
      await alice.limit('AMZN', 'buy', 10, '205'),
      await alice.limit('AMZN', 'buy', 5, '203'),
    ];
    const asks = [
      await bob.limit('AMZN', 'sell', 8, '202'),
      await bob.limit('AMZN', 'sell', 7, '204'),
    ];
    const refused = await alice.ask('order.place', {
      ...{ market: 'AMZN', side: 'buy', type: 'market', quantity: 1 },
    });
    assert.equal(refused.order.reason, 'not_before_auction');
    assert.equal((await phase('continuous')).type, 'done');
    // At 204 ten can be bought and fifteen sold, more than at any other price but 205.
    await alice.becomes(bids[0], { status: 'filled', average_price: '204.00' });
    await bob.becomes(asks[0], { status: 'filled', average_price: '204.00' });
    await bob.becomes(asks[1], { status: 'partially_filled', remaining_quantity: '5' });
    assert.equal((await alice.order(bids[1].order_id)).status, 'open');
    for (const trader of [alice, bob]) await trader.ask('order.cancel_all', {});
  });

  it('an order good till a time leaves at it, in a market where nothing else happens', async () => {
    const expire_at = Date.now() + 700;
    const gtd = { time_in_force: 'gtd', expire_at };
    const order = await alice.limit('AMZN', 'buy', 1, '100', gtd);
    assert.equal(order.status, 'open');
    const gone = await alice.becomes(order, { status: 'expired', reason: 'expired' });
    assert.ok(Date.parse(gone.updated_at) >= expire_at, gone.updated_at);
    const late = { market: 'AMZN', side: 'buy', type: 'limit', quantity: 1, price: 1 };
    const past = await alice.ask('order.place', { ...late, ...gtd });
    assert.equal(past.code, 'EXPIRY_INVALID');
    const day = await alice.limit('AMZN', 'buy', 1, '100', { time_in_force: 'day' });
    assert.match(day.expire_at, /T00:00:00\.000000Z$/);
    await alice.ask('order.cancel_all', {});
  });

  it('orders leave with the connection that placed them, if it asked for that', async () => {
    const brief = await Trader.enter(server, 'bob');
    await brief.ask('session.cancel_on_disconnect', { enabled: true });
    const order = await brief.limit('AMZN', 'buy', 1, '100');
    const other = await bob.limit('AMZN', 'buy', 1, '99');
    brief.client.close();
    await bob.becomes(order, { status: 'cancelled', reason: 'requested' });
    assert.equal((await bob.order(other.order_id)).status, 'open');
    await bob.ask('order.cancel', { order_id: other.order_id });
  });

  it('what waits survives kill -9, with its holds to the last digit', async () => {
    const [take, stop] = await pairAndStop();
    const dated = await alice.limit('AMZN', 'buy', 10, '100', {
      ...{ time_in_force: 'gtd', expire_at: Date.now() + 4000 },
    });
    const bid = await bob.limit('AMZN', 'buy', 7, '90.01');
    const armed = await bob.ask('order.cancel_all_after', { seconds: 5 });
    assert.match(armed.fires_at, /Z$/);
    await server.end('SIGKILL');
    await assertHolds();
    await enter();
    for (const order of [take, stop])
      assert.equal((await alice.order(order.order_id)).status, 'open');
    await alice.becomes(dated, { status: 'expired', reason: 'expired' });
    await bob.becomes(bid, { status: 'cancelled', reason: 'mass_cancel' });
    // The stop still waits for its price, and the pair still knows of each other.
    await bob.limit('MSFT', 'buy', 50, '380');
    await tradeBetween('MSFT', '380');
    await alice.becomes(stop, { status: 'filled', average_price: '380.00' });
    await alice.becomes(take, { status: 'cancelled', reason: 'oco' });
    await server.end('SIGTERM');
    assertVerified(directory.path, 'after all of it');
    await assertConserved(directory.path, 'after all of it');
  });

  /** Alice's pair on 40 shares: a limit and the stop that is its partner. */
  const pairAndStop = async (): Promise<[Message, Message]> => {
    await bob.limit('MSFT', 'sell', 1, '400');
    await alice.limit('MSFT', 'buy', 1, '400', { time_in_force: 'ioc' });
    const reply = await alice.ask('order.place', {
      ...{ market: 'MSFT', side: 'sell', type: 'limit', quantity: 40, price: '420' },
      oco: { side: 'sell', type: 'stop', quantity: 30, stop_price: '385' },
    });
    assert.equal(reply.oco.order.waiting_for, 'trigger');
    return [reply.order, reply.oco.order];
  };

  /** Bob's bid trades with his own sale of one. */
  const tradeBetween = async (symbol: string, price: string): Promise<void> => {
    const sale = await bob.limit(symbol, 'sell', 1, price, { time_in_force: 'ioc' });
    assert.equal(sale.status, 'filled');
  };

  const assertHolds = async (): Promise<void> => {
    const store = openStore(directory.path, { readOnly: true, durability: 'commit' });
    try {
      const { ledger, accounts } = recover(store, shippedMarkets(), () => undefined);
      const held = (userId: number, asset: string): number => {
        const portfolioId = accounts.defaultPortfolioId(userId);
        assert.ok(portfolioId !== undefined);
        return ledger.get(portfolioId).balance(asset).held;
      };
      const cost = (cents: number, quantity: number): number => {
        const notional = (cents * quantity * USD) / 100;
        return notional + Math.floor((notional * TAKER_PPM) / 1_000_000);
      };
      const [bobId, aliceId] = [1, 2];
      assert.equal(held(aliceId, 'MSFT'), 40, 'a pair holds the larger need');
      assert.equal(held(aliceId, 'USD'), cost(10_000, 10));
      assert.equal(held(bobId, 'USD'), cost(9001, 7));
      for (const asset of ['AAPL', 'GOOGL', 'AMZN']) {
        assert.equal(held(aliceId, asset) + held(bobId, asset), 0, asset);
      }
      for (const asset of ['USD', 'AAPL', 'MSFT', 'GOOGL', 'AMZN']) {
        assert.equal(ledger.sumOf(asset), 0n, asset);
      }
    } finally {
      await store.close();
    }
  };
});
