import { LIMITS } from '../config/limits.ts';
import type { MarketRegistry } from '../config/markets.ts';
import type { Market } from '../domain/markets.ts';
import * as C from '../domain/result-codes.ts';
import type { CancelAllReply } from './venue.ts';

/** One command has done all there was unless it cancelled about as many as a command may. */
const FULL_COMMAND = LIMITS.fillsPerCommand / 2;

export interface MassCancelParts {
  readonly markets: MarketRegistry;
  /** False for a market that nobody can have orders in. */
  readonly hasBook: (marketId: number) => boolean;
  /** One `CancelAll` command; `done` is called with its outcome and the orders that left. */
  readonly cancelAll: (
    market: Market,
    portfolioId: number,
    done: (code: number, cancelled: number) => void,
  ) => void;
}

/**
 * Cancels everything of some portfolios. A command cancels only so many orders, so it is given again
 * until there is nothing left; orders on their way to the book are before it in the ring, and leave too.
 */
export class MassCancel {
  private readonly parts: MassCancelParts;

  constructor(parts: MassCancelParts) {
    this.parts = parts;
  }

  /** `done` is called once, when all markets have answered: with the first code that is not `OK`. */
  run(
    portfolioIds: readonly number[],
    market: Market | undefined,
    done: (reply: CancelAllReply) => void,
  ): void {
    this.runIn(portfolioIds, market === undefined ? this.parts.markets.all : [market], done);
  }

  /** The same in some markets. */
  runIn(
    portfolioIds: readonly number[],
    asked: readonly Market[],
    done: (reply: CancelAllReply) => void,
  ): void {
    // Where the facts come from the exchange itself there is no order of ours.
    const markets = asked.filter(({ id }) => this.parts.hasBook(id));
    let waiting = portfolioIds.length * markets.length;
    let code = C.OK;
    let sum = 0;
    if (waiting === 0) return done({ code, cancelled: sum });
    const finished = (outcome: number, cancelled: number): void => {
      if (code === C.OK) code = outcome;
      sum += cancelled;
      waiting -= 1;
      if (waiting === 0) done({ code, cancelled: sum });
    };
    for (const portfolioId of portfolioIds) {
      for (const one of markets) this.clear(one, portfolioId, 0, finished);
    }
  }

  private clear(
    market: Market,
    portfolioId: number,
    before: number,
    finished: (code: number, cancelled: number) => void,
  ): void {
    this.parts.cancelAll(market, portfolioId, (code, cancelled) => {
      const sum = before + cancelled;
      if (code !== C.OK || cancelled < FULL_COMMAND) finished(code, sum);
      else this.clear(market, portfolioId, sum, finished);
    });
  }
}
