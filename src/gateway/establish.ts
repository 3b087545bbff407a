import type { MarketRegistry } from '../config/markets.ts';
import { SettingError, type Settings } from '../config/settings.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import type { Identity } from '../identity/identity.ts';
import { passwordWeakness } from '../identity/password-rules.ts';
import { hasScope } from '../identity/principal.ts';
import { VENUE_PORTFOLIO_ID } from '../ledger/postings.ts';
import { assert } from '../lib/assert.ts';
import { parseScaled } from '../lib/fixed-point.ts';
import { type Accounts, ensurePortfolio } from './accounts.ts';

export interface Foundations {
  readonly accounts: Accounts;
  readonly identity: Identity;
  readonly markets: MarketRegistry;
  readonly settings: Settings;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  /** Tells the person who started the server a line they must see once. */
  readonly announce: (line: string) => void;
  readonly log: { warn(fields: object, message: string): void };
}

const FIRST_PORTFOLIO = 'default';
const INSURANCE_FUND = 'insurance-fund';

/**
 * The facts a venue cannot do without: its own portfolio, its markets' terms, its administrator, and
 * for every user a portfolio with money in it. Each is recorded if it is missing, so a start that was cut off in
 * the middle of this is finished by the next.
 */
export async function establish(foundations: Foundations): Promise<void> {
  const { accounts, identity, markets, settings, record, announce } = foundations;
  const own = await ensurePortfolio(accounts, record, 0, 'external', 'venue');
  assert(own === VENUE_PORTFOLIO_ID, 'the venue opens its own portfolio first');
  for (const listing of accounts.unlisted(markets.all)) await record(listing);
  const fundId = await ensurePortfolio(accounts, record, 0, 'external', INSURANCE_FUND);
  await fund(foundations, fundId, settings.insuranceFund);
  const { adminUsername, adminPassword } = settings;
  const named = identity.state.users.find(adminUsername);
  if (named !== undefined && !hasScope(named.scopes, 'admin')) {
    const why = 'there is a user of this name who is no administrator';
    throw new SettingError(`OPENBELL_ADMIN_USERNAME is "${adminUsername}": ${why}`);
  }
  const admin = await identity.ensureAdmin(adminUsername, adminPassword);
  if (admin.generatedPassword !== null) {
    announce(`administrator ${adminUsername}, password ${admin.generatedPassword}`);
  }
  await identity.recordStart();
  if (adminPassword !== undefined) warnOfWeakPassword(foundations, adminPassword);
  for (const userId of identity.userIds()) await openAccount(foundations, userId);
}

/**
 * A user's first portfolio and, where nothing but simulated markets trades, its opening balances.
 * Resolves when all of it is durable.
 */
export async function openAccount(foundations: Foundations, userId: number): Promise<void> {
  const { accounts, record } = foundations;
  const portfolioId = await ensurePortfolio(accounts, record, userId, 'cash', FIRST_PORTFOLIO);
  await fund(foundations, portfolioId, foundations.settings.openingBalances);
}

/** The portfolio that funding is settled through and that pays what liquidated ones cannot. */
export function insuranceFundId(accounts: Accounts): number | undefined {
  return accounts.portfolioIdByName(0, INSURANCE_FUND);
}

/** The password itself is not in the warning: logs are read by many. */
function warnOfWeakPassword({ settings, log }: Foundations, password: string): void {
  const weakness = passwordWeakness(password, [settings.adminUsername]);
  if (weakness === undefined) return;
  const setting = 'OPENBELL_ADMIN_PASSWORD';
  log.warn({ setting, weakness }, 'THE ADMINISTRATOR HAS A WEAK PASSWORD: anyone may guess it');
}

/** Pays every opening balance in that the portfolio was never paid; nothing where nobody can trade. */
async function fund(
  foundations: Foundations,
  portfolioId: number,
  balances: ReadonlyMap<string, string>,
): Promise<void> {
  const { accounts, markets, settings, record, log } = foundations;
  if (!markets.hasPlayMoney) return;
  const assets = new Map(
    markets.all.flatMap(({ base, quote }) => [base, quote]).map((asset) => [asset.name, asset]),
  );
  for (const [name, amount] of balances) {
    if (accounts.hasDeposit(portfolioId, name)) continue;
    const asset = assets.get(name);
    // A default that names an asset no market here trades (a replay has one market) is no mistake.
    const isChosen = balances === settings.openingBalances && settings.openingBalancesGiven;
    if (asset === undefined && !isChosen) continue;
    const amountUnits = asset === undefined ? undefined : parseScaled(amount, asset.decimals);
    if (amountUnits === undefined) {
      const why = asset === undefined ? 'no market trades it' : `it has ${asset.decimals} decimals`;
      throw new SettingError(`OPENBELL_OPENING_BALANCES has ${name}=${amount}, but ${why}`);
    }
    if (!accounts.hasRoomFor(name, amountUnits)) {
      log.warn({ portfolioId, asset: name }, 'an opening balance was not paid: too much is out');
      continue;
    }
    await record({ kind: 'FundsDeposited', portfolioId, asset: name, amountUnits });
  }
}
