import type { Asset, Market } from '../../domain/markets.ts';
import type { Holding, PortfolioInfo, TransferView } from './portfolio-book.ts';

/**
 * What surfaces see of portfolios as things of their own. Requests resolve when what they ask for is
 * durable and applied, else to a result code; only the end of the journal rejects nothing: it is the
 * code `JOURNAL_UNAVAILABLE`.
 */
export interface PortfolioVenue {
  /** Also of a closed one; `undefined` for a portfolio that is no user's. */
  info(portfolioId: number): PortfolioInfo | undefined;

  /** The user's that are open, oldest first. */
  list(userId: number): readonly PortfolioInfo[];

  /** Assets that count as cash, by name: what a portfolio can be valued in. */
  readonly cashAssets: ReadonlyMap<string, Asset>;

  /** Any asset of the venue by its name. */
  asset(name: string): Asset | undefined;

  /** Oldest first. */
  transfers(portfolioId: number): readonly TransferView[];

  /** What came from elsewhere, oldest first. */
  holdings(portfolioId: number): readonly Holding[];

  holding(holdingId: number): Holding | undefined;

  /**
   * Opens a cash portfolio, with money in it if asked. Codes `TOO_MANY_RECORDS`, `DEPOSITS_CLOSED`,
   * `AMOUNT_TOO_LARGE`.
   */
  create(request: CreatePortfolio): Promise<PortfolioInfo | number>;

  /** Changes title or description. Code `UNKNOWN_PORTFOLIO`. */
  edit(request: EditPortfolio): Promise<PortfolioInfo | number>;

  /**
   * Closes a portfolio for good. Unless it is empty this has to be forced: its orders are cancelled,
   * its balances go to the user's first portfolio, its recorded holdings are forgotten, and the
   * reply tells of all of that. Codes `UNKNOWN_PORTFOLIO`, `PORTFOLIO_NOT_EMPTY`,
   * `PORTFOLIO_IN_USE`, or why an order could not be cancelled.
   */
  close(userId: number, portfolioId: number, force: boolean): Promise<ClosedPortfolio | number>;

  /**
   * Moves an asset between two of the user's portfolios, or between one and the world outside. Codes
   * `UNKNOWN_PORTFOLIO`, `INSUFFICIENT_BALANCE`, `DEPOSITS_CLOSED`, `AMOUNT_TOO_LARGE`.
   */
  transfer(request: TransferRequest): Promise<TransferView | number>;

  /** Records what was bought elsewhere. Codes `UNKNOWN_PORTFOLIO`, `TOO_MANY_RECORDS`. */
  recordHolding(request: RecordHolding): Promise<Holding | number>;

  /** Takes a recorded holding away. Code `UNKNOWN_POSITION`. */
  removeHolding(userId: number, holdingId: number): Promise<Holding | number>;
}

export interface CreatePortfolio {
  readonly userId: number;
  readonly title: string;
  readonly description: string;
  /** One of `cashAssets`. */
  readonly currency: Asset;
  /** Smallest units of the currency; 0: none. */
  readonly initialUnits: number;
}

export interface EditPortfolio {
  readonly userId: number;
  readonly portfolioId: number;
  readonly title: string | undefined;
  readonly description: string | undefined;
}

export interface TransferRequest {
  readonly userId: number;
  /** The portfolio that the reply is about. */
  readonly portfolioId: number;
  /** `undefined`: the world outside. */
  readonly otherPortfolioId: number | undefined;
  readonly direction: 'in' | 'out';
  readonly asset: Asset;
  /** Smallest units, positive. */
  readonly amountUnits: number;
  readonly note: string;
}

export interface RecordHolding {
  readonly userId: number;
  readonly portfolioId: number;
  readonly market: Market;
  readonly qtyLots: number;
  /** What it cost, smallest units of the market's quote asset. */
  readonly costUnits: number;
}

/** What became of a portfolio that was closed. */
export interface ClosedPortfolio {
  readonly info: PortfolioInfo;
  readonly ordersCancelled: number;
  /** Where the balances went. */
  readonly toPortfolioId: number;
  readonly moved: readonly { readonly asset: Asset; readonly units: number }[];
  readonly holdings: readonly Holding[];
}
