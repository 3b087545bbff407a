import assert from 'node:assert/strict';
import type { RateLimiter } from '../../src/gateway/http/rate-limiter.ts';
import { AuthFailure, type Principal } from '../../src/identity/principal.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { InstantVenue } from './instant-venue.ts';
import { FakeHub, type FakeSocket, PLAIN_REQUEST, StepClock } from './stream-fakes.ts';

const USERS: Readonly<Record<string, Principal>> = {
  alice: { userId: 7, username: 'alice', scopes: ['read', 'write'], credential: 'user:7' },
  bob: { userId: 8, username: 'bob', scopes: ['write'], credential: 'user:8' },
  reader: { userId: 9, username: 'reader', scopes: ['read'], credential: 'user:9' },
};
/** A plain request; tests change a field of it. */
export const ORDER = {
  op: 'order.place',
  id: 1,
  market: 'NASDAQ:AAPL',
  side: 'buy',
  type: 'limit',
  quantity: '100',
  price: '150.50',
};

/** The native stream over a venue without an engine, and users who log in by their names. */
export function orderBench(orderLimiter?: RateLimiter) {
  const venue = new InstantVenue();
  const clock = new StepClock();
  const revoked = new Set<string>();
  const asked: string[] = [];
  const wire = new FakeHub();
  const stream = new NativeStream({
    markets: venue.markets,
    views: new MarketViews(venue.markets.all),
    epoch: 1,
    clock,
    venue,
    orderLimiter,
    authenticate: ({ authorization }) => {
      asked.push(authorization);
      const token = authorization.replace('Bearer ', '');
      if (revoked.has(token)) return new AuthFailure('EXPIRED_TOKEN', 'expired');
      return USERS[token] ?? new AuthFailure('INVALID_CREDENTIALS', 'not valid');
    },
  });
  stream.bind(wire);
  const open = (request: Partial<typeof PLAIN_REQUEST> = {}): FakeSocket => {
    const socket = wire.socket();
    socket.session = stream.open(socket, { ...PLAIN_REQUEST, ...request });
    return socket;
  };
  const loggedIn = (token = 'alice'): FakeSocket => {
    const socket = open();
    assert.equal(socket.answer({ op: 'login', token }).type, 'logged_in');
    return socket;
  };
  return { venue, clock, revoked, asked, stream, open, loggedIn };
}
