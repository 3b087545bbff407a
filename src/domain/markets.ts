/**
 * What the core knows of a market. All quantities are integers: prices count ticks, quantities
 * count lots, money counts the smallest unit of its asset.
 */

export interface Asset {
  readonly name: string;
  /** Smallest unit is 10^-decimals of the asset. */
  readonly decimals: number;
}

/**
 * Where a market's facts come from: traders in here (`simulated`), the exchange itself (`live`), a
 * recording (`replay`); or from nowhere: it rests (`off`).
 */
export type MarketSource = 'simulated' | 'live' | 'replay' | 'off';
export type AssetClass = 'equity' | 'crypto_perpetual' | 'crypto_spot' | 'future';

export interface Market {
  /** Small positive integer, stable for the life of a data directory. */
  readonly id: number;
  /** Display name as configured, e.g. `NASDAQ` or `binance`. */
  readonly exchange: string;
  /** Canonical spelling, e.g. `AAPL` or `BTC-USDT`. */
  readonly symbol: string;
  readonly base: Asset;
  readonly quote: Asset;
  readonly assetClass: AssetClass;
  readonly source: MarketSource;
  /** One tick is `tickUnits × 10^-priceDecimals` of the quote asset. */
  readonly tickUnits: number;
  readonly priceDecimals: number;
  /** One lot is `lotUnits × 10^-qtyDecimals` of the base asset. */
  readonly lotUnits: number;
  readonly qtyDecimals: number;
  /** Smallest quote units in one tick times one lot. */
  readonly quoteUnitsPerTickLot: number;
  /** Smallest base units in one lot. */
  readonly baseUnitsPerLot: number;
  readonly minQtyLots: number;
  readonly maxQtyLots: number;
  readonly maxPriceTicks: number;
  /** Fees in parts per million of the notional; a negative maker fee is a rebate. */
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  /** What both sides of an auction's trade pay. */
  readonly auctionFeePpm: number;
  /** Highest price × quantity of one order, smallest units of the quote asset. */
  readonly maxNotionalUnits: number;
  /** How far from the reference price a limit order may lie, in basis points; 0: anywhere. */
  readonly priceBandBps: number;
  /** How far from the reference price trades may go before the market halts; 0: anywhere. */
  readonly volatilityHaltBps: number;
  /** Age at which the reference price gives way to the newest trade's. */
  readonly referenceWindowSeconds: number;
  /** How far from the reference price a market order may trade, in basis points. */
  readonly marketCollarBps: number;
  /** How margin portfolios trade here; `null` where they do not. */
  readonly margin: MarginTerms | null;
  readonly reference: MarketReference;
}

/** Terms of leveraged trading; see docs/margin.md. */
export interface MarginTerms {
  /** The least initial margin is the notional divided by this. */
  readonly maxLeverage: number;
  /** Parts per million of a position's notional at the mark price. */
  readonly maintenancePpm: number;
  /** Of what a liquidation closes, as far as anything is left. */
  readonly liquidationFeePpm: number;
  /** The largest position of one margin portfolio, and what its orders may make of it. */
  readonly positionLimitLots: number;
  /** Perpetuals only. */
  readonly funding: FundingTerms | null;
}

export interface FundingTerms {
  /** Intervals end at multiples of this since the Unix epoch. */
  readonly intervalSeconds: number;
  /** Highest rate of one interval, parts per billion of the notional. */
  readonly capPpb: number;
}

/** Reference data that no trade determines; `null` where it has no meaning. */
export interface MarketReference {
  readonly name: string;
  /** What headlines call it besides: `Google`, `Ethereum`. */
  readonly newsNames: readonly string[];
  readonly sector: string | null;
  readonly sharesOutstanding: number | null;
  /** Diluted, of the newest full fiscal year, decimal text in the quote asset. */
  readonly earningsPerShare: string | null;
  /** Where the simulated market starts, decimal text in the quote asset; `null` when not simulated. */
  readonly startPrice: string | null;
  /** Annualised volatility the simulated fundamental value is driven by, as a fraction. */
  readonly annualVolatility: number | null;
}

/** `binance:BTC-USDT`, the name of a market on the native stream and on the command line. */
export function marketName(market: Market): string {
  return `${market.exchange}:${market.symbol}`;
}
