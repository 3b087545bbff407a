import type { UserFill } from '../../gateway/user-fills.ts';
import type { OrderView } from '../../gateway/venue.ts';
import type { Principal } from '../../identity/principal.ts';
import { fillToWire, orderToWire } from './order-wire.ts';
import type { PrivateSession } from './private-session.ts';
import { PrivateStream, type PrivateStreamParts } from './private-stream.ts';
import { SOCKETS } from './sockets.ts';

/**
 * `/ws/trading`: every fill and every change of the caller's orders, in all portfolios. A fill is told
 * before the state that it leaves its order in.
 */
export class TradingStream extends PrivateStream {
  /** Messages by user since the process started, heard or not: a gap means that some were missed. */
  private readonly sequences = new Map<number, number>();

  constructor(parts: PrivateStreamParts) {
    super(SOCKETS.trading, parts);
  }

  admit(session: PrivateSession, { userId }: Principal): undefined {
    const sequence = this.sequences.get(userId) ?? 0;
    session.tell({ type: 'subscribed', channel: 'trading', sequence });
    session.socket.subscribe(topicOf(userId));
  }

  onOrder(userId: number, order: OrderView): void {
    const sequence = this.next(userId);
    this.publishTo(topicOf(userId), () => {
      const wire = orderToWire(order);
      const { status: event, updated_at: timestamp } = wire;
      return { type: 'order', event, order: wire, timestamp, sequence };
    });
  }

  onFill(fill: UserFill): void {
    const sequence = this.next(fill.userId);
    this.publishTo(topicOf(fill.userId), () => {
      return { type: 'execution', ...fillToWire(fill), sequence };
    });
  }

  private next(userId: number): number {
    const sequence = (this.sequences.get(userId) ?? 0) + 1;
    this.sequences.set(userId, sequence);
    return sequence;
  }
}

function topicOf(userId: number): string {
  return `octopus/trading/${userId}`;
}
