import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import type { RingProducer } from '../rings/ring.ts';
import type { FeeSchedule } from './machine-config.ts';
import {
  type MarketState,
  TRADE_ID as TAPE_ID,
  TRADE_PRICE as TAPE_PRICE,
} from './market-state.ts';
import { OrderEventWriter } from './order-events.ts';

const F_ORDER_ID = R.EVENT_ORDER_ID / 8;
const TRADE_ID = TAPE_ID;
const TRADE_PRICE = TAPE_PRICE;

/** Writes all events of one market: to those of single orders it adds the less frequent ones. */
export class EventWriter extends OrderEventWriter {
  private readonly auctionFeePpm: number;

  constructor(producer: RingProducer, marketId: number, fees: FeeSchedule, state: MarketState) {
    super(producer, marketId, fees, state);
    this.auctionFeePpm = fees.auctionFeePpm;
  }

  /** The order waits. @param why HELD_… @param triggerTicks 0 unless it waits for trades */
  held(slot: number, why: number, triggerTicks: number): void {
    const word = this.begin(R.ORDER_HELD, R.ORDER_HELD_BYTES);
    this.f64[word + F_ORDER_ID] = this.orders.id(slot);
    this.f64[word + R.HELD_TRIGGER_TICKS / 8] = triggerTicks;
    this.i32[(word << 1) + R.HELD_WHY / 4] = why;
    this.i32[(word << 1) + R.HELD_WHY / 4 + 1] = 0;
  }

  /** The order acts now. @param why HELD_… @param priceTicks of the trade; 0 when none did it */
  triggered(slot: number, why: number, priceTicks: number): void {
    const word = this.begin(R.ORDER_TRIGGERED, R.ORDER_TRIGGERED_BYTES);
    this.f64[word + F_ORDER_ID] = this.orders.id(slot);
    this.f64[word + R.TRIGGERED_PRICE_TICKS / 8] = priceTicks;
    this.i32[(word << 1) + R.TRIGGERED_WHY / 4] = why;
    this.i32[(word << 1) + R.TRIGGERED_WHY / 4 + 1] = 0;
  }

  /** Two orders of one portfolio do not trade. @param mode SELF_TRADE_… */
  selfTradePrevented(maker: number, taker: number, mode: number): void {
    const word = this.begin(R.SELF_TRADE_PREVENTED, R.SELF_TRADE_PREVENTED_BYTES);
    const { f64, i32, orders } = this;
    f64[word + R.PREVENTED_MAKER_ORDER_ID / 8] = orders.id(maker);
    f64[word + R.PREVENTED_TAKER_ORDER_ID / 8] = orders.id(taker);
    f64[word + R.PREVENTED_PRICE_TICKS / 8] = orders.price(maker);
    f64[word + R.PREVENTED_QTY_LOTS / 8] = Math.min(this.openLots(maker), this.openLots(taker));
    i32[(word << 1) + R.PREVENTED_MODE / 4] = mode;
    i32[(word << 1) + R.PREVENTED_MODE / 4 + 1] = 0;
  }

  auctionPriced(priceTicks: number, volumeLots: number, surplusLots: number): void {
    const word = this.begin(R.AUCTION_PRICED, R.AUCTION_PRICED_BYTES);
    this.f64[word + R.AUCTION_PRICE_TICKS / 8] = priceTicks;
    this.f64[word + R.AUCTION_VOLUME_LOTS / 8] = volumeLots;
    this.f64[word + R.AUCTION_SURPLUS_LOTS / 8] = surplusLots;
  }

  /** Both orders' open quantities and levels are already those after the trade. */
  auctionTrade(bid: number, ask: number, priceTicks: number, qtyLots: number): void {
    const word = this.begin(R.AUCTION_TRADE, R.AUCTION_TRADE_BYTES);
    const { f64, i32, orders, levels, trades } = this;
    const bidLevel = orders.level(bid);
    const askLevel = orders.level(ask);
    const feePaid = feeUnits(priceTicks * qtyLots * this.quoteUnitsPerTickLot, this.auctionFeePpm);
    trades[TRADE_ID] += 1;
    trades[TRADE_PRICE] = priceTicks;
    f64[word + R.AUCTION_BID_ORDER_ID / 8] = orders.id(bid);
    f64[word + R.AUCTION_ASK_ORDER_ID / 8] = orders.id(ask);
    f64[word + R.AUCTION_TRADE_PRICE_TICKS / 8] = priceTicks;
    f64[word + R.AUCTION_TRADE_QTY_LOTS / 8] = qtyLots;
    f64[word + R.AUCTION_BID_REMAINING_LOTS / 8] = this.openLots(bid);
    f64[word + R.AUCTION_ASK_REMAINING_LOTS / 8] = this.openLots(ask);
    f64[word + R.AUCTION_BID_LEVEL_TICKS / 8] = levels.price(bidLevel);
    f64[word + R.AUCTION_BID_LEVEL_QTY_LOTS / 8] = levels.qty(bidLevel);
    f64[word + R.AUCTION_ASK_LEVEL_TICKS / 8] = levels.price(askLevel);
    f64[word + R.AUCTION_ASK_LEVEL_QTY_LOTS / 8] = levels.qty(askLevel);
    f64[word + R.AUCTION_BID_FEE_UNITS / 8] = feePaid;
    f64[word + R.AUCTION_ASK_FEE_UNITS / 8] = feePaid;
    f64[word + R.AUCTION_TRADE_ID / 8] = trades[TRADE_ID];
    i32[(word << 1) + R.AUCTION_BID_PORTFOLIO_ID / 4] = orders.portfolio(bid);
    i32[(word << 1) + R.AUCTION_ASK_PORTFOLIO_ID / 4] = orders.portfolio(ask);
    i32[(word << 1) + R.AUCTION_BID_LEVEL_ORDERS / 4] = levels.orders(bidLevel);
    i32[(word << 1) + R.AUCTION_ASK_LEVEL_ORDERS / 4] = levels.orders(askLevel);
  }

  referenceSet(priceTicks: number): void {
    const word = this.begin(R.REFERENCE_SET, R.REFERENCE_SET_BYTES);
    this.f64[word + R.REFERENCE_TICKS / 8] = priceTicks;
  }

  phaseChanged(from: number, to: number): void {
    const word = this.begin(R.PHASE_CHANGED, R.PHASE_CHANGED_BYTES);
    this.i32[(word << 1) + R.PHASE_FROM / 4] = from;
    this.i32[(word << 1) + R.PHASE_TO / 4] = to;
  }

  /** `side` is the aggressor's, 255 where unknown. */
  tradePrinted(priceTicks: number, qtyLots: number, side: number): void {
    const { f64, trades } = this;
    trades[TRADE_ID] += 1;
    const word = this.begin(R.TRADE_PRINTED, R.TRADE_PRINTED_BYTES);
    f64[word + R.PRINTED_PRICE_TICKS / 8] = priceTicks;
    f64[word + R.PRINTED_QTY_LOTS / 8] = qtyLots;
    this.i32[(word << 1) + R.PRINTED_SIDE / 4] = side;
    this.i32[(word << 1) + R.PRINTED_SIDE / 4 + 1] = 0;
    f64[word + R.PRINTED_ID / 8] = trades[TRADE_ID];
  }

  allCancelled(count: number): void {
    const word = this.begin(R.ALL_CANCELLED, R.ALL_CANCELLED_BYTES);
    this.f64[word + F_ORDER_ID] = 0;
    this.i32[(word << 1) + R.ALL_CANCELLED_COUNT / 4] = count;
    this.i32[(word << 1) + R.ALL_CANCELLED_COUNT / 4 + 1] = 0;
  }
}
