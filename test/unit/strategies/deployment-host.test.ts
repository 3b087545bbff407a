import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import { SIDE_BUY, SIDE_SELL } from '../../../src/domain/orders.ts';
import { describeNews } from '../../../src/strategies/deployment-host.ts';
import { strategyParameters } from '../../../src/strategies/parameters.ts';
import type {
  OrderIntent,
  OwnOrder,
  Strategy,
  StrategyContext,
  StrategyDefinition,
} from '../../../src/strategies/strategy.ts';
import { DEPLOYMENT_ID, type SceneOptions, StrategyScene } from '../../support/strategy-scene.ts';

const BTC = 6;
const MID = 970_000;

/** A strategy that does what the test says, and remembers what it is told. */
function puppet(): { definition: StrategyDefinition; hand: Hand } {
  const hand = new Hand();
  const definition: StrategyDefinition = {
    id: 'puppet',
    name: 'Puppet',
    description: 'Does what it is told',
    parameters: strategyParameters({ any: Type.Number({ default: 1, description: 'Anything' }) }),
    marketsMin: 1,
    marketsMax: 2,
    sameInstrument: false,
    defaultMarkets: [],
    create: (context) => {
      hand.context = context;
      return hand;
    },
  };
  return { definition, hand };
}

class Hand implements Strategy {
  context!: StrategyContext;
  readonly heard: string[] = [];
  act: () => void = () => undefined;

  onBook(): void {
    this.heard.push('book');
  }

  onTrade(): void {
    this.heard.push('trade');
  }

  onOrder(order: OwnOrder, news: Parameters<Strategy['onOrder']>[1]): void {
    this.heard.push(`${order.number} ${describeNews(news)}`);
  }

  onTimer(): void {
    const { act } = this;
    this.act = () => undefined;
    act();
  }

  configure(): void {
    this.heard.push('configured');
  }
}

function scene(options: Partial<SceneOptions> = {}): { on: StrategyScene; hand: Hand } {
  const { definition, hand } = puppet();
  const on = new StrategyScene(definition, { marketIds: [BTC], ...options });
  on.quote(BTC, MID - 10, MID + 10, 50);
  hand.heard.length = 0;
  return { on, hand };
}

const BID: OrderIntent = { marketId: BTC, side: SIDE_BUY, priceTicks: MID - 5, qtyLots: 3 };

describe('a deployment', () => {
  it('hears of its orders once each, after the market of the same group shows them', () => {
    const { on, hand } = scene();
    let order: OwnOrder | undefined;
    hand.act = () => {
      order = hand.context.place({ ...BID, postOnly: true });
    };
    on.pass(50);
    assert.deepEqual(hand.heard, ['1 accepted', 'book']);
    assert.equal(order?.state, 'open');
    hand.act = () => assert.ok(hand.context.amend(order as OwnOrder, MID - 5, 2));
    on.pass(50);
    assert.deepEqual(hand.heard.splice(0), ['1 accepted', 'book', '1 amended', 'book']);
    on.take(BTC, SIDE_SELL, MID - 5, 2);
    assert.deepEqual(hand.heard.splice(0), ['trade', '1 filled', 'book']);
    assert.equal(order?.state, 'closed');
    assert.equal(hand.context.positionLots(BTC), 2);
    assert.equal(on.host.record.ordersSent, 1);
    assert.equal(on.host.record.fills, 1);
  });

  it('cancels an order that the book has not heard of yet as soon as it has', () => {
    const { on, hand } = scene();
    hand.act = () => {
      const order = hand.context.place(BID) as OwnOrder;
      assert.equal(order.state, 'sent');
      assert.ok(hand.context.cancel(order));
      assert.ok(!hand.context.cancel(order), 'once is enough');
    };
    on.pass(50);
    assert.deepEqual(hand.heard, ['1 accepted', 'book', '1 cancelled', 'book']);
    assert.deepEqual(hand.context.orders(BTC), []);
  });

  it('is told of a rejection by the book and of a denial before it, and pauses after the latter', () => {
    const { on, hand } = scene({
      balances: { USDT: 30_000, BTC: 10 },
      parameters: { max_position: 100_000 },
    });
    const tooMuch = { ...BID, qtyLots: 400 };
    hand.act = () => void hand.context.place(tooMuch);
    on.pass(100);
    assert.deepEqual(hand.heard.splice(0), ['1 denied (INSUFFICIENT_BALANCE)']);
    hand.act = () => assert.equal(hand.context.place(BID), undefined);
    on.pass(50);
    on.pass(1000);
    hand.act = () =>
      assert.ok(hand.context.place({ ...BID, priceTicks: MID + 10, postOnly: true }));
    on.pass(50);
    assert.deepEqual(hand.heard.splice(0), ['2 rejected (POST_ONLY_WOULD_TAKE)']);
  });

  it('keeps the greatest position, open orders included', () => {
    const { on, hand } = scene({ parameters: { max_position: 970 }, canShort: true });
    hand.act = () => {
      const { context } = hand;
      assert.equal(context.roomLots(BTC, SIDE_BUY, MID), 10);
      assert.equal(context.place({ ...BID, qtyLots: 11 }), undefined);
      assert.ok(context.place({ ...BID, qtyLots: 6 }));
      assert.equal(context.place({ ...BID, qtyLots: 6 }), undefined);
      assert.ok(context.place({ ...BID, side: SIDE_SELL, priceTicks: MID + 9, qtyLots: 9 }));
    };
    on.pass(50);
    assert.equal(on.text.length, 3 - 1);
  });

  it('sells no more than it has where it cannot go short', () => {
    const { on, hand } = scene();
    hand.act = () => {
      assert.equal(hand.context.sellableLots(BTC), 0);
      assert.equal(hand.context.place({ ...BID, side: SIDE_SELL }), undefined);
      hand.context.place({ ...BID, priceTicks: MID + 10, immediate: true });
    };
    on.pass(50);
    hand.act = () => {
      assert.equal(hand.context.sellableLots(BTC), 3);
      assert.ok(hand.context.place({ ...BID, side: SIDE_SELL, priceTicks: MID + 9, qtyLots: 2 }));
      assert.equal(hand.context.sellableLots(BTC), 1);
    };
    on.pass(50);
    assert.equal(on.text.length, 2);
  });

  it('keeps the number of open orders and their rate', () => {
    const { on, hand } = scene({ parameters: { max_open_orders: 3, max_orders_per_second: 2 } });
    const burst = (): number => {
      let sent = 0;
      while (hand.context.place({ ...BID, qtyLots: 1, priceTicks: MID - 6 }) !== undefined)
        sent += 1;
      return sent;
    };
    const sent: number[] = [];
    hand.act = () => void sent.push(burst());
    on.pass(50);
    hand.act = () => void sent.push(burst());
    on.pass(500);
    on.pass(2000);
    hand.act = () => void sent.push(burst());
    on.pass(50);
    assert.deepEqual(sent, [2, 0, 1], 'two at once, none left after 50 ms, then one of three');
  });

  it('stops itself when its loss reaches the bound, and sends nothing more', () => {
    const { on, hand } = scene({ parameters: { max_loss: 20, max_position: 100_000 } });
    hand.act = () =>
      void hand.context.place({ ...BID, priceTicks: MID + 10, qtyLots: 20, immediate: true });
    on.pass(50);
    assert.deepEqual(on.runtime.takeEnds(), [], 'fees alone are less than the bound');
    // Down by 1 000 of quote a coin, on 20 thousandths: twenty, and the fee comes on top.
    on.quote(BTC, MID - 10_010, MID - 9_990, 50);
    on.take(BTC, SIDE_SELL, MID - 10_010, 1);
    assert.equal(hand.context.place(BID), undefined);
    assert.deepEqual(on.runtime.takeEnds(), [
      { deploymentId: DEPLOYMENT_ID, failed: false, reason: 'max_loss' },
    ]);
    assert.equal(on.runtime.size, 0);
  });

  it('ends with its reason when it throws, and others go on', () => {
    const { on, hand } = scene();
    hand.act = () => {
      throw new TypeError('no such thing');
    };
    on.pass(50);
    assert.deepEqual(on.runtime.takeEnds(), [
      { deploymentId: DEPLOYMENT_ID, failed: true, reason: 'TypeError: no such thing' },
    ]);
    on.quote(BTC, MID - 20, MID + 20, 50);
    assert.deepEqual(hand.heard, [], 'nothing is told to it any more');
  });
});
