import * as R from '../../codec/records.ts';
import type { MarginEvent } from '../../domain/margin-events.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { LedgerMarket } from '../../ledger/postings.ts';
import type { Derivatives } from '../../projections/derivatives.ts';
import type { MarketView, MarketViews } from '../../projections/market-view.ts';
import type { FrameViews } from '../../rings/frame.ts';

/**
 * Applies a durable entry of margin portfolios and perpetual markets; recovery and the live drain
 * both come through here.
 * @param isRecovery live, what books and portfolios tell second by second is newer than samples
 */
export function applyMarginEvent(
  { ledger, views }: { readonly ledger: Ledger; readonly views: MarketViews },
  event: MarginEvent,
  isRecovery: boolean,
): void {
  ledger.applyMargin(event);
  const derivativesOf = (marketId: number): Derivatives | undefined =>
    views.get(marketId)?.derivatives;
  switch (event.kind) {
    case 'FundingSettled':
      derivativesOf(event.marketId)?.settled(event);
      return;
    case 'FundingSkipped':
      derivativesOf(event.marketId)?.beginInterval(event.nextSeconds);
      return;
    case 'MarketsSampled':
      for (const sample of event.samples) {
        derivativesOf(sample.marketId)?.sampled(event, sample, isRecovery);
      }
      return;
    default:
  }
}

/** A `TradeExecuted` was settled: tells those concerned if the taker was a liquidation order. */
export function noteLiquidationFill(
  ledger: Ledger,
  { derivatives }: MarketView,
  market: LedgerMarket,
  { f64, i32, u8 }: FrameViews,
  at: number,
): void {
  if (f64[(at + R.TRADE_TAKER_ORDER_ID) >>> 3] !== derivatives.liquidationOrderId) return;
  const priceTicks = f64[(at + R.TRADE_PRICE_TICKS) >>> 3];
  const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
  const portfolioId = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
  ledger.noteLiquidated(portfolioId, market, priceTicks * qtyLots * market.quoteUnitsPerTickLot);
  const fill = {
    seconds: i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0,
    nanos: i32[(at + R.RECORD_NANOS) >>> 2],
    side: u8[at + R.TRADE_TAKER_SIDE],
    priceTicks,
    qtyLots,
    tradeId: f64[(at + R.TRADE_ID) >>> 3],
  };
  derivatives.liquidated(fill, f64[(at + R.RECORD_SEQ) >>> 3]);
}
