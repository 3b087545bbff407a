import { LIMITS } from '../config/limits.ts';
import type { Market } from '../domain/markets.ts';
import { isPortfolioEvent } from '../domain/portfolio-events.ts';
import type { MarketListed, PortfolioKind, VenueEvent } from '../domain/venue-events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { VENUE_PORTFOLIO_ID } from '../ledger/postings.ts';
import { PortfolioBook } from './portfolios/portfolio-book.ts';

/**
 * The venue's facts applied: which portfolios there are and whose, which markets were listed on
 * which terms. Used by recovery and by the live drain alike.
 */
export class Accounts {
  /** What users call their portfolios, and what they did with them beside trading. */
  readonly book = new PortfolioBook();
  private readonly ledger: Ledger;
  private readonly listed = new Map<number, MarketListed>();
  private readonly defaults = new Map<number, number>();
  private readonly byName = new Map<string, number>();
  private readonly funded = new Set<string>();
  private nextPortfolioId = VENUE_PORTFOLIO_ID;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  /** @param atMs when the fact was written, milliseconds since the Unix epoch */
  apply(event: VenueEvent, atMs = 0): void {
    this.book.apply(event, atMs);
    if (isPortfolioEvent(event)) this.ledger.applyPortfolio(event);
    switch (event.kind) {
      case 'MarketListed':
        this.listed.set(event.marketId, event);
        return;
      case 'PortfolioOpened':
        this.ledger.openPortfolio(event);
        this.nextPortfolioId = Math.max(this.nextPortfolioId, event.portfolioId + 1);
        this.byName.set(nameKey(event.userId, event.name), event.portfolioId);
        if (event.userId > 0 && !this.defaults.has(event.userId)) {
          this.defaults.set(event.userId, event.portfolioId);
        }
        return;
      case 'FundsDeposited':
        this.ledger.deposit(event);
        this.funded.add(`${event.portfolioId}/${event.asset}`);
        return;
      case 'PortfolioClosed': {
        // The venue opens another one when it needs one of this name again.
        const { userId, name } = this.ledger.get(event.portfolioId);
        this.byName.delete(nameKey(userId, name));
        return;
      }
      // Switches, users and their credentials have rooms of their own.
      default:
        return;
    }
  }

  defaultPortfolioId(userId: number): number | undefined {
    return this.defaults.get(userId);
  }

  portfolioIdByName(userId: number, name: string): number | undefined {
    return this.byName.get(nameKey(userId, name));
  }

  /** Whether so much may come in from outside: the sum over all portfolios is held exactly. */
  hasRoomFor(asset: string, units: number): boolean {
    const outside = this.ledger.get(VENUE_PORTFOLIO_ID).balance(asset).total;
    return units <= LIMITS.paidInUnits && units - outside <= LIMITS.paidInUnitsTotal;
  }

  /** True when the asset was ever paid into the portfolio from outside. */
  hasDeposit(portfolioId: number, asset: string): boolean {
    return this.funded.has(`${portfolioId}/${asset}`);
  }

  /** The id the next portfolio must get; valid until the next `PortfolioOpened` is recorded. */
  takePortfolioId(): number {
    const id = this.nextPortfolioId;
    this.nextPortfolioId += 1;
    return id;
  }

  /**
   * Compares the configured markets with those the journal was written under.
   * @returns the markets to be listed now, new ones and those with new fees; throws when the units
   *   of one changed, because the numbers in the journal would mean something else
   */
  unlisted(markets: readonly Market[]): MarketListed[] {
    const fresh: MarketListed[] = [];
    for (const market of markets) {
      const wanted = listing(market);
      const known = this.listed.get(market.id);
      if (known !== undefined && JSON.stringify(known) === JSON.stringify(wanted)) continue;
      if (known === undefined || describe(known) === describe(wanted)) fresh.push(wanted);
      else {
        throw new Error(
          `market ${market.id} was ${describe(known)} when this data directory was written and is ` +
            `${describe(wanted)} now: use another data directory or the former terms`,
        );
      }
    }
    return fresh;
  }
}

/** Makes sure of a portfolio's existence; resolves to its id when that is durable. */
export async function ensurePortfolio(
  accounts: Accounts,
  record: (event: VenueEvent) => Promise<void>,
  userId: number,
  portfolioKind: PortfolioKind,
  name: string,
): Promise<number> {
  const known = accounts.portfolioIdByName(userId, name);
  if (known !== undefined) return known;
  const portfolioId = accounts.takePortfolioId();
  await record({ kind: 'PortfolioOpened', portfolioId, userId, portfolioKind, name });
  return portfolioId;
}

function nameKey(userId: number, name: string): string {
  return `${userId}/${name}`;
}

/** A market's terms as the journal lists them. */
export function listing(market: Market): MarketListed {
  return {
    kind: 'MarketListed',
    marketId: market.id,
    exchange: market.exchange,
    symbol: market.symbol,
    base: market.base.name,
    baseDecimals: market.base.decimals,
    quote: market.quote.name,
    quoteDecimals: market.quote.decimals,
    tickUnits: market.tickUnits,
    priceDecimals: market.priceDecimals,
    lotUnits: market.lotUnits,
    qtyDecimals: market.qtyDecimals,
    quoteUnitsPerTickLot: market.quoteUnitsPerTickLot,
    baseUnitsPerLot: market.baseUnitsPerLot,
    makerFeePpm: market.makerFeePpm,
    takerFeePpm: market.takerFeePpm,
    auctionFeePpm: market.auctionFeePpm,
    priceBandBps: market.priceBandBps,
    volatilityHaltBps: market.volatilityHaltBps,
    referenceWindowSeconds: market.referenceWindowSeconds,
  };
}

function describe(terms: MarketListed): string {
  const tick = `${terms.tickUnits}e-${terms.priceDecimals}`;
  const lot = `${terms.lotUnits}e-${terms.qtyDecimals}`;
  const assets = `${terms.base}/${terms.baseDecimals}, ${terms.quote}/${terms.quoteDecimals}`;
  return `${terms.exchange}:${terms.symbol} (tick ${tick}, lot ${lot}, assets ${assets})`;
}
