import { imbalance } from './book-features.ts';
import { type FlowHistory, ROWS_PER_SECOND } from './flow-history.ts';
import { FLOW, type FlowTotals } from './flow-totals.ts';

const S1 = ROWS_PER_SECOND;
const S5 = 5 * ROWS_PER_SECOND;
const S10 = 10 * ROWS_PER_SECOND;
const S30 = 30 * ROWS_PER_SECOND;
const S60 = 60 * ROWS_PER_SECOND;

/** Features 23 to 35: orders that came and went. Windows longer than what was seen are unknown. */
export function writeOrderFlowFeatures(row: Float64Array, history: FlowHistory): void {
  row[23] = orderFlowImbalance(history, S1);
  row[24] = orderFlowImbalance(history, S5);
  row[25] = orderFlowImbalance(history, S30);
  row[26] = orderFlowImbalance(history, S60);
  row[27] = perSecond(history, S1, FLOW.BID_ADDS, FLOW.ASK_ADDS);
  row[28] = perSecond(history, S10, FLOW.BID_ADDS, FLOW.ASK_ADDS);
  row[29] = perSecond(history, S1, FLOW.BID_CANCELS, FLOW.ASK_CANCELS);
  row[30] = perSecond(history, S10, FLOW.BID_CANCELS, FLOW.ASK_CANCELS);
  if (!history.reaches(S10)) {
    row.fill(Number.NaN, 31, 36);
    return;
  }
  const bidAdds = history.growth(FLOW.BID_ADDS, S10);
  const askAdds = history.growth(FLOW.ASK_ADDS, S10);
  const bidCancels = history.growth(FLOW.BID_CANCELS, S10);
  const askCancels = history.growth(FLOW.ASK_CANCELS, S10);
  const cancels = bidCancels + askCancels;
  row[31] = cancels === 0 ? 0 : cancels / (bidAdds + askAdds + cancels);
  row[32] = imbalance(bidAdds, askAdds);
  row[33] = imbalance(bidCancels, askCancels);
  row[34] = history.growth(FLOW.BID_CHANGES, S10) / 10;
  row[35] = history.growth(FLOW.ASK_CHANGES, S10) / 10;
}

/** Features 36 to 47: what traded. `midTicks` is NaN where there is none. */
export function writeTradeFeatures(
  row: Float64Array,
  history: FlowHistory,
  totals: FlowTotals,
  midTicks: number,
): void {
  row[36] = tradeImbalance(history, S1);
  row[37] = tradeImbalance(history, S5);
  row[38] = tradeImbalance(history, S30);
  row[39] = tradeImbalance(history, S60);
  row[40] = totals.lastTradeSign;
  row[41] = growth(history, S1, FLOW.TRADES);
  row[42] = growth(history, S10, FLOW.TRADES) / 10;
  row[43] = growth(history, S60, FLOW.TRADES) / 60;
  row[44] = Math.log1p(growth(history, S10, FLOW.TRADED_LOTS) / 10);
  const trades = growth(history, S60, FLOW.TRADES);
  const lots = growth(history, S60, FLOW.TRADED_LOTS);
  row[45] = trades === 0 ? 0 : Math.log1p(lots / trades);
  const vwap = growth(history, S60, FLOW.TRADED_TICK_LOTS) / lots;
  row[46] = lots === 0 ? 0 : ((midTicks - vwap) / midTicks) * 1e4;
  const last = totals.lastTradeTicks;
  row[47] = last === 0 ? 0 : ((last - midTicks) / midTicks) * 1e4;
}

/** A counter's growth, NaN where the window is longer than what was seen. */
function growth(history: FlowHistory, rows: number, counter: number): number {
  return history.reaches(rows) ? history.growth(counter, rows) : Number.NaN;
}

function perSecond(history: FlowHistory, rows: number, bids: number, asks: number): number {
  if (!history.reaches(rows)) return Number.NaN;
  return (history.growth(bids, rows) + history.growth(asks, rows)) / (rows / ROWS_PER_SECOND);
}

function orderFlowImbalance(history: FlowHistory, rows: number): number {
  if (!history.reaches(rows)) return Number.NaN;
  const all = history.growth(FLOW.IMBALANCE_ABSOLUTE, rows);
  return all === 0 ? 0 : history.growth(FLOW.IMBALANCE, rows) / all;
}

function tradeImbalance(history: FlowHistory, rows: number): number {
  if (!history.reaches(rows)) return Number.NaN;
  return imbalance(history.growth(FLOW.BOUGHT_LOTS, rows), history.growth(FLOW.SOLD_LOTS, rows));
}
