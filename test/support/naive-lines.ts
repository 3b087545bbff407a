import {
  CANCEL_REASON_NAMES,
  PHASE_NAMES,
  SELF_TRADE_NAMES,
  SIDE_NAMES,
} from '../../src/domain/orders.ts';
import { resultName } from '../../src/domain/result-codes.ts';
import type { NaiveEvent } from './naive-records.ts';

export const HELD_NAMES = ['', 'stop', 'child', 'unpriced'];
export const WORK_NAMES = ['', 'auction', 'day-end', 'reduce-only', 'ready', 'peg', 'expire'];

/**
 * An event as the line that case tables and the documents write for it. `level 9/2` is what the
 * order's level shows after it, and how many orders it has; `left` what is open of maker and taker.
 */
export function lineOf(e: NaiveEvent): string {
  const side = SIDE_NAMES[Number(e.side)] ?? 'unknown';
  const what = `${e.qtyLots}@${e.priceTicks}`;
  const level = `level ${e.levelLots}/${e.levelOrders}`;
  switch (e.type) {
    case 'accepted':
      return `accepted ${e.orderId}`;
    case 'rejected':
    case 'refused':
      return `${e.type} ${e.orderId} ${resultName(Number(e.code))}`;
    case 'rested':
      return `rested ${e.orderId} ${side} ${what} ${level}`;
    case 'trade':
      return (
        `trade #${e.tradeId} maker ${e.maker} taker ${e.taker} ${side} ${what} ` +
        `left ${e.makerLeft}/${e.takerLeft} fees ${e.makerFee}/${e.takerFee} ` +
        `pf ${e.makerPortfolio}/${e.takerPortfolio} ${level}`
      );
    case 'cancelled': {
      const reason = CANCEL_REASON_NAMES[Number(e.reason)];
      const where = e.wasResting === 1 ? ` ${level}` : '';
      return `cancelled ${e.orderId} ${side} ${what} ${reason}${where}`;
    }
    case 'amended': {
      const place = e.kept === 1 ? 'kept' : 'moved';
      const where = e.wasResting === 1 ? `${place} ${level}` : 'outside';
      return `amended ${e.orderId} ${side} ${e.oldLots}@${e.oldPriceTicks} -> ${what} ${where}`;
    }
    case 'phase':
      return `phase ${PHASE_NAMES[Number(e.from)]} -> ${PHASE_NAMES[Number(e.to)]}`;
    case 'printed':
      return `printed #${e.tradeId} ${side} ${what}`;
    case 'allCancelled':
      return `all-cancelled ${e.count}`;
    case 'held':
    case 'triggered': {
      const why = HELD_NAMES[Number(e.why)];
      const ticks = e.type === 'held' ? e.triggerTicks : e.priceTicks;
      return `${e.type} ${e.orderId} ${why}${ticks === 0 ? '' : ` ${ticks}`}`;
    }
    case 'prevented':
      return (
        `prevented maker ${e.maker} taker ${e.taker} ${what} ` +
        `${SELF_TRADE_NAMES[Number(e.mode)]}`
      );
    case 'auctionPriced':
      return `auction ${e.priceTicks} volume ${e.volumeLots} surplus ${e.surplusLots}`;
    case 'auctionTrade':
      return (
        `auction-trade #${e.tradeId} bid ${e.bid} ask ${e.ask} ${what} ` +
        `left ${e.bidLeft}/${e.askLeft} fees ${e.bidFee}/${e.askFee} ` +
        `pf ${e.bidPortfolio}/${e.askPortfolio} ` +
        `levels ${e.bidTicks}:${e.bidLevelLots}/${e.bidLevelOrders} ` +
        `${e.askTicks}:${e.askLevelLots}/${e.askLevelOrders}`
      );
    case 'referenceSet':
      return `reference ${e.priceTicks}`;
  }
}
