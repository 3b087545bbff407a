import type { WirePosition } from '../../../schemas/octopus-portfolio.ts';
import type { Market } from '../../domain/markets.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import { Refusal } from '../../gateway/http/refusal.ts';
import { type Paced, Pacer } from '../../gateway/streams/pacer.ts';
import type { Venue } from '../../gateway/venue.ts';
import type { Principal } from '../../identity/principal.ts';
import { isoMillis } from '../../lib/clock.ts';
import type { MarketView } from '../../projections/market-view.ts';
import { portfolioUuid } from './ids.ts';
import { ownPortfolio, valuationOf } from './portfolio-access.ts';
import { portfolioToWire, positionsToWire } from './portfolio-wire.ts';
import type { PrivateSession } from './private-session.ts';
import { PrivateStream, type PrivateStreamParts } from './private-stream.ts';
import { SOCKETS } from './sockets.ts';

/** Least time between two updates of one portfolio. */
const INTERVAL_MS = 250;

export interface PortfolioStreamParts extends PrivateStreamParts {
  readonly venue: Venue;
}

/** A portfolio that somebody follows. */
interface Followed extends Paced {
  readonly portfolioId: number;
  readonly userId: number;
  readonly sessions: Set<PrivateSession>;
  /** The markets whose prices it depends on. */
  markets: ReadonlySet<Market>;
  /** As the newest message told it: the portfolio, and positions by id, in their wire form. */
  toldPortfolio: string;
  toldPositions: ReadonlyMap<string, string>;
  sequence: number;
}

/**
 * `/ws/portfolio/{id}`: the whole portfolio first, then what changes of its value and of its positions,
 * at most four times a second, each message with the newest state. Nothing is said while nothing
 * changes.
 */
export class PortfolioStream extends PrivateStream {
  private readonly venue: Venue;
  private readonly followed = new Map<number, Followed>();
  private readonly byMarket = new Map<Market, Set<Followed>>();
  private readonly sessions = new Map<PrivateSession, Followed>();
  private readonly pacer: Pacer<Followed>;

  constructor(parts: PortfolioStreamParts) {
    super(SOCKETS.portfolio, parts);
    this.venue = parts.venue;
    this.pacer = new Pacer(parts.clock, INTERVAL_MS, (followed) => this.update(followed));
  }

  admit(session: PrivateSession, { userId }: Principal): Refusal | undefined {
    const info = ownPortfolio(this.venue, userId, session.params.id);
    if (info instanceof Refusal) return info;
    const followed = this.follow(info.portfolioId, userId);
    const { portfolio, positions } = this.wireOf(followed);
    const { sequence } = followed;
    session.tell({ type: 'snapshot', portfolio, positions, timestamp: this.now(), sequence });
    followed.sessions.add(session);
    this.sessions.set(session, followed);
    session.socket.subscribe(topicOf(info.portfolioId));
    return undefined;
  }

  override left(session: PrivateSession): void {
    const followed = this.sessions.get(session);
    this.sessions.delete(session);
    if (followed === undefined) return;
    followed.sessions.delete(session);
    if (followed.sessions.size > 0) return;
    this.pacer.forget(followed);
    this.followed.delete(followed.portfolioId);
    this.index(followed, []);
  }

  /** Prices may have changed. */
  publish({ market, trades, derivatives }: MarketView): void {
    const concerned = this.byMarket.get(market);
    // A margin portfolio is valued at the mark, which moves without trades.
    if (concerned === undefined || (trades.length === 0 && derivatives.markTicks === 0)) return;
    for (const followed of concerned) this.pacer.changed(followed);
  }

  onAccountChanged(portfolioId: number): void {
    const followed = this.followed.get(portfolioId);
    if (followed === undefined) return;
    this.index(followed);
    this.pacer.changed(followed);
  }

  onVenueEvent(event: VenueEvent): void {
    if (event.kind !== 'PortfolioClosed') return;
    const followed = this.followed.get(event.portfolioId);
    if (followed === undefined) return;
    const id = portfolioUuid(event.portfolioId);
    for (const session of [...followed.sessions]) {
      session.tell({ type: 'deleted', portfolio_id: id, timestamp: this.now() });
      session.endAsNotFound('deleted');
    }
  }

  private follow(portfolioId: number, userId: number): Followed {
    let followed = this.followed.get(portfolioId);
    if (followed !== undefined) return followed;
    followed = {
      portfolioId,
      userId,
      sessions: new Set(),
      markets: new Set(),
      toldPortfolio: '',
      toldPositions: new Map(),
      sequence: 0,
      lastSentMs: this.parts.clock.nowMs(),
    };
    this.followed.set(portfolioId, followed);
    this.index(followed);
    const { portfolio, positions } = this.wireOf(followed);
    followed.toldPortfolio = JSON.stringify(portfolio);
    followed.toldPositions = textsOf(positions);
    return followed;
  }

  /** @param positions those it has now, unless told */
  private index(
    followed: Followed,
    positions = this.venue.valuation(followed.portfolioId)?.positions ?? [],
  ): void {
    for (const market of followed.markets) this.byMarket.get(market)?.delete(followed);
    followed.markets = new Set(positions.map(({ market }) => market));
    for (const market of followed.markets) {
      let concerned = this.byMarket.get(market);
      if (concerned === undefined) {
        concerned = new Set();
        this.byMarket.set(market, concerned);
      }
      concerned.add(followed);
    }
  }

  private wireOf({ portfolioId, userId }: Followed) {
    const info = ownPortfolio(this.venue, userId, String(portfolioId));
    if (info instanceof Refusal) return { portfolio: undefined, positions: [] };
    const valuation = valuationOf(this.venue, info);
    return {
      portfolio: portfolioToWire(info, valuation),
      positions: positionsToWire(valuation),
    };
  }

  /** Tells what has changed since the last message, if anything has. */
  private update(followed: Followed): void {
    const { portfolio, positions } = this.wireOf(followed);
    if (portfolio === undefined) return;
    const told = followed.toldPositions;
    const texts = textsOf(positions);
    const changed = positions.filter(({ id }) => texts.get(id) !== told.get(id));
    const removed = [...told.keys()].filter((id) => !texts.has(id));
    const text = JSON.stringify(portfolio);
    const isSame = text === followed.toldPortfolio && changed.length + removed.length === 0;
    if (isSame) return;
    followed.toldPortfolio = text;
    followed.toldPositions = texts;
    followed.sequence += 1;
    const { sequence } = followed;
    this.publishTo(topicOf(followed.portfolioId), () => {
      const timestamp = this.now();
      return { type: 'update', portfolio, positions: changed, removed, timestamp, sequence };
    });
  }

  private now(): string {
    const { clock } = this.parts;
    clock.tick();
    return isoMillis(clock.seconds, clock.nanos);
  }
}

function topicOf(portfolioId: number): string {
  return `octopus/portfolio/${portfolioId}`;
}

function textsOf(positions: readonly WirePosition[]): Map<string, string> {
  return new Map(positions.map((position) => [position.id, JSON.stringify(position)]));
}
