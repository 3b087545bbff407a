import { STATUS_FILLED } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { Submission } from './command-gate.ts';
import type { LinkedRequest, OrderReply, OrderView, PlaceRequest } from './venue.ts';

export interface LinkedPlacementParts {
  readonly place: (request: PlaceRequest, done: (reply: OrderReply) => void) => Submission;
  /** An order as far as is durable. */
  readonly order: (orderId: number) => OrderView | undefined;
}

/**
 * Follows a set of orders that were placed together until each has its outcome. A parent that finds
 * its counterparty at once is gone when its children arrive, and the book refuses them; but that is
 * what they waited for, so they are placed anew, as orders that wait for nobody.
 */
export class LinkedPlacement {
  private readonly parts: LinkedPlacementParts;
  private readonly requests: readonly LinkedRequest[];
  private readonly done: (replies: OrderReply[]) => void;
  /** The newest order of each request. */
  private readonly orderIds: number[];
  private readonly replies: OrderReply[] = [];
  private waiting: number;

  constructor(
    parts: LinkedPlacementParts,
    requests: readonly LinkedRequest[],
    submissions: readonly Submission[],
    done: (replies: OrderReply[]) => void,
  ) {
    this.parts = parts;
    this.requests = requests;
    this.orderIds = submissions.map(({ orderId }) => orderId);
    this.waiting = requests.length;
    this.done = done;
  }

  /** The outcome of the request in this place. Replies come in the order of the requests. */
  answered(at: number, reply: OrderReply): void {
    const { childOf, ocoOf, request } = this.requests[at];
    if (reply.code === C.LINKED_ORDER_GONE && childOf >= 0 && this.hasTraded(childOf)) {
      const anew = ocoOf < 0 ? request : { ...request, ocoOrderId: this.orderIds[ocoOf] };
      const submission = this.parts.place(anew, (second) => this.take(at, second));
      if (submission.code === C.OK) this.orderIds[at] = submission.orderId;
      return;
    }
    this.take(at, reply);
  }

  private take(at: number, reply: OrderReply): void {
    this.replies[at] = reply;
    this.waiting -= 1;
    if (this.waiting === 0) this.done(this.replies);
  }

  private hasTraded(at: number): boolean {
    return this.parts.order(this.orderIds[at])?.status === STATUS_FILLED;
  }
}
