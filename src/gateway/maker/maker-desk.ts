import type { Market } from '../../domain/markets.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Operations } from '../operations/operations.ts';
import type { Uptime } from '../operations/uptime.ts';
import type { Deployment, Deployments } from '../strategies/deployments.ts';
import { type QuoteMinute, QuoteMinutes } from '../strategies/quote-minutes.ts';
import type { MarketQuotes, Touches } from '../strategies/quote-record.ts';
import type { StrategyDesk } from '../strategies/strategy-desk.ts';
import type { Venue } from '../venue.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { alignedReturns } from './inventory-risk.ts';
import { dayStartMinute, sinceMinuteOf } from './period-figures.ts';

/** The strategy that the market-making account runs, and the exchange whose markets it is shown in. */
export const MAKER_STRATEGY = 'market_making';
export const MAKER_EXCHANGE = 'sei';

const DAY_MS = 86_400_000;
const DAY_SECONDS = 86_400;
const MINUTES = 1440;

export interface MakerDeskParts {
  readonly venue: Venue;
  readonly deployments: Deployments;
  readonly strategies: () => StrategyDesk;
  readonly operations: Operations;
  readonly webhooks: Webhooks;
  readonly uptime: Uptime;
  readonly clock: Clock;
  /** Whose deployment is shown; 0 while there is nobody. */
  readonly accountUserId: () => number;
}

export type MakerStatus =
  | 'active'
  | 'starting'
  | 'paused'
  | 'emergency_stopped'
  | 'stopped'
  | 'failed';
export type MakerMarketStatus = 'trading' | 'halted' | Exclude<MakerStatus, 'active'>;

/** How the maker stands in one market, now. Money in the quote asset's smallest units. */
export interface MarketStanding {
  readonly market: Market;
  readonly status: MakerMarketStatus;
  /** When an order of the maker last came, moved or left; 0 before the first. */
  readonly quotedMs: number;
  readonly touches: Touches;
  readonly positionLots: number;
  /** Price at which the position is valued: the newest trade's; 0 before the first. */
  readonly markTicks: number;
  /** Signed worth of the position. */
  readonly positionUnits: number;
  /** Worth of the inventory that the quotes lean towards. */
  readonly targetUnits: number;
  readonly limitUnits: number;
  readonly unrealisedUnits: number;
  /** Net of fees. */
  readonly realisedUnits: number;
  readonly feeUnits: number;
  readonly spreadHalfUnits: number;
  readonly inventoryHalfUnits: number;
  readonly totalUnits: number;
  /** Since the beginning of the UTC day. */
  readonly dailyUnits: number;
  /** The last 24 hours. */
  readonly day: QuoteMinute;
  readonly activeOrders: number;
}

const NO_MINUTES = new QuoteMinutes();
const NO_TOUCHES: Touches = { ourBid: 0, ourAsk: 0, theirBid: 0, theirAsk: 0 };

/** The one market-making account that FlashMM speaks of: its deployment, its figures, its controls. */
export class MakerDesk {
  readonly operations: Operations;
  readonly webhooks: Webhooks;
  readonly uptime: Uptime;
  private readonly parts: MakerDeskParts;

  constructor(parts: MakerDeskParts) {
    this.parts = parts;
    this.operations = parts.operations;
    this.webhooks = parts.webhooks;
    this.uptime = parts.uptime;
  }

  get strategies(): StrategyDesk {
    return this.parts.strategies();
  }

  get userId(): number {
    return this.parts.accountUserId();
  }

  /** The markets that can be spoken of, whether the maker quotes them or not. */
  get markets(): readonly Market[] {
    return this.parts.venue.markets.all.filter(({ exchange }) => exchange === MAKER_EXCHANGE);
  }

  /** The account's newest deployment, running or not. */
  deployment(): Deployment | undefined {
    return this.parts.deployments.newestOf(this.userId, MAKER_STRATEGY);
  }

  status(): MakerStatus {
    const { controls } = this.operations;
    const deployment = this.deployment();
    if (controls.stop !== undefined || controls.stopping !== undefined) return 'emergency_stopped';
    const { status } = this.strategies.stateOf(deployment);
    if (status === 'running') return 'active';
    return status === 'stopping' ? 'stopped' : status;
  }

  /** Of every market of this surface, in their order. */
  standings(): MarketStanding[] {
    const deployment = this.deployment();
    return this.markets.map((market) => this.standing(market, deployment));
  }

  standing(market: Market, deployment = this.deployment()): MarketStanding {
    const { clock } = this.parts;
    const nowMs = clock.nowMs();
    const { id } = market;
    const record = deployment?.record;
    const quotes = deployment?.quotes?.markets.get(id);
    const markTicks = record?.marks.get(id) ?? 0;
    const position = record?.positions.get(id);
    const positionLots = position?.qtyLots ?? 0;
    const totalUnits = record?.profitUnitsOf(id) ?? 0;
    const feeUnits = position?.feeUnits ?? 0;
    const dayStart = dayStartMinute(nowMs);
    const status = this.marketStatus(market, deployment);
    const isQuoted = status === 'trading';
    return {
      market,
      status,
      quotedMs: quotes?.quotedMs ?? 0,
      touches: isQuoted ? (quotes?.touches ?? NO_TOUCHES) : this.silentTouches(market, quotes),
      positionLots,
      markTicks,
      positionUnits: positionLots * markTicks * market.quoteUnitsPerTickLot,
      targetUnits: this.parameterUnits(deployment, market, 'target_inventory'),
      limitUnits: this.parameterUnits(deployment, market, 'max_position'),
      unrealisedUnits: record?.unrealisedUnitsOf(id) ?? 0,
      realisedUnits: (position?.realisedUnits ?? 0) - feeUnits,
      feeUnits,
      spreadHalfUnits: record?.spreadHalfUnitsOf(id) ?? 0,
      inventoryHalfUnits: record?.inventoryHalfUnitsOf(id) ?? 0,
      totalUnits,
      dailyUnits: quotes === undefined ? 0 : totalUnits - quotes.minutes.profitBefore(dayStart),
      day: this.minutes(quotes, nowMs, DAY_MS),
      activeOrders: this.activeOrders(market, deployment),
    };
  }

  /** What the maker has in a market's book: what of `standing` is cheap enough for every quote. */
  quotesIn(market: Market): Pick<MarketStanding, 'touches' | 'quotedMs' | 'activeOrders'> {
    const deployment = this.deployment();
    const quotes = deployment?.quotes?.markets.get(market.id);
    return {
      touches: this.silentTouches(market, quotes),
      quotedMs: quotes?.quotedMs ?? 0,
      activeOrders: this.activeOrders(market, deployment),
    };
  }

  /** Sums of the minutes of a period that ends now. */
  minutes(quotes: MarketQuotes | undefined, nowMs: number, periodMs: number): QuoteMinute {
    const since = sinceMinuteOf(nowMs, periodMs);
    return (quotes?.minutes ?? NO_MINUTES).since(since);
  }

  /**
   * What the account's portfolio is worth: its balance of the quote asset, and what it has of the
   * markets' base assets at their newest prices. 0 without a deployment.
   */
  portfolioUnits(): { readonly totalUnits: number; readonly freeUnits: number } {
    const deployment = this.deployment();
    const account = deployment && this.parts.venue.account(deployment.portfolioId);
    if (deployment === undefined || account === undefined) return { totalUnits: 0, freeUnits: 0 };
    const markets = deployment.marketIds.flatMap((id) => this.parts.venue.markets.get(id) ?? []);
    const [first] = markets;
    let totalUnits = 0;
    let freeUnits = 0;
    for (const balance of account.balances) {
      if (balance.asset.name === first?.quote.name) {
        totalUnits += balance.totalUnits;
        freeUnits += balance.freeUnits;
        continue;
      }
      const market = markets.find(({ base }) => base.name === balance.asset.name);
      if (market === undefined) continue;
      const ticks = deployment.record.marks.get(market.id) ?? 0;
      const lots = balance.totalUnits / market.baseUnitsPerLot;
      totalUnits += Math.floor(lots * ticks * market.quoteUnitsPerTickLot);
    }
    return { totalUnits, freeUnits };
  }

  /** Returns from minute to minute in the last day, of each of the markets. */
  returns(markets: readonly Market[]): number[][] {
    const { venue, clock } = this.parts;
    const toSeconds = Math.floor(clock.nowMs() / 1000);
    const closes = markets.map((market) => {
      const bars = venue.candles(market, '1m', toSeconds - DAY_SECONDS, toSeconds, MINUTES);
      const traded = bars.filter(({ closeTicks }) => closeTicks > 0);
      return new Map(traded.map(({ openSeconds, closeTicks }) => [openSeconds, closeTicks]));
    });
    return alignedReturns(closes);
  }

  private marketStatus(market: Market, deployment: Deployment | undefined): MakerMarketStatus {
    const { controls } = this.operations;
    const status = this.status();
    if (status === 'active' || status === 'starting') {
      if (controls.refusal(this.userId, market.id) !== 0) return 'paused';
      if (deployment?.marketIds.includes(market.id) !== true) return 'stopped';
      if (this.parts.venue.ticker(market).phase !== 0) return 'halted';
    }
    return status === 'active' ? 'trading' : status;
  }

  /** Without quotes of the maker the whole book is the others'. */
  private silentTouches(market: Market, quotes: MarketQuotes | undefined): Touches {
    if (quotes !== undefined && quotes.touches.ourBid + quotes.touches.ourAsk > 0) {
      return quotes.touches;
    }
    const depth = this.parts.venue.depth(market);
    const theirBid = depth.bestBidTicks();
    return { ourBid: 0, ourAsk: 0, theirBid, theirAsk: depth.bestAskTicks() };
  }

  private activeOrders(market: Market, deployment: Deployment | undefined): number {
    let count = 0;
    for (const orderId of deployment?.openOrderIds ?? []) {
      if (this.parts.venue.order(deployment?.userId ?? 0, orderId)?.market === market) count += 1;
    }
    return count;
  }

  private parameterUnits(
    deployment: Deployment | undefined,
    { quote, id }: Market,
    name: string,
  ): number {
    if (deployment?.marketIds.includes(id) !== true) return 0;
    return Math.round(Number(deployment.parameters[name] ?? 0) * 10 ** quote.decimals);
  }
}
