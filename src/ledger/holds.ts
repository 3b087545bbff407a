import { feeUnits } from '../domain/fees.ts';
import type { Market } from '../domain/markets.ts';
import {
  ORDER_FLAG_REDUCE_ONLY,
  ORDER_TYPE_PEGGED,
  SELF_TRADE_DECREMENT,
  SIDE_BUY,
} from '../domain/orders.ts';
import type { Family } from './hold-family.ts';
import type { Counted } from './margin-state.ts';
import type { Portfolio } from './portfolio.ts';

/** What of an order's terms decides how its hold behaves; `OrderTerms` has all of it. */
export interface HoldTerms {
  readonly orderType: number;
  readonly flags: number;
  readonly selfTrade: number;
  readonly ocoOrderId: number;
  readonly parentOrderId: number;
  readonly replacesOrderId: number;
}

/** The terms of a tracked order. */
export function holdTermsOf(order: {
  readonly orderType: number;
  readonly flags: number;
  readonly selfTrade: number;
  readonly extension: Omit<HoldTerms, 'orderType' | 'flags' | 'selfTrade'>;
}): HoldTerms {
  const { orderType, flags, selfTrade, extension } = order;
  const { ocoOrderId, parentOrderId, replacesOrderId } = extension;
  return { orderType, flags, selfTrade, ocoOrderId, parentOrderId, replacesOrderId };
}

/**
 * What an amendment asks of what is open: that it be so many lots, had nothing traded meanwhile, or so
 * many fewer than the book has when it comes there, 0 for as many.
 */
export type AskedLots = { readonly remainingLots: number } | { readonly fewerLots: number };

/** An amendment on its way to the book. */
interface Asked {
  readonly requestId: number;
  readonly priceTicks: number;
  /** What would be open; what trades meanwhile comes off. Absent: see `fewerLots`. */
  remainingLots: number | undefined;
  /** Comes off whatever the amendments before it leave open. */
  readonly fewerLots: number;
}

/**
 * What an open order keeps set aside. An order alone holds its `needUnits`; those of orders that are
 * linked are held together, by their family.
 */
export class Hold {
  readonly orderId: number;
  readonly portfolio: Portfolio;
  readonly market: Market;
  readonly side: number;
  /** Worst price at which it may trade: limit or protective limit. */
  priceTicks: number;
  remainingLots: number;
  /** What is held now for an order alone; smallest units of `heldAsset`. */
  amountUnits = 0;
  family: Family | undefined;
  /** What it counts for in its market's exposure; of margin portfolios alone. */
  counted: Counted | undefined;
  /** The book has it: until then its links may still be refused. */
  accepted = false;
  /** It will leave, or be refused, before it can trade: it needs nothing any more. */
  doomed = false;
  readonly ocoOrderId: number;
  readonly replacesOrderId: number;
  /** 0 also once the parent has traded whole. */
  parentOrderId: number;
  /** A reduce-only order may be made smaller at any time: nothing can count on what it brings. */
  readonly isReduceOnly: boolean;
  /** A self-trade may make it smaller without a trade. */
  readonly decrements: boolean;
  private readonly isPegged: boolean;
  private asked: Asked[] | undefined;

  constructor(
    orderId: number,
    portfolio: Portfolio,
    market: Market,
    side: number,
    priceTicks: number,
    remainingLots: number,
    terms: HoldTerms | undefined,
  ) {
    this.orderId = orderId;
    this.portfolio = portfolio;
    this.market = market;
    this.side = side;
    this.priceTicks = priceTicks;
    this.remainingLots = remainingLots;
    this.ocoOrderId = terms?.ocoOrderId ?? 0;
    this.replacesOrderId = terms?.replacesOrderId ?? 0;
    this.parentOrderId = terms?.parentOrderId ?? 0;
    this.isReduceOnly = ((terms?.flags ?? 0) & ORDER_FLAG_REDUCE_ONLY) !== 0;
    this.decrements = terms?.selfTrade === SELF_TRADE_DECREMENT;
    this.isPegged = terms?.orderType === ORDER_TYPE_PEGGED;
  }

  get namesOthers(): boolean {
    return this.ocoOrderId !== 0 || this.replacesOrderId !== 0 || this.parentOrderId !== 0;
  }

  /** True when all that it may cost or deliver is a safe integer. */
  get isExact(): boolean {
    const delivered = this.remainingLots * this.market.baseUnitsPerLot;
    return Number.isSafeInteger(delivered) && Number.isSafeInteger(this.needUnits());
  }

  /**
   * The most it may still cost, whatever becomes of the amendments under way: as many as any of them
   * would leave open, at the highest price of any. What trades meanwhile costs no more than this falls.
   */
  needUnits(): number {
    if (this.doomed) return 0;
    const { priceTicks, remainingLots } = this.most();
    return holdUnits(this.market, this.side, priceTicks, remainingLots);
  }

  /** The most it may come to in a margin portfolio; what only reduces a position comes to nothing. */
  worstCase(): Counted {
    if (this.isReduceOnly) return { lots: 0, units: 0, feeUnits: 0 };
    const { priceTicks, remainingLots } = this.most();
    const units = priceTicks * remainingLots * this.market.quoteUnitsPerTickLot;
    const fee = feeUnits(units, highestFeePpm(this.market));
    return { lots: remainingLots, units, feeUnits: fee };
  }

  /**
   * The least it will bring of the asset it buys (a sale: of money, fees taken off) if it trades
   * whole, whatever becomes of the amendments under way. They come to the book one after the other:
   * what one takes off comes off what those before it leave.
   */
  comingUnits(): number {
    if (this.doomed || this.isReduceOnly) return 0;
    let { priceTicks, remainingLots } = this;
    for (const asked of this.asked ?? []) {
      priceTicks = Math.min(priceTicks, asked.priceTicks);
      remainingLots = Math.min(remainingLots, asked.remainingLots ?? remainingLots);
      remainingLots -= asked.fewerLots;
    }
    if (remainingLots <= 0) return 0;
    const { market } = this;
    if (this.side === SIDE_BUY) return remainingLots * market.baseUnitsPerLot;
    const notional = priceTicks * remainingLots * market.quoteUnitsPerTickLot;
    return notional - feeUnits(notional, highestFeePpm(market));
  }

  /** Something of it traded. */
  traded(remainingLots: number): void {
    const tradedLots = this.remainingLots - remainingLots;
    this.remainingLots = remainingLots;
    for (const asked of this.asked ?? []) {
      if (asked.remainingLots !== undefined) asked.remainingLots -= tradedLots;
    }
  }

  /** The book amended it. A pegged order's limit stays, wherever the order stands. */
  amended(priceTicks: number, remainingLots: number): void {
    if (!this.isPegged) this.priceTicks = priceTicks;
    this.remainingLots = remainingLots;
  }

  ask(requestId: number, priceTicks: number, lots: AskedLots): void {
    this.asked ??= [];
    const asked = { remainingLots: undefined, fewerLots: 0, ...lots };
    this.asked.push({ requestId, priceTicks, ...asked });
  }

  /** The amendment was carried out or refused. */
  answered(requestId: number): void {
    this.asked = this.asked?.filter((asked) => asked.requestId !== requestId);
    if (this.asked?.length === 0) this.asked = undefined;
  }

  /** The highest price and the most lots that it, or any amendment under way, may leave open. */
  private most(): { priceTicks: number; remainingLots: number } {
    let { priceTicks, remainingLots } = this;
    for (const asked of this.asked ?? []) {
      priceTicks = Math.max(priceTicks, asked.priceTicks);
      remainingLots = Math.max(remainingLots, asked.remainingLots ?? remainingLots);
    }
    return { priceTicks, remainingLots };
  }
}

export function heldAsset(market: Market, side: number): string {
  return side === SIDE_BUY ? market.quote.name : market.base.name;
}

/** What an order of this size may cost at worst, in smallest units of the asset it holds. */
export function holdUnits(
  market: Market,
  side: number,
  priceTicks: number,
  qtyLots: number,
): number {
  if (side !== SIDE_BUY) return qtyLots * market.baseUnitsPerLot;
  const notional = priceTicks * qtyLots * market.quoteUnitsPerTickLot;
  // A rebate is not counted on: the order may trade as a taker.
  return notional + feeUnits(notional, highestFeePpm(market));
}

function highestFeePpm(market: Market): number {
  return Math.max(market.makerFeePpm, market.takerFeePpm, market.auctionFeePpm, 0);
}
