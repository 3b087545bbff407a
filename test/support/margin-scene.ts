import assert from 'node:assert/strict';
import type { MarketRegistry } from '../../src/config/markets.ts';
import type { Market } from '../../src/domain/markets.ts';
import { ORDER_TYPE_LIMIT, ORDER_TYPE_MARKET, TIF_GTC, TIF_IOC } from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { PortfolioKind, VenueEvent } from '../../src/domain/venue-events.ts';
import type { Account } from '../../src/gateway/account.ts';
import { MarginClockwork } from '../../src/gateway/margin/margin-clockwork.ts';
import type { PositionReply } from '../../src/gateway/margin/margin-venue.ts';
import type { OrderReply } from '../../src/gateway/venue.ts';
import { OneThreadVenue } from './one-thread-venue.ts';

const FUND = 50;
/** An external portfolio of user 9, who makes the market and owes whatever it takes. */
const MAKER_USER = 9;
const MAKER = 60;
/** Whoever opens positions in a scene: portfolio 100 + user. */
export const marginPortfolio = (userId: number): number => 100 + userId;

export interface MarginSceneOptions {
  /** Smallest units of each asset of settlement; users 1 to `users` have as much. */
  readonly collateral: Readonly<Record<string, number>>;
  readonly users?: number;
  readonly fund?: Readonly<Record<string, number>>;
}

function opened(portfolioId: number, userId: number, kind: PortfolioKind, name: string) {
  return { kind: 'PortfolioOpened', portfolioId, userId, portfolioKind: kind, name } as const;
}

function facts({ collateral, users = 2, fund = {} }: MarginSceneOptions): VenueEvent[] {
  const list: VenueEvent[] = [
    opened(FUND, 0, 'external', 'insurance-fund'),
    opened(MAKER, MAKER_USER, 'external', 'maker'),
  ];
  for (const [asset, amountUnits] of Object.entries(fund)) {
    list.push({ kind: 'FundsDeposited', portfolioId: FUND, asset, amountUnits });
  }
  for (let userId = 1; userId <= users; userId += 1) {
    const portfolioId = marginPortfolio(userId);
    list.push(opened(portfolioId, userId, 'margin', 'margin'));
    for (const [asset, amountUnits] of Object.entries(collateral)) {
      list.push({ kind: 'FundsDeposited', portfolioId, asset, amountUnits });
    }
  }
  return list;
}

/** A venue in one thread with margin portfolios, an insurance fund, and a maker who quotes at will. */
export class MarginScene {
  readonly venue: OneThreadVenue;
  readonly clockwork: MarginClockwork;
  readonly events: VenueEvent[] = [];
  readonly errors: unknown[] = [];
  nowMs = 1_700_000_000_000;

  constructor(markets: MarketRegistry, options: MarginSceneOptions) {
    this.venue = new OneThreadVenue(markets, { facts: facts(options), users: 1 });
    this.clockwork = this.openClockwork(markets);
  }

  private openClockwork(markets: MarketRegistry): MarginClockwork {
    const { engine, ledger, views } = this.venue;
    const parts = {
      markets: markets.all,
      ledger,
      rules: engine.margin.rules,
      views,
      clock: { nowMs: () => this.nowMs },
      record: (event: VenueEvent) => this.venue.record(event),
      healthy: () => true,
      publish: () => undefined,
      onError: (error: unknown) => void this.errors.push(error),
      cancelAll: (market: Market, portfolioId: number, done: () => void) =>
        engine.desk.cancelPortfolio(market, portfolioId, done),
      close: (
        market: Market,
        portfolioId: number,
        side: number,
        lots: number,
        done: (code: number) => void,
      ) => engine.desk.liquidate(market, portfolioId, side, lots, done),
    };
    return new MarginClockwork(parts, () => FUND);
  }

  /** The maker's orders all leave and these stand instead; market orders trade against them. */
  quote(market: Market, bidTicks: number, askTicks: number, lots: number): void {
    this.venue.engine.desk.cancelPortfolio(market, MAKER, () => undefined);
    this.venue.settle();
    this.maker(market, 0, bidTicks, lots);
    this.maker(market, 1, askTicks, lots);
  }

  maker(market: Market, side: number, priceTicks: number, qtyLots: number): void {
    const terms = { orderType: ORDER_TYPE_LIMIT, tif: TIF_GTC, flags: 0, clientOrderId: '' };
    const request = { ...terms, market, side, priceTicks, qtyLots };
    const reply = this.order({ ...request, userId: MAKER_USER, portfolioId: MAKER });
    assert.equal(reply.code, OK, 'the maker may owe whatever it takes');
  }

  /** An order of a user's margin portfolio; `priceTicks` 0 is a market order. */
  trade(userId: number, market: Market, side: number, lots: number, priceTicks = 0, flags = 0) {
    const isMarket = priceTicks === 0;
    return this.order({
      market,
      userId,
      portfolioId: marginPortfolio(userId),
      side,
      orderType: isMarket ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT,
      tif: isMarket ? TIF_IOC : TIF_GTC,
      flags,
      priceTicks,
      qtyLots: lots,
      clientOrderId: '',
    });
  }

  /** Opens a position as surfaces do. */
  async open(userId: number, market: Market, side: number, lots: number, leverage: number) {
    let answer: PositionReply | undefined;
    const request = { userId, market, side, qtyLots: lots, leverage, clientOrderId: '' };
    this.venue.engine.margin.openPosition(request, (reply) => {
      answer = reply;
    });
    await this.until(() => answer !== undefined);
    assert.ok(answer !== undefined);
    return answer;
  }

  async close(userId: number, positionId: string): Promise<PositionReply> {
    let answer: PositionReply | undefined;
    this.venue.engine.margin.closePosition({ userId, positionId }, (reply) => {
      answer = reply;
    });
    await this.until(() => answer !== undefined);
    assert.ok(answer !== undefined);
    return answer;
  }

  account(userId: number): Account {
    const account = this.venue.engine.account(marginPortfolio(userId));
    assert.ok(account !== undefined);
    return account;
  }

  /** Lets seconds pass, one step each, with everything durable that they lead to. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i += 1) {
      this.nowMs += 1000;
      this.clockwork.step(this.nowMs);
      await this.settled();
    }
  }

  async settled(): Promise<void> {
    for (let i = 0; i < 4; i += 1) {
      this.venue.settle();
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  private async until(isTrue: () => boolean): Promise<void> {
    for (let i = 0; i < 20 && !isTrue(); i += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      this.venue.settle();
    }
  }

  private order(request: Parameters<OneThreadVenue['engine']['place']>[0]): OrderReply {
    let answer: OrderReply | undefined;
    this.venue.engine.place(request, (reply) => {
      answer = reply;
    });
    this.venue.settle();
    assert.ok(answer !== undefined, 'every order is answered');
    return answer;
  }
}
