/**
 * Facts of the venue itself: who it knows, which markets it lists, whose money is where. They lie
 * in the journal as JSON records of market 0, in their own dense sequence.
 */
export type VenueEvent = MarketListed | PortfolioOpened | FundsDeposited | IdentityEvent;

/**
 * A market's terms. The numbers in the journal mean nothing without them, so a start with other
 * units is refused; other fees list the market anew, and hold from there on.
 */
export interface MarketListed {
  readonly kind: 'MarketListed';
  readonly marketId: number;
  readonly exchange: string;
  readonly symbol: string;
  readonly base: string;
  readonly baseDecimals: number;
  readonly quote: string;
  readonly quoteDecimals: number;
  readonly tickUnits: number;
  readonly priceDecimals: number;
  readonly lotUnits: number;
  readonly qtyDecimals: number;
  readonly quoteUnitsPerTickLot: number;
  readonly baseUnitsPerLot: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
}

/**
 * `cash` portfolios never go negative: orders hold what they may cost. `external` ones stand for
 * the world outside (the venue's own account, simulated traders, recorded orders) and may.
 */
export type PortfolioKind = 'cash' | 'external';

export interface PortfolioOpened {
  readonly kind: 'PortfolioOpened';
  readonly portfolioId: number;
  /** 0 for the venue's own and for simulated traders. */
  readonly userId: number;
  readonly portfolioKind: PortfolioKind;
  readonly name: string;
}

/** Money or assets came in from outside: the venue's own portfolio is debited. */
export interface FundsDeposited {
  readonly kind: 'FundsDeposited';
  readonly portfolioId: number;
  readonly asset: string;
  /** Smallest units of the asset. */
  readonly amountUnits: number;
}

/** Rights of a user or a credential; a higher one implies the lower. */
export type Scope = 'read' | 'write' | 'admin';

export interface UserRegistered {
  readonly kind: 'UserRegistered';
  /** Positive and dense. */
  readonly userId: number;
  readonly username: string;
  /** Argon2id in PHC form. */
  readonly passwordHash: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since the Unix epoch, whole. */
  readonly atMs: number;
}

export interface PasswordChanged {
  readonly kind: 'PasswordChanged';
  readonly userId: number;
  readonly passwordHash: string;
  readonly atMs: number;
}

/** Facts about users. */
export type IdentityEvent = UserRegistered | PasswordChanged;
