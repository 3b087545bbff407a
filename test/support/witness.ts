import assert from 'node:assert/strict';
import type { Prng } from '../../src/lib/prng.ts';
import type { Client } from './server-process.ts';
import type { Message, StreamClient } from './stream-client.ts';

/** Everything the witness trades in; its own orders trade with each other. */
export const WITNESS_ENV = {
  OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
  OPENBELL_OPENING_BALANCES: 'USD=100000000,AAPL=100000,MSFT=100000',
};
const SYMBOLS = ['AAPL', 'MSFT'];
const CLOSED = ['filled', 'cancelled', 'expired', 'rejected'];
/** How many orders of former rounds are looked at again in each round. */
const SAMPLE = 60;

/** The terms of a request, as REST and the native stream both take them. */
interface Terms {
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: number;
  readonly price?: number;
  readonly time_in_force?: string;
  readonly client_order_id: string;
}

/** What a reply said last about an order. */
interface Told {
  readonly orderId: string;
  status: string;
  filled: number;
}

/**
 * A client that trades at random over HTTP and WebSocket and remembers exactly what it was told, so
 * that after a crash it can say whether all of it is still true and nothing happened twice.
 */
export class Witness {
  /** By client order id: what was acknowledged. */
  readonly told = new Map<string, Told>();
  /** Cancels that were acknowledged. */
  cancels = 0;
  private readonly prng: Prng;
  private readonly terms = new Map<string, Terms>();
  /** Requests that were sent and never answered. */
  private unanswered = new Set<string>();
  /** Told of in this round. */
  private fresh = new Set<string>();
  private nextName = 1;

  constructor(prng: Prng) {
    this.prng = prng;
  }

  get fills(): number {
    return [...this.told.values()].filter(({ filled }) => filled > 0).length;
  }

  /** Trades over HTTP, one request after the other, until the server is gone. */
  async tradeOverHttp(client: Client): Promise<void> {
    for (;;) {
      try {
        const open = this.anOpenOrder();
        if (open !== undefined) {
          const { status, body } = await client.delete(`/v1/trading/orders/${open[1].orderId}`);
          if (status === 200) this.note(open[0], body.data, true);
          continue;
        }
        const terms = this.invent();
        const { status, body } = await client.post('/v1/trading/orders', httpOrder(terms));
        if (status === 201) this.note(terms.client_order_id, body.data);
        else if (status !== 503) this.unanswered.delete(terms.client_order_id);
      } catch {
        return;
      }
    }
  }

  /** Trades over one socket of the native stream with several requests under way. */
  async tradeOverSocket(client: StreamClient): Promise<void> {
    const lane = async (): Promise<void> => {
      for (;;) {
        try {
          const open = this.anOpenOrder();
          if (open !== undefined) {
            const op = { op: 'order.cancel', order_id: open[1].orderId };
            const reply = await client.ask(op);
            if (reply.type === 'order') this.note(open[0], reply.order, true);
            continue;
          }
          const terms = this.invent();
          const reply = await client.ask(streamOrder(terms));
          if (reply.type === 'order') this.note(terms.client_order_id, reply.order);
          else if (reply.code !== 'JOURNAL_UNAVAILABLE') {
            this.unanswered.delete(terms.client_order_id);
          }
        } catch {
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
  }

  /**
   * After a restart: everything told is true, by our id and by the client's; a request that was
   * never answered is carried out once, however often it is sent again.
   */
  async check(client: Client, where: string): Promise<void> {
    const all = [...this.told.keys()];
    const sample = Array.from({ length: Math.min(SAMPLE, all.length) }, () => this.pick(all));
    for (const name of new Set([...this.fresh, ...sample]))
      await this.checkTold(client, name, where);
    for (const name of this.unanswered) await this.checkUnanswered(client, name, where);
    this.fresh = new Set();
    this.unanswered = new Set();
  }

  private async checkTold(client: Client, name: string, where: string): Promise<void> {
    const told = this.told.get(name) as Told;
    const byId = await client.get(`/v1/trading/orders/${told.orderId}`);
    assert.equal(byId.status, 200, `order ${told.orderId} (${name}) is gone: ${where}`);
    const { data } = byId.body;
    assert.ok(data.filled_quantity >= told.filled, `a fill of ${told.orderId} is gone: ${where}`);
    if (CLOSED.includes(told.status)) {
      assert.deepEqual(
        [data.status, data.filled_quantity],
        [told.status, told.filled],
        `order ${told.orderId} had ended: ${where}`,
      );
    }
    const byName = await client.get(`/v1/trading/orders?client_order_id=${name}`);
    assert.deepEqual(byName.body.data, data, `${name} names its order: ${where}`);
    told.status = data.status;
    told.filled = data.filled_quantity;
  }

  private async checkUnanswered(client: Client, name: string, where: string): Promise<void> {
    const terms = this.terms.get(name) as Terms;
    const before = await client.get(`/v1/trading/orders?client_order_id=${name}`);
    const [again, twice] = await Promise.all([
      client.post('/v1/trading/orders', httpOrder(terms)),
      client.post('/v1/trading/orders', httpOrder(terms)),
    ]);
    // Funds may not suffice any more: then both are denied, and nothing was placed before.
    assert.equal(again.status, twice.status, `${name} sent twice: ${where}`);
    if (again.status !== 201) {
      assert.equal(before.status, 404, `${name} was there before: ${where}`);
      return;
    }
    const orderId = again.body.data.order_id;
    assert.equal(twice.body.data.order_id, orderId, `${name} was placed twice: ${where}`);
    if (before.status === 200) assert.equal(before.body.data.order_id, orderId, where);
    this.note(name, again.body.data);
  }

  private invent(): Terms {
    const { prng } = this;
    const name = `w-${this.nextName}`;
    this.nextName += 1;
    const kind = prng.integer(0, 9);
    const terms: Terms = {
      symbol: this.pick(SYMBOLS),
      side: prng.chance(0.5) ? 'buy' : 'sell',
      type: 'limit',
      quantity: prng.integer(1, 20),
      price: prng.integer(39_950, 40_050) / 100,
      ...(kind === 0 ? { time_in_force: 'ioc' } : {}),
      ...(kind === 1 ? { time_in_force: 'fok' } : {}),
      client_order_id: name,
    };
    this.terms.set(name, terms);
    this.unanswered.add(name);
    return terms;
  }

  private note(name: string, order: Message, isCancel = false): void {
    const filled = Number(order.filled_quantity);
    const before = this.told.get(name);
    this.unanswered.delete(name);
    if (before !== undefined)
      assert.equal(order.order_id, before.orderId, `${name} changed its order`);
    // Two lanes may hear of one order in another order than it happened: fills only grow.
    if (before !== undefined && (before.filled > filled || CLOSED.includes(before.status))) return;
    if (isCancel) this.cancels += 1;
    this.told.set(name, { orderId: order.order_id, status: order.status, filled });
    this.fresh.add(name);
  }

  /** Now and then an order to cancel. */
  private anOpenOrder(): [string, Told] | undefined {
    if (!this.prng.chance(0.25)) return undefined;
    const open = [...this.fresh]
      .map((name) => [name, this.told.get(name)] as [string, Told])
      .filter(([, { status }]) => !CLOSED.includes(status));
    return open.length < 5 ? undefined : this.pick(open);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.prng.integer(0, list.length - 1)];
  }
}

function httpOrder(terms: Terms): object {
  return { exchange: 'NASDAQ', ...terms };
}

function streamOrder({ symbol, quantity, price, ...rest }: Terms): object {
  const market = `NASDAQ:${symbol}`;
  return { op: 'order.place', market, quantity: String(quantity), price: String(price), ...rest };
}
