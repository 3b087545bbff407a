import * as R from '../codec/records.ts';
import { feeUnits } from '../domain/fees.ts';
import { SIDE_BUY as BUY } from '../domain/orders.ts';
import type { EventWriter } from './event-writer.ts';
import * as L from './layout.ts';
import type { FeeSchedule } from './machine-config.ts';
import {
  type MarketState,
  TRADE_ID as TAPE_ID,
  TRADE_PRICE as TAPE_PRICE,
} from './market-state.ts';
import type { PriceLadder } from './price-ladder.ts';

// Constants of this module cost nothing; an imported binding is loaded and checked on every use.
const SIDE_BUY = BUY;
const TRADE_ID = TAPE_ID;
const TRADE_PRICE = TAPE_PRICE;
const TRADE_EXECUTED = R.TRADE_EXECUTED;
const TRADE_BYTES = R.TRADE_EXECUTED_BYTES;
const F_MAKER = R.TRADE_MAKER_ORDER_ID / 8;
const F_TAKER = R.TRADE_TAKER_ORDER_ID / 8;
const F_TRADED_PRICE = R.TRADE_PRICE_TICKS / 8;
const F_QTY = R.TRADE_QTY_LOTS / 8;
const F_MAKER_LEFT = R.TRADE_MAKER_REMAINING_LOTS / 8;
const F_TAKER_LEFT = R.TRADE_TAKER_REMAINING_LOTS / 8;
const F_LEVEL_LEFT = R.TRADE_LEVEL_QTY_LOTS / 8;
const F_MAKER_FEE = R.TRADE_MAKER_FEE_UNITS / 8;
const F_TAKER_FEE = R.TRADE_TAKER_FEE_UNITS / 8;
const F_TRADE_ID = R.TRADE_ID / 8;
const I_MAKER_PORTFOLIO = R.TRADE_MAKER_PORTFOLIO_ID / 4;
const I_TAKER_PORTFOLIO = R.TRADE_TAKER_PORTFOLIO_ID / 4;
const I_LEVEL_LEFT = R.TRADE_LEVEL_ORDERS / 4;
const I_TAKER_SIDE = R.TRADE_TAKER_SIDE / 4;

const { F_ID, F_REMAINING, I_LEVEL, I_NEXT, I_PREVIOUS } = L.HOT;
const { I_PORTFOLIO, I_TERMS } = L.COLD;
const F_LEVEL_QTY = L.LEVEL.F_QTY;
const F_LEVEL_PRICE = L.LEVEL.F_PRICE;
const { I_FIRST, I_LAST, I_ORDERS } = L.LEVEL;
const NONE = L.NONE;

/**
 * Trades with plain orders of the book: what `Trading` does for them by its rules, written out in one
 * loop. It serves the orders that are not for `PlainRun`: market, fill-or-kill and triggered ones,
 * those that have met something else before.
 */
export class PlainTrades {
  private readonly state: MarketState;
  private readonly events: EventWriter;
  private readonly makerFeePpm: number;
  private readonly takerFeePpm: number;
  private readonly quoteUnitsPerTickLot: number;

  constructor(state: MarketState, events: EventWriter, fees: FeeSchedule) {
    this.state = state;
    this.events = events;
    this.makerFeePpm = fees.makerFeePpm;
    this.takerFeePpm = fees.takerFeePpm;
    this.quoteUnitsPerTickLot = fees.quoteUnitsPerTickLot;
  }

  /**
   * Trades a plain arriving order within its limit, until it meets one that is not plain, is traded
   * whole, or `most` trades have happened.
   */
  sweep(taker: number, against: PriceLadder, limitTicks: number, most: number): void {
    const { state, events, makerFeePpm, takerFeePpm, quoteUnitsPerTickLot } = this;
    const { book, positions, tape } = state;
    const { hot64, hot32, cold32 } = book.orders;
    const { f64: levels64, i32: levels32 } = book.levels;
    const { f64, i32 } = events;
    const takerId = hot64[(taker << 2) + F_ID];
    const takerPortfolio = cold32[(taker << 3) + I_PORTFOLIO];
    const takerSide = cold32[(taker << 3) + I_TERMS] & 0xff;
    const start = hot64[(taker << 2) + F_REMAINING];
    const limitKey = limitTicks * against.sign;
    let open = start;
    let left = most;
    while (open > 0 && left > 0 && against.bestKey >= limitKey) {
      const level = against.bestLevel();
      const maker = levels32[(level << 3) + I_FIRST];
      if (hot32[(maker << 3) + I_LEVEL] < 0) break;
      const offered = hot64[(maker << 2) + F_REMAINING];
      const traded = Math.min(open, offered);
      const makerLeft = offered - traded;
      const priceTicks = levels64[(level << 2) + F_LEVEL_PRICE];
      let levelLots = levels64[(level << 2) + F_LEVEL_QTY] - traded;
      let levelOrders = levels32[(level << 3) + I_ORDERS];
      open -= traded;
      left = (left - 1) | 0;
      hot64[(maker << 2) + F_REMAINING] = makerLeft;
      if (makerLeft === 0) {
        const next = hot32[(maker << 3) + I_NEXT];
        levels32[(level << 3) + I_FIRST] = next;
        if (next === NONE) levels32[(level << 3) + I_LAST] = NONE;
        else hot32[(next << 3) + I_PREVIOUS] = NONE;
        levelOrders = (levelOrders - 1) | 0;
        levels32[(level << 3) + I_ORDERS] = levelOrders;
        // An empty level reads 0 even where the sum had left the safe integers and was rounded.
        if (levelOrders === 0) levelLots = 0;
      }
      levels64[(level << 2) + F_LEVEL_QTY] = levelLots;

      const makerPortfolio = cold32[(maker << 3) + I_PORTFOLIO];
      const notionalUnits = priceTicks * traded * quoteUnitsPerTickLot;
      const tradeId = tape[TRADE_ID] + 1;
      tape[TRADE_ID] = tradeId;
      tape[TRADE_PRICE] = priceTicks;
      const word = events.begin(TRADE_EXECUTED, TRADE_BYTES);
      f64[word + F_MAKER] = hot64[(maker << 2) + F_ID];
      f64[word + F_TAKER] = takerId;
      f64[word + F_TRADED_PRICE] = priceTicks;
      f64[word + F_QTY] = traded;
      f64[word + F_MAKER_LEFT] = makerLeft;
      f64[word + F_TAKER_LEFT] = open;
      f64[word + F_LEVEL_LEFT] = levelLots;
      f64[word + F_MAKER_FEE] = feeUnits(notionalUnits, makerFeePpm);
      f64[word + F_TAKER_FEE] = feeUnits(notionalUnits, takerFeePpm);
      i32[(word << 1) + I_MAKER_PORTFOLIO] = makerPortfolio;
      i32[(word << 1) + I_TAKER_PORTFOLIO] = takerPortfolio;
      i32[(word << 1) + I_LEVEL_LEFT] = levelOrders;
      i32[(word << 1) + I_TAKER_SIDE] = takerSide;
      f64[word + F_TRADE_ID] = tradeId;
      positions.add(makerPortfolio, takerSide === SIDE_BUY ? -traded : traded);
      state.reduceOnly.note(makerPortfolio);
      if (makerLeft === 0) book.release(maker);
    }
    hot64[(taker << 2) + F_REMAINING] = open;
    state.bookTrade(taker, start - open);
    state.traded = true;
  }
}
