import * as R from '../codec/records.ts';
import { isMarginEvent, type MarginEvent } from '../domain/margin-events.ts';
import type { Market } from '../domain/markets.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import { isPortfolioEvent, type PortfolioEvent } from '../domain/portfolio-events.ts';
import type { FundsDeposited, VenueEvent } from '../domain/venue-events.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';

/** The venue's own portfolio: the other side of deposits, and where fees go. */
export const VENUE_PORTFOLIO_ID = 1;

/** What the ledger needs to know of a market. */
export type LedgerMarket = Pick<
  Market,
  | 'id'
  | 'base'
  | 'quote'
  | 'quoteUnitsPerTickLot'
  | 'baseUnitsPerLot'
  | 'makerFeePpm'
  | 'takerFeePpm'
  | 'auctionFeePpm'
>;

export type PostingKind =
  | 'deposit'
  | 'transfer'
  | 'trade_base'
  | 'trade_quote'
  | 'maker_fee'
  | 'taker_fee'
  | 'auction_fee'
  | 'funding'
  | 'liquidation_fee'
  | 'insurance'
  | 'collateral';

/**
 * One amount that leaves one portfolio and reaches another: the only way a balance ever changes, so
 * both sides of every entry exist by construction.
 */
export interface Posting {
  kind: PostingKind;
  asset: string;
  fromPortfolioId: number;
  toPortfolioId: number;
  /** Smallest units of the asset; negative for a rebate, which the venue pays. */
  units: number;
}

/** A posting with the event it follows from. */
export interface RecordedPosting extends Posting {
  /** 0 for the venue's own facts. */
  readonly marketId: number;
  /** Sequence of the event in its market. */
  readonly seq: number;
  readonly seconds: number;
  readonly nanos: number;
  /** The trade, dense per market; 0 for a deposit. */
  readonly tradeId: number;
}

/** The postings of a trade, read off its record. REUSED: valid until the next `read`. */
export class TradePostings {
  /** What was bought, what was paid, then both fees. */
  readonly legs: readonly Posting[] = [
    leg('trade_base'),
    leg('trade_quote'),
    leg('maker_fee'),
    leg('taker_fee'),
  ];

  read({ f64, i32, u8 }: FrameViews, at: number, market: LedgerMarket): this {
    const maker = i32[(at + R.TRADE_MAKER_PORTFOLIO_ID) >>> 2];
    const taker = i32[(at + R.TRADE_TAKER_PORTFOLIO_ID) >>> 2];
    const takerBuys = u8[at + R.TRADE_TAKER_SIDE] === SIDE_BUY;
    const buyer = takerBuys ? taker : maker;
    const seller = takerBuys ? maker : taker;
    const qtyLots = f64[(at + R.TRADE_QTY_LOTS) >>> 3];
    const notional = f64[(at + R.TRADE_PRICE_TICKS) >>> 3] * qtyLots * market.quoteUnitsPerTickLot;
    const [base, quote, makerFee, takerFee] = this.legs;
    set(base, market.base.name, seller, buyer, qtyLots * market.baseUnitsPerLot);
    set(quote, market.quote.name, buyer, seller, notional);
    const makerUnits = f64[(at + R.TRADE_MAKER_FEE_UNITS) >>> 3];
    const takerUnits = f64[(at + R.TRADE_TAKER_FEE_UNITS) >>> 3];
    set(makerFee, market.quote.name, maker, VENUE_PORTFOLIO_ID, makerUnits);
    set(takerFee, market.quote.name, taker, VENUE_PORTFOLIO_ID, takerUnits);
    makerFee.kind = 'maker_fee';
    takerFee.kind = 'taker_fee';
    return this;
  }

  /** The same of an auction's trade, whose two sides both pay the auction's fee. */
  readAuction({ f64, i32 }: FrameViews, at: number, market: LedgerMarket): this {
    const buyer = i32[(at + R.AUCTION_BID_PORTFOLIO_ID) >>> 2];
    const seller = i32[(at + R.AUCTION_ASK_PORTFOLIO_ID) >>> 2];
    const qtyLots = f64[(at + R.AUCTION_TRADE_QTY_LOTS) >>> 3];
    const priceTicks = f64[(at + R.AUCTION_TRADE_PRICE_TICKS) >>> 3];
    const [base, quote, buyerFee, sellerFee] = this.legs;
    const quoteName = market.quote.name;
    set(base, market.base.name, seller, buyer, qtyLots * market.baseUnitsPerLot);
    set(quote, quoteName, buyer, seller, priceTicks * qtyLots * market.quoteUnitsPerTickLot);
    const buyerUnits = f64[(at + R.AUCTION_BID_FEE_UNITS) >>> 3];
    const sellerUnits = f64[(at + R.AUCTION_ASK_FEE_UNITS) >>> 3];
    set(buyerFee, quoteName, buyer, VENUE_PORTFOLIO_ID, buyerUnits);
    set(sellerFee, quoteName, seller, VENUE_PORTFOLIO_ID, sellerUnits);
    buyerFee.kind = 'auction_fee';
    sellerFee.kind = 'auction_fee';
    return this;
  }
}

/** The posting of a deposit: assets come in from outside at the venue's debit. */
export function depositPosting({ asset, portfolioId, amountUnits }: FundsDeposited): Posting {
  return {
    kind: 'deposit',
    asset,
    fromPortfolioId: VENUE_PORTFOLIO_ID,
    toPortfolioId: portfolioId,
    units: amountUnits,
  };
}

/** The postings of what a user did with a portfolio; empty where it moves nothing. */
export function portfolioPostings(event: PortfolioEvent): Posting[] {
  switch (event.kind) {
    case 'FundsTransferred': {
      const { asset, fromPortfolioId, toPortfolioId, amountUnits } = event;
      return [posting('transfer', asset, fromPortfolioId, toPortfolioId, amountUnits)];
    }
    case 'PortfolioClosed': {
      const { portfolioId, toPortfolioId, moved } = event;
      return moved.map(([asset, units]) =>
        posting('transfer', asset, portfolioId, toPortfolioId, units),
      );
    }
    default:
      return [];
  }
}

/** The postings of an entry; empty where it moves nothing. */
export function marginPostings(event: MarginEvent): Posting[] {
  switch (event.kind) {
    case 'CollateralMoved': {
      const { asset, portfolioId, units } = event;
      return [posting('collateral', asset, VENUE_PORTFOLIO_ID, portfolioId, units)];
    }
    case 'FundingSettled': {
      const { asset, fundPortfolioId, payments } = event;
      return payments.map(([portfolioId, , units]) =>
        posting('funding', asset, fundPortfolioId, portfolioId, units),
      );
    }
    case 'LiquidationEnded': {
      const { asset, portfolioId, fundPortfolioId, feeUnits, insuredUnits } = event;
      return [
        posting('liquidation_fee', asset, portfolioId, fundPortfolioId, feeUnits),
        posting('insurance', asset, fundPortfolioId, portfolioId, insuredUnits),
      ].filter(({ units }) => units !== 0);
    }
    default:
      return [];
  }
}

/**
 * Lists postings from the journal's records, given one by one in journal order. It learns the
 * markets from their listings in the same records.
 */
export class PostingReader {
  private readonly markets = new Map<number, LedgerMarket>();
  private readonly trade = new TradePostings();

  /** @param markets those listed before the first record */
  constructor(markets: Iterable<LedgerMarket> = []) {
    for (const market of markets) this.markets.set(market.id, market);
  }

  /**
   * The postings that follow from a record; empty where it changes no balance.
   * @param readEvent reads the fact in a record of type `VENUE_EVENT`
   */
  read(
    views: FrameViews,
    at: number,
    readEvent: (views: FrameViews, at: number) => VenueEvent,
  ): RecordedPosting[] {
    const word = views.i32[(at + 4) >>> 2];
    const type = frameType(word);
    if (type === R.VENUE_EVENT) {
      const event = readEvent(views, at);
      if (event.kind === 'MarketListed') this.markets.set(event.marketId, listedMarket(event));
      const from = { ...origin(views, at), marketId: 0, tradeId: 0 };
      if (event.kind === 'FundsDeposited') return [{ ...depositPosting(event), ...from }];
      if (!isMarginEvent(event) && !isPortfolioEvent(event)) return [];
      const postings = isMarginEvent(event) ? marginPostings(event) : portfolioPostings(event);
      return postings.map((posting) => ({ ...posting, ...from }));
    }
    const isAuction = type === R.AUCTION_TRADE;
    if (type !== R.TRADE_EXECUTED && !isAuction) return [];
    const marketId = frameMarketId(word);
    const market = this.markets.get(marketId);
    if (market === undefined) throw new Error(`market ${marketId} trades but was never listed`);
    const idAt = isAuction ? R.AUCTION_TRADE_ID : R.TRADE_ID;
    const from = { ...origin(views, at), marketId, tradeId: views.f64[(at + idAt) >>> 3] };
    const { trade } = this;
    const { legs } = isAuction
      ? trade.readAuction(views, at, market)
      : trade.read(views, at, market);
    return legs.filter(({ units }) => units !== 0).map((posting) => ({ ...posting, ...from }));
  }
}

/** True for a posting that changes the portfolio's balances. */
export function concernsPortfolio(posting: Posting, portfolioId: number): boolean {
  return posting.fromPortfolioId === portfolioId || posting.toPortfolioId === portfolioId;
}

/** A market as its listing in the journal describes it. */
export function listedMarket(event: VenueEvent & { kind: 'MarketListed' }): LedgerMarket {
  const { marketId, base, baseDecimals, quote, quoteDecimals } = event;
  return {
    id: marketId,
    base: { name: base, decimals: baseDecimals },
    quote: { name: quote, decimals: quoteDecimals },
    quoteUnitsPerTickLot: event.quoteUnitsPerTickLot,
    baseUnitsPerLot: event.baseUnitsPerLot,
    makerFeePpm: event.makerFeePpm,
    takerFeePpm: event.takerFeePpm,
    auctionFeePpm: event.auctionFeePpm,
  };
}

function origin({ f64, i32 }: FrameViews, at: number) {
  return {
    seq: f64[(at + R.RECORD_SEQ) >>> 3],
    seconds: i32[(at + R.RECORD_SECONDS) >>> 2] >>> 0,
    nanos: i32[(at + R.RECORD_NANOS) >>> 2] >>> 0,
  };
}

function leg(kind: PostingKind): Posting {
  return { kind, asset: '', fromPortfolioId: 0, toPortfolioId: 0, units: 0 };
}

function set(posting: Posting, asset: string, from: number, to: number, units: number): void {
  posting.asset = asset;
  posting.fromPortfolioId = from;
  posting.toPortfolioId = to;
  posting.units = units;
}

function posting(
  kind: Posting['kind'],
  asset: string,
  fromPortfolioId: number,
  toPortfolioId: number,
  units: number,
): Posting {
  return { kind, asset, fromPortfolioId, toPortfolioId, units };
}
