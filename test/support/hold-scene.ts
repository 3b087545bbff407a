import assert from 'node:assert/strict';
import type { Market } from '../../src/domain/markets.ts';
import * as O from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { LinkedRequest, PlaceRequest } from '../../src/gateway/venue.ts';
import { holdTermsOf } from '../../src/ledger/holds.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { shippedMarkets } from './markets.ts';
import { OneThreadVenue } from './one-thread-venue.ts';

const USERS = 2;
const markets = shippedMarkets([6, 13]);
const MIDDLES = new Map([
  [6, 972_500],
  [13, 4210],
]);

/** What is drawn of an order; prices are distances from the middle. */
export interface Order {
  side: number;
  orderType: number;
  tif: number;
  flags: number;
  selfTrade: number;
  offset: number;
  trigger: number;
  qtyLots: number;
  display: number;
  trailUnit: number;
  pegKind: number;
  pegOffset: number;
  expiresIn: number;
}

/** Plain terms at the middle, but for what a test draws. */
export const PLAIN: Order = {
  side: 0,
  orderType: O.ORDER_TYPE_LIMIT,
  tif: O.TIF_GTC,
  flags: 0,
  selfTrade: 0,
  offset: 0,
  trigger: 0,
  qtyLots: 1,
  display: 0,
  trailUnit: 0,
  pegKind: 0,
  pegOffset: 0,
  expiresIn: 1,
};
export type Step =
  | { op: 'place'; user: number; marketId: number; order: Order; link: string; which: number }
  | { op: 'set'; user: number; marketId: number; orders: Order[]; shape: string }
  | {
      op: 'amend';
      user: number;
      marketId: number;
      which: number;
      mode: number;
      offset: number | undefined;
      qtyLots: number;
    }
  | { op: 'cancel'; user: number; marketId: number; which: number }
  | { op: 'cancelAll'; user: number }
  | { op: 'phase'; marketId: number; phase: number }
  | { op: 'wait'; seconds: number }
  | { op: 'match' }
  | { op: 'settle' };

/** What happened over all runs, so that a test that tests nothing is noticed. */
export const seen = new Map<string, number>();

/** Users of a real door, ledger and machine, whatever they do. */
export class Scene {
  readonly venue = new OneThreadVenue(markets, {
    users: USERS,
    balances: { USDT: 10_000_000_000, USDC: 40_000_000, BTC: 10_000_000, SEI: 100_000_000 },
  });
  asked = 0;
  answered = 0;

  /** Somebody trades first, so that there is a price to refer to. */
  trade(): void {
    const plain = {
      offset: 0,
      qtyLots: 1,
      orderType: 0,
      tif: 0,
      flags: 0,
      selfTrade: 0,
      display: 0,
    };
    const none = { selfTrade: 0, display: 0, trigger: 0 } as const;
    const rest = { ...none, trailUnit: 0, pegKind: 0, pegOffset: 0, expiresIn: 1 };
    for (const id of MIDDLES.keys()) {
      this.place(this.request(1, marketOf(id), { ...plain, ...rest, side: 1 }));
      this.place(this.request(2, marketOf(id), { ...plain, ...rest, side: 0 }));
    }
    this.venue.settle();
  }

  run(one: Step): void {
    const { venue } = this;
    switch (one.op) {
      case 'place': {
        const request = this.request(one.user, marketOf(one.marketId), one.order);
        this.place({ ...request, ...this.links(one.user, one.marketId, one.link, one.which) });
        return;
      }
      case 'set':
        this.placeSet(one.user, marketOf(one.marketId), one.orders, one.shape);
        return;
      case 'amend': {
        const orderId = this.orderOf(one.user, one.marketId, one.which);
        const middle = MIDDLES.get(one.marketId) ?? 0;
        const priceTicks = one.offset === undefined ? 0 : middle + one.offset;
        const { mode, qtyLots } = one;
        this.asked += 1;
        venue.engine.amend({ userId: one.user, orderId, mode, priceTicks, qtyLots }, (reply) => {
          this.answered += 1;
          if (reply.code === OK) count('amended');
        });
        return;
      }
      case 'cancel':
        this.asked += 1;
        venue.engine.cancel(one.user, this.orderOf(one.user, one.marketId, one.which), () => {
          this.answered += 1;
        });
        return;
      case 'cancelAll': {
        this.asked += 1;
        const request = { userId: one.user, portfolioId: undefined, market: undefined };
        venue.engine.cancelAll(request, () => {
          this.answered += 1;
        });
        return;
      }
      case 'phase':
        // An operator's order waits for the disk first, and nothing here does.
        venue.engine.followCalendar(marketOf(one.marketId), one.phase);
        return;
      case 'wait':
        venue.clock.seconds += one.seconds * 5;
        for (const id of MIDDLES.keys()) venue.engine.advanceTime(marketOf(id));
        return;
      case 'match':
        venue.match();
        return;
      case 'settle':
        venue.settle();
    }
  }

  /** Nothing is on its way any more: the holds are what a restart would make of the open orders. */
  assertAsRecovered(): void {
    const { venue } = this;
    const recovered = new Ledger(markets.all);
    for (const fact of venue.facts)
      if (fact.kind === 'PortfolioOpened') recovered.openPortfolio(fact);
    for (const one of venue.orders.all()) {
      const { orderId, portfolioId, side, priceTicks } = one;
      const openLots = one.qtyLots - one.filledLots;
      const market = marketOf(one.marketId);
      const terms = holdTermsOf(one);
      recovered.restoreHold(orderId, portfolioId, market, side, priceTicks, openLots, terms);
    }
    for (const portfolio of venue.ledger.portfolios.values()) {
      const other = recovered.get(portfolio.id);
      assert.equal(portfolio.openOrders, other.openOrders, `open orders of ${portfolio.id}`);
      for (const [asset, { held }] of portfolio.balances) {
        assert.equal(held, other.balance(asset).held, `${asset} held of ${portfolio.id}`);
      }
    }
  }

  assertSound(): void {
    const { ledger } = this.venue;
    for (const asset of ['USDT', 'USDC', 'BTC', 'SEI']) {
      assert.equal(ledger.sumOf(asset), 0n, `${asset} was made or lost`);
    }
    for (const portfolio of ledger.portfolios.values()) {
      if (portfolio.kind !== 'cash') continue;
      for (const [asset, { total, held }] of portfolio.balances) {
        assert.ok(held >= 0, `${portfolio.id} holds ${held} ${asset}`);
        assert.ok(total >= held, `${portfolio.id} holds ${held} of ${total} ${asset}`);
      }
    }
  }

  private place(request: PlaceRequest): void {
    this.asked += 1;
    this.venue.engine.place(request, ({ code, order: placed }) => {
      this.answered += 1;
      count(placed === null ? `denied ${code}` : `placed ${O.ORDER_TYPE_NAMES[placed.orderType]}`);
      if (code !== OK) return;
      if (placed?.extension.ocoOrderId !== 0) count('linked as partner');
      if (placed?.extension.parentOrderId !== 0) count('linked as child');
      if (placed?.extension.replacesOrderId !== 0) count('replaced');
    });
  }

  private placeSet(userId: number, market: Market, orders: Order[], shape: string): void {
    const legs: LinkedRequest[] = orders.map((one, i) => {
      // Children that bring back what their parent takes: the other side, at most as much.
      const isChild = i > 0 && shape !== 'oco';
      const side = isChild ? 1 - orders[0].side : one.side;
      const qtyLots = isChild ? Math.min(one.qtyLots, orders[0].qtyLots) : one.qtyLots;
      return {
        request: this.request(userId, market, { ...one, side, qtyLots, selfTrade: 0 }),
        ocoOf: (shape === 'oco' && i === 1) || (shape === 'bracket' && i === 2) ? i - 1 : -1,
        childOf: isChild ? 0 : -1,
      };
    });
    this.asked += 1;
    this.venue.engine.placeLinked(shape === 'oco' ? legs.slice(0, 2) : legs, (replies) => {
      this.answered += 1;
      if (replies.every(({ code }) => code === OK)) count(`set ${shape}`);
    });
  }

  /** Most of what does not go together is left out here: the door's own tests have it. */
  private request(userId: number, market: Market, one: Order): PlaceRequest {
    const { orderType, selfTrade, side } = one;
    const qtyLots = one.qtyLots === 0 ? this.affordableLots(userId, market, side) : one.qtyLots;
    const isMarket = orderType === O.ORDER_TYPE_MARKET;
    const isLimit = orderType === O.ORDER_TYPE_LIMIT || orderType === O.ORDER_TYPE_STOP_LIMIT;
    const tif =
      (isMarket && one.tif > O.TIF_FOK) ||
      (orderType === O.ORDER_TYPE_PEGGED && one.tif <= O.TIF_FOK)
        ? O.TIF_GTC
        : one.tif;
    const rests = isLimit && tif !== O.TIF_IOC && tif !== O.TIF_FOK;
    const flags = rests ? one.flags : one.flags & O.ORDER_FLAG_REDUCE_ONLY;
    const middle = MIDDLES.get(market.id) ?? 0;
    const isStop = orderType === O.ORDER_TYPE_STOP || orderType === O.ORDER_TYPE_STOP_LIMIT;
    const hasPrice = [O.ORDER_TYPE_LIMIT, O.ORDER_TYPE_STOP_LIMIT, O.ORDER_TYPE_PEGGED] as number[];
    const { seconds } = this.venue.clock;
    return {
      market,
      userId,
      portfolioId: userId + 1,
      side,
      orderType,
      tif,
      flags,
      selfTrade,
      qtyLots,
      priceTicks: hasPrice.includes(orderType) ? middle + one.offset : 0,
      triggerTicks: isStop ? middle + one.trigger : 0,
      trailOffset: orderType === O.ORDER_TYPE_TRAILING_STOP ? 1 + Math.abs(one.trigger) : 0,
      trailUnit: one.trailUnit,
      displayLots: rests && one.display < qtyLots ? one.display : 0,
      pegKind: one.pegKind,
      pegOffsetTicks: orderType === O.ORDER_TYPE_PEGGED ? Math.max(one.pegOffset, one.pegKind) : 0,
      expireSeconds: tif === O.TIF_GTD ? seconds + one.expiresIn : 0,
      clientOrderId: '',
    };
  }

  private affordableLots(userId: number, market: Market, side: number): number {
    const portfolio = this.venue.ledger.get(userId + 1);
    const isBuy = side === O.SIDE_BUY;
    const { total, held } = portfolio.balance(isBuy ? market.quote.name : market.base.name);
    const unitsPerLot = isBuy
      ? (MIDDLES.get(market.id) ?? 0) * market.quoteUnitsPerTickLot * 1.002
      : market.baseUnitsPerLot;
    return Math.max(1, Math.floor((total - held) / unitsPerLot));
  }

  private links(userId: number, id: number, link: string, at: number): Partial<PlaceRequest> {
    const orderId = link === '' ? 0 : this.orderOf(userId, id, at);
    if (orderId === 0) return {};
    if (link === 'oco') return { ocoOrderId: orderId };
    if (link === 'parent') return { parentOrderId: orderId };
    const replacesTradedLots = this.venue.orders.get(orderId)?.filledLots ?? 0;
    return { replacesOrderId: orderId, replacesTradedLots };
  }

  /** One of the user's newest orders in a market that is open, as far as is known; 0: none. */
  private orderOf(userId: number, id: number, at: number): number {
    const own = [...this.venue.orders.all()].filter(
      (one) => one.portfolioId === userId + 1 && one.marketId === id,
    );
    return own.at(-1 - (at % Math.max(1, own.length)))?.orderId ?? 0;
  }
}

function marketOf(id: number): Market {
  const market = markets.get(id);
  assert.ok(market !== undefined);
  return market;
}

function count(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}
