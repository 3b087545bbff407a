import type { Side } from '../domain/orders.ts';

/**
 * What a recorded row asks of the engine. Actions are numbered from 1 without gaps by `requestId`,
 * and the same files always give the same actions: a replay that was cut off goes on after the last
 * number that became durable.
 */
interface ActionHead {
  readonly requestId: number;
  /** The row of the recording that caused it, from 1, a header not counted. */
  readonly row: number;
  /** Recorded time. */
  readonly seconds: number;
  readonly nanos: number;
}

/** A resting order the recorded exchange chose, and how much of it traded. */
export interface ExpectedFill {
  /** The recording's order id. */
  readonly id: string;
  readonly qtyLots: number;
}

export interface PlaceAction extends ActionHead {
  readonly kind: 'place';
  readonly clientOrderId: string;
  readonly side: Side;
  readonly tif: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** For an aggressor: whom the exchange matched it with. */
  readonly expected: readonly ExpectedFill[] | null;
  /** Why the files alone cannot say that our book would choose the same orders; `null` if they can. */
  readonly exception: string | null;
}

interface AmendAction extends ActionHead {
  readonly kind: 'amend';
  readonly clientOrderId: string;
  /** AMEND_… */
  readonly mode: number;
  /** 0 keeps the price. */
  readonly priceTicks: number;
  readonly qtyLots: number;
}

interface CancelAction extends ActionHead {
  readonly kind: 'cancel';
  readonly clientOrderId: string;
}

interface PrintAction extends ActionHead {
  readonly kind: 'print';
  /** Side of the aggressor, `SIDE_UNKNOWN` where the recording does not say. */
  readonly side: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
}

export interface PhaseAction extends ActionHead {
  readonly kind: 'phase';
  readonly phase: number;
  /** The auction that this phase begins with, as recorded; `null` where there is none. */
  readonly expected: ExpectedAuction | null;
}

/** What an auction of the recorded exchange came to. */
export interface ExpectedAuction {
  readonly priceTicks: number;
  readonly volumeLots: number;
  readonly fills: readonly ExpectedFill[];
}

interface CancelAllAction extends ActionHead {
  readonly kind: 'cancel_all';
}

export type Action =
  | PlaceAction
  | AmendAction
  | CancelAction
  | PrintAction
  | PhaseAction
  | CancelAllAction;

export const SIDE_UNKNOWN = 255;

/** Levels a book must have, best first: prices in ticks and quantities in lots, in pairs. */
export interface ExpectedSide {
  readonly levels: readonly number[];
  /** Last price the file sees; 0 where it sees the whole side. */
  readonly edgeTicks: number;
}

/** What the engine's book must look like once everything before has been done. */
export interface BookCheck {
  readonly row: number;
  readonly bids: ExpectedSide;
  readonly asks: ExpectedSide;
  /** Names of what the messages cannot know of this row; empty when they know it all. */
  readonly explanations: readonly string[];
  /** True for the second look at a row, after its explanations were made up for. */
  readonly again: boolean;
}

/** Stands in the stream of actions after the last action of a row. */
interface RowEnd {
  readonly kind: 'row_end';
  readonly check: BookCheck | null;
}

/** Stands after the last action of an event that held an auction. */
export interface AuctionEnd {
  readonly kind: 'auction_end';
  readonly row: number;
  /** Every level of the files' book, best first: prices in ticks and quantities in lots, in pairs. */
  readonly bids: readonly number[];
  readonly asks: readonly number[];
}

export const ROW_END: RowEnd = { kind: 'row_end', check: null };

export type Step = Action | RowEnd | AuctionEnd;

/** Levels of a book at one moment: what a resumed replay's view of the engine starts from. */
export interface LevelImage {
  readonly side: Side;
  readonly priceTicks: number;
  readonly qtyLots: number;
  readonly orders: number;
}
