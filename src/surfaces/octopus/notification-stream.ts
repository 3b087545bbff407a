import type { MarketRegistry } from '../../config/markets.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Alert } from '../../gateway/alerts/alert-book.ts';
import type { UserFill } from '../../gateway/user-fills.ts';
import { hasScope, type Principal } from '../../identity/principal.ts';
import { isoMillis } from '../../lib/clock.ts';
import { type AdminNews, adminNews } from './admin-news.ts';
import { firingToWire } from './alert-wire.ts';
import { fillToWire } from './order-wire.ts';
import type { PrivateSession } from './private-session.ts';
import { PrivateStream, type PrivateStreamParts } from './private-stream.ts';
import { SOCKETS } from './sockets.ts';

const EVERYBODY = 'octopus/notifications/all';
const ADMINISTRATORS = 'octopus/notifications/admin';

export interface NotificationStreamParts extends PrivateStreamParts {
  readonly markets: MarketRegistry;
  /** Whose API key it is. */
  readonly keyOwner: (key: string) => number | undefined;
}

/**
 * `/ws/notifications`: the caller's fills and alerts, what happened to the caller's account, and what
 * administrators do that concerns everybody.
 */
export class NotificationStream extends PrivateStream {
  private readonly markets: MarketRegistry;
  private readonly keyOwner: NotificationStreamParts['keyOwner'];

  constructor(parts: NotificationStreamParts) {
    super(SOCKETS.notifications, parts);
    this.markets = parts.markets;
    this.keyOwner = parts.keyOwner;
  }

  admit(session: PrivateSession, { userId, scopes }: Principal): undefined {
    session.tell({ type: 'subscribed', channel: 'notifications' });
    session.socket.subscribe(topicOf(userId));
    session.socket.subscribe(EVERYBODY);
    if (hasScope(scopes, 'admin')) session.socket.subscribe(ADMINISTRATORS);
  }

  onFill(fill: UserFill): void {
    this.publishTo(topicOf(fill.userId), () => ({ type: 'fill', ...fillToWire(fill) }));
  }

  /** An alert has fired, and that is durable. */
  onAlert(alert: Alert, value: number, atMs: number): void {
    this.publishTo(topicOf(alert.userId), () => firingToWire(this.markets, alert, value, atMs));
  }

  onVenueEvent(event: VenueEvent): void {
    const news = adminNews(event, this.markets, this.keyOwner);
    if (news === undefined) return;
    this.publishTo(this.topicOf(news), () => {
      const { clock } = this.parts;
      clock.tick();
      const timestamp = isoMillis(clock.seconds, clock.nanos);
      return { type: 'admin_event', event: news.event, ...news.details, timestamp };
    });
  }

  private topicOf({ to }: AdminNews): string {
    if (to === 'everybody') return EVERYBODY;
    return to === 'administrators' ? ADMINISTRATORS : topicOf(to);
  }
}

function topicOf(userId: number): string {
  return `octopus/notifications/user/${userId}`;
}
