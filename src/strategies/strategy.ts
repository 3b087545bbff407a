import type { TObject } from 'typebox';
import type { Market } from '../domain/markets.ts';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import type { DepthSide } from '../projections/depth.ts';

/**
 * What a strategy sees of a market: durable facts, as of the newest whole group of events. Prices are
 * ticks and quantities lots, as everywhere inside; 0 stands for "there is none".
 */
export interface MarketSeen {
  readonly market: Market;
  /** Levels, best first; the strategy's own orders are among them. REUSED: read them now. */
  readonly bids: DepthSide;
  readonly asks: DepthSide;
  readonly bidTicks: number;
  readonly askTicks: number;
  /** Middle of the touch, 0 while a side is empty. */
  readonly midTicks: number;
  readonly lastTradeTicks: number;
  /** True while orders trade as they come. */
  readonly isContinuous: boolean;
  /** Venue time of the newest event, milliseconds since the Unix epoch; 0 before the first. */
  readonly changedAtMs: number;
}

export interface TradeSeen {
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** SIDE_… of who took, or `SIDE_UNKNOWN` */
  readonly takerSide: number;
  readonly atMs: number;
}

/** An order of the strategy, from `place` on. The strategy reads it, the host keeps it up. */
export interface OwnOrder {
  readonly number: number;
  readonly marketId: number;
  readonly side: number;
  /** What the strategy calls it; means nothing to anyone else. */
  readonly tag: string;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly remainingLots: number;
  /** `sent` until the book has answered, then `open` until nothing of it is. */
  readonly state: 'sent' | 'open' | 'closed';
  /** A cancel or an amendment is on its way: no other will be sent before its outcome is known. */
  readonly isBusy: boolean;
}

/**
 * What became of an order. `denied`: by the venue before the book; `rejected`: by the book; `refused`: a
 * cancel or an amendment that changed nothing. `code` is the result code of these three, else 0.
 */
export interface OrderNews {
  readonly what:
    | 'accepted'
    | 'filled'
    | 'amended'
    | 'cancelled'
    | 'rejected'
    | 'denied'
    | 'refused';
  readonly code: number;
  /** Of a fill: signed, positive for a purchase. */
  readonly filledLots: number;
  readonly priceTicks: number;
}

export interface OrderIntent {
  readonly marketId: number;
  readonly side: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** What does not trade at once is cancelled. */
  readonly immediate?: boolean;
  /** Refused rather than trading at once. */
  readonly postOnly?: boolean;
  readonly tag?: string;
}

/**
 * All that a strategy has to do with the world. It reads no clock but `nowMs`, draws no chance but from
 * its parameters, and does no I/O, so that the same events always lead to the same orders, live and in
 * a backtest.
 */
export interface StrategyContext {
  /** The markets it was deployed in, in the order given. */
  readonly markets: readonly MarketSeen[];
  /** Time of what is being told, milliseconds since the Unix epoch; never goes back. */
  readonly nowMs: number;
  /** True when the portfolio may sell what it does not have. */
  readonly canShort: boolean;
  market(marketId: number): MarketSeen;
  /** What the strategy has bought less what it has sold, and took over at the start. */
  positionLots(marketId: number): number;
  /** Most lots of another order on this side that the deployment’s limits leave room for. */
  roomLots(marketId: number, side: number, priceTicks: number): number;
  /** Most that could be sold now: without short selling, what is there and not offered yet. */
  sellableLots(marketId: number): number;
  /** Venue time at which somebody else last did something in the market, in ms; 0 before that. */
  othersActedMs(marketId: number): number;
  /** Lots that are worth this much of the quote asset at the newest price, rounded down. */
  lotsOf(marketId: number, quoteAmount: number): number;
  /** Its orders that are not closed, oldest first. */
  orders(marketId: number): readonly OwnOrder[];
  /** Sends an order; `undefined` when a limit of the deployment forbids it. */
  place(intent: OrderIntent): OwnOrder | undefined;
  /** False when the order is closed or something is on its way for it already. */
  cancel(order: OwnOrder): boolean;
  /** Another price or open quantity. A smaller quantity at the same price keeps its place in the queue. */
  amend(order: OwnOrder, priceTicks: number, remainingLots: number): boolean;
}

/** The decisions. A method that throws ends the deployment, with the error as its reason. */
export interface Strategy {
  /** A level of the market moved; called once for each command that the market carried out. */
  onBook(market: MarketSeen): void;
  /** Somebody traded. The book shows it already. */
  onTrade(market: MarketSeen, trade: TradeSeen): void;
  onOrder(order: OwnOrder, news: OrderNews): void;
  /** Called some twenty times a second, whatever happens in the markets. */
  onTimer(nowMs: number): void;
  /** Other parameters hold from now on; they have passed the schema. */
  configure(parameters: StrategyParameters): void;
}

/** A strategy in the catalogue: one file and one line in `catalogue.ts`. */
export interface StrategyDefinition {
  /** Stable: it stands in the journal. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Flat: numbers, booleans and enumerations, each with a default and a description. */
  readonly parameters: TObject;
  /** How many markets one deployment takes. */
  readonly marketsMin: number;
  readonly marketsMax: number;
  /** All markets must be of one instrument. */
  readonly sameInstrument: boolean;
  /** Where it trades when the caller names no market; those that are not listed are passed over. */
  readonly defaultMarkets: readonly string[];
  create(context: StrategyContext, parameters: StrategyParameters): Strategy;
}
