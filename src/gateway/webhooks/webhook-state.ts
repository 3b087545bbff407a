import type { VenueEvent } from '../../domain/venue-events.ts';
import type {
  WebhookAttempted,
  WebhookQueued,
  WebhookRegistered,
} from '../../domain/webhook-events.ts';

/** Deliveries that have come to their end are remembered, the newest of each receiver. */
const FINISHED_KEPT = 200;

export interface Webhook extends Omit<WebhookRegistered, 'kind'> {}

/** One event on its way to one receiver, or what became of it. */
export interface Delivery extends Omit<WebhookQueued, 'kind'> {
  /** Attempts that have come to their end. */
  readonly attempts: number;
  readonly status: 'pending' | 'delivered' | 'failed';
  /** Of the newest attempt: the receiver's status, 0 without a reply. */
  readonly httpStatus: number;
  readonly error: string;
  /** When the next attempt is due; 0 after the last. */
  readonly nextAtMs: number;
  /** Of the newest attempt, else of the event. */
  readonly updatedMs: number;
}

export interface WebhooksImage {
  readonly lastDeliveryId: number;
  readonly deliveries: readonly Delivery[];
}

/**
 * Who wants to be told, and what has not been told yet: from facts and entries of the journal alone,
 * kept by recovery, snapshots and the live drain alike.
 */
export class WebhookState {
  private readonly hooks = new Map<number, Webhook>();
  /** All that are pending and some that are not, oldest first. */
  private readonly deliveries = new Map<number, Delivery>();
  /** By receiver: ids of finished deliveries, oldest first. */
  private readonly finished = new Map<number, number[]>();
  private lastWebhookId = 0;
  private lastDeliveryId = 0;

  learn(event: VenueEvent): void {
    switch (event.kind) {
      case 'WebhookRegistered': {
        const { kind: _, ...hook } = event;
        this.hooks.set(hook.webhookId, hook);
        this.lastWebhookId = Math.max(this.lastWebhookId, hook.webhookId);
        return;
      }
      case 'WebhookRemoved':
        this.forget(event.webhookId);
        return;
      case 'WebhookQueued':
        this.queued(event);
        return;
      case 'WebhookAttempted':
        this.attempted(event);
        return;
      default:
    }
  }

  /** An id that no receiver has had. */
  takeWebhookId(): number {
    this.lastWebhookId += 1;
    return this.lastWebhookId;
  }

  /** An id that no delivery has had. */
  takeDeliveryId(): number {
    this.lastDeliveryId += 1;
    return this.lastDeliveryId;
  }

  hook(webhookId: number): Webhook | undefined {
    return this.hooks.get(webhookId);
  }

  /** Oldest first. */
  hooksOf(ownerId: number): Webhook[] {
    return [...this.hooks.values()].filter((hook) => hook.ownerId === ownerId);
  }

  get hookCount(): number {
    return this.hooks.size;
  }

  delivery(deliveryId: number): Delivery | undefined {
    return this.deliveries.get(deliveryId);
  }

  /** Oldest first. */
  pending(): Delivery[] {
    return [...this.deliveries.values()].filter(({ status }) => status === 'pending');
  }

  pendingOf(webhookId: number): number {
    return this.pending().filter((one) => one.webhookId === webhookId).length;
  }

  /** Newest first. */
  deliveriesOf(webhookId: number, limit: number): Delivery[] {
    const own = [...this.deliveries.values()].filter((one) => one.webhookId === webhookId);
    return own.slice(-limit).reverse();
  }

  image(): WebhooksImage {
    return { lastDeliveryId: this.lastDeliveryId, deliveries: [...this.deliveries.values()] };
  }

  /** Takes over what a snapshot says; the facts before it were learnt already. */
  restore({ lastDeliveryId, deliveries }: WebhooksImage): void {
    this.lastDeliveryId = lastDeliveryId;
    this.deliveries.clear();
    this.finished.clear();
    for (const delivery of deliveries) {
      this.deliveries.set(delivery.deliveryId, delivery);
      if (delivery.status !== 'pending') this.finish(delivery);
    }
  }

  private queued({ kind: _, ...queued }: WebhookQueued): void {
    this.lastDeliveryId = Math.max(this.lastDeliveryId, queued.deliveryId);
    this.deliveries.set(queued.deliveryId, {
      ...queued,
      attempts: 0,
      status: 'pending',
      httpStatus: 0,
      error: '',
      nextAtMs: queued.atMs,
      updatedMs: queued.atMs,
    });
  }

  private attempted(event: WebhookAttempted): void {
    const { deliveryId, attempt, status: httpStatus, error, outcome, nextAtMs, atMs } = event;
    const former = this.deliveries.get(deliveryId);
    if (former === undefined || former.status !== 'pending') return;
    const status = outcome === 'retry' ? 'pending' : outcome;
    const outcomeNow = { attempts: attempt, httpStatus, error, nextAtMs, updatedMs: atMs };
    const delivery: Delivery = { ...former, ...outcomeNow, status };
    this.deliveries.set(deliveryId, delivery);
    if (status !== 'pending') this.finish(delivery);
  }

  private finish({ webhookId, deliveryId }: Delivery): void {
    const ids = this.finished.get(webhookId) ?? [];
    this.finished.set(webhookId, ids);
    ids.push(deliveryId);
    if (ids.length > FINISHED_KEPT) this.deliveries.delete(ids.shift() as number);
  }

  private forget(webhookId: number): void {
    this.hooks.delete(webhookId);
    this.finished.delete(webhookId);
    for (const [id, delivery] of this.deliveries) {
      if (delivery.webhookId === webhookId) this.deliveries.delete(id);
    }
  }
}
