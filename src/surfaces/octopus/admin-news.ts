import type { MarketRegistry } from '../../config/markets.ts';
import { PHASE_NAMES } from '../../domain/orders.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';

/** What was done, and who is to hear of it: everybody, administrators, or one user by id. */
export interface AdminNews {
  readonly to: 'everybody' | 'administrators' | number;
  /** Lower case with dots. */
  readonly event: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * What of the venue's facts is news to somebody: markets put into a phase, changes of one's account
 * and keys, what administrators did. Nothing secret is in it.
 * @param keyOwner whose API key it is
 */
export function adminNews(
  event: VenueEvent,
  markets: MarketRegistry,
  keyOwner: (key: string) => number | undefined,
): AdminNews | undefined {
  switch (event.kind) {
    case 'PhaseOrdered': {
      const market = markets.get(event.marketId);
      if (market === undefined) return undefined;
      const { symbol, exchange } = market;
      const details = { symbol, exchange, phase: PHASE_NAMES[event.phase] };
      return { to: 'everybody', event: 'market.phase', details };
    }
    case 'PasswordChanged':
      return { to: event.userId, event: 'account.password_changed', details: {} };
    case 'UserSwitched': {
      const what = event.disabled ? 'account.disabled' : 'account.enabled';
      return { to: event.userId, event: what, details: {} };
    }
    case 'AccountLocked': {
      const details = { locked_until: new Date(event.untilMs).toISOString() };
      return { to: event.userId, event: 'account.locked', details };
    }
    case 'ApiKeyCreated':
      return { to: event.userId, event: 'api_key.created', details: { key: event.key } };
    case 'ApiKeyRotated':
    case 'ApiKeyRevoked': {
      const owner = keyOwner(event.key);
      const what = event.kind === 'ApiKeyRotated' ? 'api_key.rotated' : 'api_key.revoked';
      return owner === undefined
        ? undefined
        : { to: owner, event: what, details: { key: event.key } };
    }
    case 'UserRegistered': {
      const details = { user_id: event.publicId, username: event.username };
      return { to: 'administrators', event: 'user.registered', details };
    }
    case 'AdminActed':
      return { to: 'administrators', event: event.action, details: { details: event.details } };
    default:
      return undefined;
  }
}
