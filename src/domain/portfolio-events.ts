/**
 * What users do with their portfolios beside trading. These are facts: kept for ever and learnt anew
 * at every start.
 */
export type PortfolioEvent =
  | PortfolioEdited
  | PortfolioClosed
  | FundsTransferred
  | HoldingRecorded
  | HoldingRemoved;

/** Another title or description; absent: as before. */
export interface PortfolioEdited {
  readonly kind: 'PortfolioEdited';
  readonly portfolioId: number;
  readonly title?: string;
  readonly description?: string;
}

/**
 * The portfolio takes no more orders and is shown no more. What it still had goes to another one of
 * the same user, in the same fact, so that it is never nowhere.
 */
export interface PortfolioClosed {
  readonly kind: 'PortfolioClosed';
  readonly portfolioId: number;
  readonly toPortfolioId: number;
  /** Smallest units by asset; empty when the portfolio had nothing. */
  readonly moved: readonly (readonly [asset: string, units: number])[];
}

/**
 * An asset went from one portfolio to another. The venue's own portfolio stands for the world outside:
 * what comes from there was paid in, what goes there was paid out.
 */
export interface FundsTransferred {
  readonly kind: 'FundsTransferred';
  readonly fromPortfolioId: number;
  readonly toPortfolioId: number;
  readonly asset: string;
  /** Smallest units of the asset, positive. */
  readonly amountUnits: number;
  /** What the user says of it; `''` for nothing. */
  readonly note: string;
}

/** Something bought elsewhere, which the user wants to see with the rest: no balance changes. */
export interface HoldingRecorded {
  readonly kind: 'HoldingRecorded';
  /** Positive and dense over all users. */
  readonly holdingId: number;
  readonly portfolioId: number;
  readonly marketId: number;
  readonly qtyLots: number;
  /** What it cost, smallest units of the market's quote asset. */
  readonly costUnits: number;
}

export interface HoldingRemoved {
  readonly kind: 'HoldingRemoved';
  readonly holdingId: number;
  readonly portfolioId: number;
}

const KINDS: ReadonlySet<string> = new Set<PortfolioEvent['kind']>([
  'PortfolioEdited',
  'PortfolioClosed',
  'FundsTransferred',
  'HoldingRecorded',
  'HoldingRemoved',
]);

export function isPortfolioEvent(event: { readonly kind: string }): event is PortfolioEvent {
  return KINDS.has(event.kind);
}
