import type { PortfolioKind, VenueEvent } from '../../domain/venue-events.ts';
import { VENUE_PORTFOLIO_ID } from '../../ledger/postings.ts';

/** What a portfolio is called, apart from what it has. */
export interface PortfolioInfo {
  readonly portfolioId: number;
  readonly userId: number;
  readonly kind: PortfolioKind;
  /** The venue's name of it, such as `default`. */
  readonly name: string;
  /** The user's. */
  readonly title: string;
  readonly description: string;
  /** `undefined`: the venue's default. */
  readonly currency: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly createdMs: number;
  /** True when it takes no more orders and is listed no more. */
  readonly isClosed: boolean;
}

/** Something bought elsewhere. */
export interface Holding {
  readonly holdingId: number;
  readonly portfolioId: number;
  readonly marketId: number;
  readonly qtyLots: number;
  /** Smallest units of the market's quote asset. */
  readonly costUnits: number;
  readonly recordedMs: number;
}

/** An asset that came into a portfolio, or (negative) went out of it. */
export interface TransferView {
  /** Dense per portfolio, from 1. */
  readonly n: number;
  readonly asset: string;
  readonly units: number;
  /** The other portfolio; `undefined`: the world outside. */
  readonly otherPortfolioId: number | undefined;
  readonly note: string;
  readonly atMs: number;
}

/** Users' portfolios as the venue's facts tell of them. Who learns the facts anew has it all again. */
export class PortfolioBook {
  private readonly infos = new Map<number, PortfolioInfo>();
  private readonly byUser = new Map<number, number[]>();
  private readonly holdings = new Map<number, Holding>();
  private readonly holdingsByPortfolio = new Map<number, Set<Holding>>();
  private readonly transfers = new Map<number, TransferView[]>();
  private lastHoldingId = 0;

  /** @param atMs when the fact was written */
  apply(event: VenueEvent, atMs: number): void {
    switch (event.kind) {
      case 'PortfolioOpened': {
        const { portfolioId, userId, portfolioKind: kind, name, title, description } = event;
        if (userId === 0) return;
        this.infos.set(portfolioId, {
          portfolioId,
          userId,
          kind,
          name,
          title: title ?? name,
          description: description ?? '',
          currency: event.currency,
          createdMs: atMs,
          isClosed: false,
        });
        entry(this.byUser, userId, () => [] as number[]).push(portfolioId);
        return;
      }
      case 'PortfolioEdited':
        this.change(event.portfolioId, event);
        return;
      case 'PortfolioClosed':
        this.close(event, atMs);
        return;
      case 'FundsDeposited':
        this.noteTransfer(
          { ...event, fromPortfolioId: VENUE_PORTFOLIO_ID, toPortfolioId: event.portfolioId },
          '',
          atMs,
        );
        return;
      case 'FundsTransferred':
        this.noteTransfer(event, event.note, atMs);
        return;
      case 'HoldingRecorded': {
        const { kind, ...fields } = event;
        const holding = { ...fields, recordedMs: atMs };
        this.holdings.set(holding.holdingId, holding);
        entry(this.holdingsByPortfolio, holding.portfolioId, newSet).add(holding);
        this.lastHoldingId = Math.max(this.lastHoldingId, holding.holdingId);
        return;
      }
      case 'HoldingRemoved':
        this.forget(event.holdingId);
        return;
      default:
    }
  }

  info(portfolioId: number): PortfolioInfo | undefined {
    return this.infos.get(portfolioId);
  }

  /** The user's portfolios that are not closed, oldest first. */
  of(userId: number): PortfolioInfo[] {
    return (this.byUser.get(userId) ?? [])
      .map((id) => this.infos.get(id))
      .filter((info) => info !== undefined)
      .filter(({ isClosed }) => !isClosed);
  }

  /** All of the user's portfolios, also those closed. */
  idsOf(userId: number): readonly number[] {
    return this.byUser.get(userId) ?? [];
  }

  holding(holdingId: number): Holding | undefined {
    return this.holdings.get(holdingId);
  }

  /** Oldest first. */
  holdingsOf(portfolioId: number): Holding[] {
    return [...(this.holdingsByPortfolio.get(portfolioId) ?? [])];
  }

  /** Oldest first. */
  transfersOf(portfolioId: number): readonly TransferView[] {
    return this.transfers.get(portfolioId) ?? [];
  }

  /** The id that the next holding must get; each is given once. */
  takeHoldingId(): number {
    this.lastHoldingId += 1;
    return this.lastHoldingId;
  }

  private change(portfolioId: number, changes: PortfolioChange): void {
    const info = this.infos.get(portfolioId);
    if (info === undefined) return;
    const { title = info.title, description = info.description } = changes;
    const { isClosed = info.isClosed } = changes;
    this.infos.set(portfolioId, { ...info, title, description, isClosed });
  }

  private close(event: VenueEvent & { kind: 'PortfolioClosed' }, atMs: number): void {
    const { portfolioId: fromPortfolioId, toPortfolioId, moved } = event;
    for (const [asset, amountUnits] of moved) {
      const note = 'the portfolio was closed';
      this.noteTransfer({ fromPortfolioId, toPortfolioId, asset, amountUnits }, note, atMs);
    }
    for (const { holdingId } of this.holdingsOf(fromPortfolioId)) this.forget(holdingId);
    this.change(fromPortfolioId, { isClosed: true });
  }

  private forget(holdingId: number): void {
    const holding = this.holdings.get(holdingId);
    if (holding === undefined) return;
    this.holdings.delete(holdingId);
    this.holdingsByPortfolio.get(holding.portfolioId)?.delete(holding);
  }

  private noteTransfer(move: Move, note: string, atMs: number): void {
    const { fromPortfolioId, toPortfolioId, asset, amountUnits } = move;
    const outside = (id: number) => (id === VENUE_PORTFOLIO_ID ? undefined : id);
    for (const [id, other, units] of [
      [fromPortfolioId, toPortfolioId, -amountUnits],
      [toPortfolioId, fromPortfolioId, amountUnits],
    ] as const) {
      if (!this.infos.has(id)) continue;
      const list = entry(this.transfers, id, () => [] as TransferView[]);
      const n = list.length + 1;
      list.push({ n, asset, units, otherPortfolioId: outside(other), note, atMs });
    }
  }
}

type PortfolioChange = Partial<Pick<PortfolioInfo, 'title' | 'description' | 'isClosed'>>;

interface Move {
  readonly fromPortfolioId: number;
  readonly toPortfolioId: number;
  readonly asset: string;
  readonly amountUnits: number;
}

function newSet(): Set<Holding> {
  return new Set();
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
