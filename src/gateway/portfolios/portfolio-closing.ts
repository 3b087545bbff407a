import type { Asset } from '../../domain/markets.ts';
import * as C from '../../domain/result-codes.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';
import { assert } from '../../lib/assert.ts';
import type { PortfolioBook } from './portfolio-book.ts';
import type { PortfolioDeskParts } from './portfolio-desk.ts';
import type { ClosedPortfolio } from './portfolio-venue.ts';

/** Orders that left while others were on their way in are looked for again, so often at most. */
const CANCEL_ROUNDS = 5;

export interface ClosingParts extends PortfolioDeskParts {
  readonly book: PortfolioBook;
  readonly asset: (name: string) => Asset;
}

/**
 * How a portfolio ends: it takes no more orders, those it has are cancelled, and one fact moves what it
 * has left to the user's first portfolio and closes it. Killed in between, it is as open as before.
 */
export class PortfolioClosing {
  private readonly parts: ClosingParts;

  constructor(parts: ClosingParts) {
    this.parts = parts;
  }

  /** Of an open portfolio of this user; a result code when it stays open. */
  async close(
    userId: number,
    portfolioId: number,
    force: boolean,
  ): Promise<ClosedPortfolio | number> {
    const { ledger, accounts, book, record, isDeployed, asset } = this.parts;
    const portfolio = ledger.get(portfolioId);
    const toPortfolioId = accounts.defaultPortfolioId(userId);
    const isNeeded = portfolio.kind !== 'cash' || isDeployed(portfolioId);
    if (isNeeded || toPortfolioId === undefined || toPortfolioId === portfolioId) {
      return C.PORTFOLIO_IN_USE;
    }
    if (!force && !this.isEmpty(portfolio)) return C.PORTFOLIO_NOT_EMPTY;
    portfolio.locked = true;
    let closed = false;
    try {
      const cancelled = await this.cancelOrders(userId, portfolio);
      if (cancelled.code !== C.OK) return cancelled.code;
      // An order that came before the lock may have traded: look again, unless that was expected.
      if (!force && !this.isEmpty(portfolio)) return C.PORTFOLIO_NOT_EMPTY;
      const holdings = book.holdingsOf(portfolioId);
      const moved = [...portfolio.balances]
        .filter(([, { total }]) => total !== 0)
        .map(([name, { total }]) => [name, total] as const);
      await record({ kind: 'PortfolioClosed', portfolioId, toPortfolioId, moved });
      closed = true;
      const info = book.info(portfolioId);
      assert(info !== undefined, 'a closed portfolio keeps its name');
      return {
        info,
        ordersCancelled: cancelled.orders,
        toPortfolioId,
        moved: moved.map(([name, units]) => ({ asset: asset(name), units })),
        holdings,
      };
    } finally {
      if (!closed) portfolio.locked = false;
    }
  }

  private isEmpty({ id, balances, openOrders }: Portfolio): boolean {
    if (openOrders > 0 || this.parts.book.holdingsOf(id).length > 0) return false;
    for (const { total, held } of balances.values()) if (total !== 0 || held !== 0) return false;
    return true;
  }

  private async cancelOrders(
    userId: number,
    portfolio: Portfolio,
  ): Promise<{ code: number; orders: number }> {
    let orders = 0;
    for (let round = 0; round < CANCEL_ROUNDS && portfolio.openOrders > 0; round += 1) {
      const request = { userId, portfolioId: portfolio.id, market: undefined };
      const reply = await new Promise<{ code: number; cancelled: number }>((resolve) =>
        this.parts.cancelAll(request, resolve),
      );
      orders += reply.cancelled;
      if (reply.code !== C.OK) return { code: reply.code, orders };
    }
    return { code: portfolio.openOrders > 0 ? C.PORTFOLIO_NOT_EMPTY : C.OK, orders };
  }
}
