import * as R from '../../src/codec/records.ts';
import type { Market } from '../../src/domain/markets.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { frameMarketId, frameType } from '../../src/rings/frame.ts';
import { viewsOf } from './frame-bytes.ts';

/**
 * What portfolios have, worked out the long way round: quantities and money are summed up from trades
 * and entries in BigInt, and everything else follows by its definition.
 */
export class NaiveMargin {
  private readonly money = new Map<string, bigint>();
  private readonly lots = new Map<string, bigint>();
  private readonly markets: ReadonlyMap<number, Market>;

  constructor(markets: readonly Market[]) {
    this.markets = new Map(markets.map((market) => [market.id, market]));
  }

  frame(bytes: Uint8Array): void {
    const { f64, i32, u8 } = viewsOf(bytes);
    const word = i32[1];
    if (frameType(word) !== R.TRADE_EXECUTED) return;
    const market = this.markets.get(frameMarketId(word));
    if (market === undefined) throw new Error('a trade in no market');
    const lots = BigInt(f64[R.TRADE_QTY_LOTS >>> 3]);
    const price = BigInt(f64[R.TRADE_PRICE_TICKS >>> 3]);
    const value = lots * price * BigInt(market.quoteUnitsPerTickLot);
    const sign = u8[R.TRADE_TAKER_SIDE] === 0 ? 1n : -1n;
    const sides = [
      [R.TRADE_TAKER_PORTFOLIO_ID, R.TRADE_TAKER_FEE_UNITS, sign],
      [R.TRADE_MAKER_PORTFOLIO_ID, R.TRADE_MAKER_FEE_UNITS, -sign],
    ] as const;
    for (const [portfolioAt, feeAt, direction] of sides) {
      const portfolioId = i32[portfolioAt >>> 2];
      this.pay(portfolioId, market.quote.name, -direction * value - BigInt(f64[feeAt >>> 3]));
      const key = `${portfolioId}/${market.id}`;
      this.lots.set(key, (this.lots.get(key) ?? 0n) + direction * lots);
    }
  }

  event(event: VenueEvent): void {
    switch (event.kind) {
      case 'FundsDeposited':
        this.pay(event.portfolioId, event.asset, BigInt(event.amountUnits));
        return;
      case 'CollateralMoved':
        this.pay(event.portfolioId, event.asset, BigInt(event.units));
        return;
      case 'FundingSettled':
        for (const [portfolioId, , units] of event.payments) {
          this.pay(portfolioId, event.asset, BigInt(units));
        }
        return;
      case 'LiquidationEnded': {
        const { portfolioId, asset, feeUnits, insuredUnits } = event;
        this.pay(portfolioId, asset, BigInt(insuredUnits) - BigInt(feeUnits));
        return;
      }
      default:
    }
  }

  qtyLots(portfolioId: number, market: Market): bigint {
    return this.lots.get(`${portfolioId}/${market.id}`) ?? 0n;
  }

  /** Money and the value of the positions at these mark prices. */
  equity(portfolioId: number, asset: string, markTicks: (market: Market) => number): bigint {
    let sum = this.money.get(`${portfolioId}/${asset}`) ?? 0n;
    for (const [market, value] of this.values(portfolioId, asset, markTicks)) {
      sum += this.qtyLots(portfolioId, market) < 0n ? -value : value;
    }
    return sum;
  }

  maintenance(portfolioId: number, asset: string, markTicks: (market: Market) => number): bigint {
    let sum = 0n;
    for (const [market, value] of this.values(portfolioId, asset, markTicks)) {
      sum += (value * BigInt(market.margin?.maintenancePpm ?? 0)) / 1_000_000n;
    }
    return sum;
  }

  /** The larger side of all these portfolios' contracts. */
  openInterest(portfolioIds: readonly number[], market: Market): bigint {
    let long = 0n;
    let short = 0n;
    for (const id of portfolioIds) {
      const lots = this.qtyLots(id, market);
      if (lots > 0n) long += lots;
      else short -= lots;
    }
    return long > short ? long : short;
  }

  private *values(portfolioId: number, asset: string, markTicks: (market: Market) => number) {
    for (const market of this.markets.values()) {
      if (market.quote.name !== asset) continue;
      const lots = this.qtyLots(portfolioId, market);
      const size = lots < 0n ? -lots : lots;
      const value = size * BigInt(markTicks(market)) * BigInt(market.quoteUnitsPerTickLot);
      yield [market, value] as const;
    }
  }

  private pay(portfolioId: number, asset: string, units: bigint): void {
    const key = `${portfolioId}/${asset}`;
    this.money.set(key, (this.money.get(key) ?? 0n) + units);
  }
}
