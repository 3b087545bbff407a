import type { MarketRegistry } from '../../config/markets.ts';
import type { MarketStatistics } from '../../domain/candles.ts';
import type { Asset, Market } from '../../domain/markets.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Portfolio } from '../../ledger/portfolio.ts';
import { assert } from '../../lib/assert.ts';
import type { MarketViews } from '../../projections/market-view.ts';
import { standingMarkTicks } from '../margin/mark-prices.ts';
import type { PortfolioBook } from './portfolio-book.ts';
import type { PositionSource, Valuation, ValuedPosition } from './valuation.ts';

/** What portfolios are valued in where nobody chose. */
export const DEFAULT_CURRENCY = 'USD';

export interface ValuerParts {
  readonly markets: MarketRegistry;
  readonly ledger: Ledger;
  readonly views: MarketViews;
  readonly book: PortfolioBook;
  readonly statistics: (market: Market) => MarketStatistics;
  readonly nowSeconds: (market: Market) => number;
}

/** A line before its weight is known; money in the quote asset until `inCurrency`. */
type Line = Omit<ValuedPosition, 'weight'>;

/** What a market's price says for one valuation. */
interface Quote {
  readonly priceTicks: number;
  readonly previousCloseTicks: number | null;
  /** What a day's change is told from: the close before it, else where the day began. */
  readonly referenceTicks: number;
  readonly dayStartSeconds: number;
}

/**
 * Values portfolios from balances, positions and holdings. What is cash is worth the same whatever it
 * is called: the venue's quote assets count as par, as they do in index prices.
 */
export class Valuer {
  private readonly parts: ValuerParts;
  /** By name: what markets settle in and nothing trades. */
  readonly cashAssets = new Map<string, Asset>();
  /** By base asset: the market that it is valued by when no position says which. */
  private readonly primaries = new Map<string, Market>();

  constructor(parts: ValuerParts) {
    this.parts = parts;
    for (const market of parts.markets.all) {
      const { base } = market;
      if (!this.primaries.has(base.name)) this.primaries.set(base.name, market);
    }
    for (const { quote } of parts.markets.all) {
      if (!this.primaries.has(quote.name)) this.cashAssets.set(quote.name, quote);
    }
  }

  /** The asset a portfolio is valued in. */
  currencyOf(portfolioId: number): Asset {
    const wanted = this.parts.book.info(portfolioId)?.currency ?? DEFAULT_CURRENCY;
    const currency = this.cashAssets.get(wanted) ?? this.cashAssets.values().next().value;
    assert(currency !== undefined, 'markets settle in something');
    return currency;
  }

  /** The markets whose prices the portfolio's value depends on. */
  marketsOf(portfolioId: number): Set<Market> {
    return new Set(this.lines(this.parts.ledger.get(portfolioId)).lines.map((one) => one.market));
  }

  value(portfolioId: number): Valuation | undefined {
    const { ledger, book } = this.parts;
    const portfolio = ledger.portfolios.get(portfolioId);
    if (portfolio === undefined) return undefined;
    const currency = this.currencyOf(portfolioId);
    const { cashUnits, freeCashUnits } = this.cash(portfolio, currency);
    const { lines: quoted, flatChanges } = this.lines(portfolio);
    const lines = quoted.map((line) => inCurrency(line, currency));
    const positionsUnits = lines.reduce((sum, { valueUnits }) => sum + valueUnits, 0);
    const totalUnits = cashUnits + positionsUnits;
    const flatUnits = flatChanges.reduce(
      (sum, [quote, units]) => sum + convert(units, quote, currency),
      0,
    );
    return {
      portfolioId,
      userId: portfolio.userId,
      kind: portfolio.kind,
      title: book.info(portfolioId)?.title ?? portfolio.name,
      currency,
      cashUnits,
      freeCashUnits,
      positions: lines.map((line) => ({
        ...line,
        weight: totalUnits > 0 ? line.valueUnits / totalUnits : 0,
      })),
      positionsUnits,
      totalUnits,
      dayChangeUnits: lines.reduce((sum, { dayChangeUnits }) => sum + dayChangeUnits, flatUnits),
    };
  }

  private cash(portfolio: Portfolio, currency: Asset) {
    let cashUnits = 0;
    let freeCashUnits = 0;
    for (const [name, { total, held }] of portfolio.balances) {
      const asset = this.cashAssets.get(name);
      if (asset === undefined) continue;
      cashUnits += convert(total, asset, currency);
      freeCashUnits += convert(Math.max(0, total - held), asset, currency);
    }
    const { margin } = portfolio;
    if (margin !== undefined) freeCashUnits = this.freeCollateral(portfolio, currency);
    return { cashUnits, freeCashUnits };
  }

  /** What a margin portfolio may still use, over its assets of settlement. */
  private freeCollateral(portfolio: Portfolio, currency: Asset): number {
    const rules = this.parts.ledger.marginRules;
    let sum = 0;
    for (const [name, asset] of this.cashAssets) {
      if (rules === undefined || !portfolio.balances.has(name)) continue;
      const { equityUnits, initialUnits } = rules.account(portfolio, name);
      sum += convert(Math.max(0, equityUnits - initialUnits), asset, currency);
    }
    return sum;
  }

  /** Lines in quote assets, and what was made today where nothing is left. */
  private lines(portfolio: Portfolio) {
    const lines: Line[] = [];
    const flatChanges: [quote: Asset, units: number][] = [];
    /** By base asset: the balance that no position explains. */
    const unexplained = new Map<string, number>();
    for (const [name, { total }] of portfolio.balances) {
      if (!this.cashAssets.has(name)) unexplained.set(name, total);
    }
    for (const [marketId, { qtyLots, costUnits }] of portfolio.positions) {
      const market = this.parts.markets.get(marketId);
      if (market === undefined) continue;
      const { base, baseUnitsPerLot } = market;
      const qtyUnits = qtyLots * baseUnitsPerLot;
      unexplained.set(base.name, (unexplained.get(base.name) ?? 0) - qtyUnits);
      const quote = this.quote(portfolio, market);
      const dayChangeUnits = tradedChange(portfolio, market, qtyLots, quote);
      if (qtyLots === 0) flatChanges.push([market.quote, dayChangeUnits]);
      else lines.push(line('orders', market, qtyUnits, costUnits, quote, dayChangeUnits));
    }
    for (const [name, qtyUnits] of unexplained) {
      const market = this.primaries.get(name);
      if (qtyUnits === 0 || market === undefined) continue;
      const quote = this.quote(portfolio, market);
      lines.push(line('transfers', market, qtyUnits, null, quote));
    }
    for (const holding of this.parts.book.holdingsOf(portfolio.id)) {
      const market = this.parts.markets.get(holding.marketId);
      if (market === undefined) continue;
      const { qtyLots, costUnits, holdingId, recordedMs } = holding;
      const quote = this.quote(portfolio, market);
      const isToday = recordedMs >= quote.dayStartSeconds * 1000;
      const made = worthOf(market, qtyLots * market.baseUnitsPerLot, quote.priceTicks) - costUnits;
      const change = isToday && quote.priceTicks !== 0 ? made : undefined;
      const qtyUnits = qtyLots * market.baseUnitsPerLot;
      lines.push({ ...line('recorded', market, qtyUnits, costUnits, quote, change), holdingId });
    }
    const rank: Readonly<Record<PositionSource, number>> = { orders: 0, transfers: 1, recorded: 2 };
    lines.sort((a, b) => {
      return (
        a.market.id - b.market.id || rank[a.source] - rank[b.source] || a.holdingId - b.holdingId
      );
    });
    return { lines, flatChanges };
  }

  private quote(portfolio: Portfolio, market: Market): Quote {
    const view = this.parts.views.get(market.id);
    assert(view !== undefined, `market ${market.id} has a view`);
    const { lastTicks, previousCloseTicks, dayOpenTicks } = this.parts.statistics(market);
    const isMargin = portfolio.margin !== undefined;
    const priceTicks = isMargin
      ? standingMarkTicks(view)
      : view.ticker.lastPriceTicks || lastTicks || view.derivatives.markTicks;
    const { startSeconds } = view.candles.calendar.period('day', this.parts.nowSeconds(market));
    const referenceTicks = previousCloseTicks ?? (dayOpenTicks || priceTicks);
    return { priceTicks, previousCloseTicks, referenceTicks, dayStartSeconds: startSeconds };
  }
}

/** @param change what was made today, where it is not the price's change on all of it */
function line(
  source: PositionSource,
  market: Market,
  qtyUnits: number,
  costUnits: number | null,
  { priceTicks, previousCloseTicks, referenceTicks }: Quote,
  change?: number,
): Line {
  const isPriced = priceTicks !== 0;
  const valueUnits = isPriced ? worthOf(market, qtyUnits, priceTicks) : (costUnits ?? 0);
  return {
    source,
    holdingId: 0,
    market,
    qtyUnits,
    costUnits,
    priceTicks,
    previousCloseTicks,
    valueUnits,
    unrealisedUnits: costUnits === null ? null : valueUnits - costUnits,
    dayChangeUnits:
      change ?? (isPriced ? valueUnits - worthOf(market, qtyUnits, referenceTicks) : 0),
  };
}

/**
 * What orders in a market have made today: what was held since before the day by the price's change,
 * what was bought and sold since by what was paid and got for it, fees included.
 */
function tradedChange(portfolio: Portfolio, market: Market, qtyLots: number, quote: Quote): number {
  const { priceTicks, referenceTicks, dayStartSeconds } = quote;
  if (priceTicks === 0) return 0;
  const today = portfolio.recentFills.get(market.id)?.since(dayStartSeconds);
  const { lots, notionalUnits, feeUnits } = today ?? { lots: 0, notionalUnits: 0, feeUnits: 0 };
  const { quoteUnitsPerTickLot } = market;
  const nowUnits = qtyLots * priceTicks * quoteUnitsPerTickLot;
  const beforeUnits = (qtyLots - lots) * referenceTicks * quoteUnitsPerTickLot;
  return nowUnits - beforeUnits - notionalUnits - feeUnits;
}

function worthOf(market: Market, qtyUnits: number, priceTicks: number): number {
  const { baseUnitsPerLot, quoteUnitsPerTickLot } = market;
  const lots = qtyUnits / baseUnitsPerLot;
  return Math.round(lots * priceTicks * quoteUnitsPerTickLot);
}

function inCurrency(line: Line, currency: Asset): Line {
  const { quote } = line.market;
  if (quote.decimals === currency.decimals) return line;
  const { costUnits, valueUnits, unrealisedUnits, dayChangeUnits } = line;
  return {
    ...line,
    costUnits: costUnits === null ? null : convert(costUnits, quote, currency),
    valueUnits: convert(valueUnits, quote, currency),
    unrealisedUnits: unrealisedUnits === null ? null : convert(unrealisedUnits, quote, currency),
    dayChangeUnits: convert(dayChangeUnits, quote, currency),
  };
}

/** At par: the same amount in the other asset's smallest units. */
function convert(units: number, from: Asset, to: Asset): number {
  if (from.decimals === to.decimals) return units;
  const shift = to.decimals - from.decimals;
  return shift > 0 ? units * 10 ** shift : Math.round(units / 10 ** -shift);
}
