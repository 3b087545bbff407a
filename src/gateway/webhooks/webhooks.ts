import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '../../config/limits.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { WebhookAttempted } from '../../domain/webhook-events.ts';
import { type Clock, isoMillis } from '../../lib/clock.ts';
import { invalidParameter, Refusal } from '../http/refusal.ts';
import { isPublicAddress } from './public-address.ts';
import { send } from './send.ts';
import type { Delivery, Webhook, WebhookState } from './webhook-state.ts';

/** How often a receiver is tried, and how long it is left alone in between. */
export interface RetryPolicy {
  readonly attemptsMax: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const WEBHOOK_RETRY: RetryPolicy = {
  attemptsMax: 10,
  firstPauseMs: 1_000,
  longestPauseMs: 600_000,
};

export interface WebhookParts {
  readonly state: WebhookState;
  readonly clock: Clock;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  /** Makes a new secret. */
  readonly newSecret: () => string;
  /** Encrypts a receiver's secret, and reads it again. */
  readonly seal: (name: string, secret: string) => string;
  readonly unseal: (name: string, sealed: string) => string;
  /** True where receivers may have addresses that are not public. */
  readonly allowPrivate: boolean;
  readonly retry: RetryPolicy;
  readonly log: { warn(fields: object, message: string): void };
}

export interface WebhookRequest {
  /** The user whose events are told; 0: the venue's own. */
  readonly ownerId: number;
  readonly url: string;
  /** Names of events; empty: all. */
  readonly events: readonly string[];
  readonly description: string;
}

/** Attempts that may be under way at once, over all receivers. */
const SENDS_MAX = 16;
const BODY_BYTES_MAX = 16 * 1024;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Tells others of events over HTTP. An event is durable as a delivery before anybody is told, and so is
 * the outcome of each attempt: after a crash what was not known to be told is told again, under the
 * same id.
 */
export class Webhooks {
  /** Notifications that found a receiver with too many waiting. */
  dropped = 0;
  private readonly parts: WebhookParts;
  private readonly sending = new Set<number>();
  private readonly stopping = new AbortController();
  private readonly waiting = new Map<number, ((delivered: boolean) => void)[]>();
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(parts: WebhookParts) {
    this.parts = parts;
  }

  /** Begins to send; what a former run has left goes first. */
  start(): void {
    this.running = true;
    this.arm();
  }

  /** Attempts under way are given up, and made again after the next start. */
  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.stopping.abort();
    for (const tell of [...this.waiting.values()].flat()) tell(false);
    this.waiting.clear();
  }

  get pending(): number {
    return this.parts.state.pending().length;
  }

  list(ownerId: number): Webhook[] {
    return this.parts.state.hooksOf(ownerId);
  }

  /** Newest first. */
  deliveries(webhookId: number, limit: number): Delivery[] {
    return this.parts.state.deliveriesOf(webhookId, limit);
  }

  /** The secret is shown this once. */
  async register(
    { ownerId, url, events, description }: WebhookRequest,
    byUserId: number,
  ): Promise<{ hook: Webhook; secret: string } | Refusal> {
    const { state, record, seal, newSecret } = this.parts;
    const problem = this.urlProblem(url);
    if (problem !== undefined) return invalidParameter('url', url, problem);
    if (state.hooksOf(ownerId).length >= LIMITS.webhooksPerOwner)
      return tooManyWebhooks('of one owner');
    if (state.hookCount >= LIMITS.webhooks) return tooManyWebhooks('on this venue');
    const webhookId = state.takeWebhookId();
    const secret = newSecret();
    const sealedSecret = seal(sealName(webhookId), secret);
    const facts = { webhookId, ownerId, url, events: [...new Set(events)], description };
    const atMs = this.nowMs();
    await record({ kind: 'WebhookRegistered', ...facts, sealedSecret, byUserId, atMs });
    const hook = state.hook(webhookId);
    if (hook === undefined) throw new Error('a durable receiver is known');
    return { hook, secret };
  }

  /** What waits for the receiver is dropped. @returns the receiver, `undefined` if there is none */
  async remove(webhookId: number, ownerId: number, byUserId: number): Promise<Webhook | undefined> {
    const { state, record } = this.parts;
    const hook = state.hook(webhookId);
    if (hook === undefined || hook.ownerId !== ownerId) return undefined;
    await record({ kind: 'WebhookRemoved', webhookId, byUserId, atMs: this.nowMs() });
    return hook;
  }

  /**
   * Queues an event for every receiver of its owner that wants it; resolves when that is durable.
   * @param event lower case with dots: `trading.paused`
   * @param ownerId the user it concerns; 0: the venue's own event
   * @returns how many receivers will be told
   */
  async notify(event: string, payload: object, ownerId = 0): Promise<number> {
    return (await this.queue(event, payload, ownerId)).length;
  }

  /** The same, and waits until one was told. @returns false when none was within the time */
  async notifyAndWait(event: string, payload: object, timeoutMs: number): Promise<boolean> {
    const ids = await this.queue(event, payload, 0);
    if (ids.length === 0) return false;
    return new Promise((resolve) => {
      let left = ids.length;
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const told = (delivered: boolean): void => {
        left -= 1;
        if (!delivered && left > 0) return;
        clearTimeout(timer);
        resolve(delivered);
      };
      for (const id of ids) {
        const status = this.parts.state.delivery(id)?.status;
        if (status === 'delivered' || status === 'failed') told(status === 'delivered');
        else this.waiting.set(id, [...(this.waiting.get(id) ?? []), told]);
      }
    });
  }

  private async queue(event: string, payload: object, ownerId: number): Promise<number[]> {
    const { state, record, log } = this.parts;
    const atMs = this.nowMs();
    const wanted = state
      .hooksOf(ownerId)
      .filter(({ events }) => events.length === 0 || events.includes(event));
    const ids: number[] = [];
    const written: Promise<void>[] = [];
    for (const { webhookId } of wanted) {
      if (state.pendingOf(webhookId) >= LIMITS.webhookDeliveriesWaiting) {
        this.dropped += 1;
        log.warn({ webhookId, event }, 'a webhook has too many events waiting: one was dropped');
        continue;
      }
      const deliveryId = state.takeDeliveryId();
      const body = bodyOf(deliveryId, event, atMs, payload);
      written.push(record({ kind: 'WebhookQueued', deliveryId, webhookId, event, body, atMs }));
      ids.push(deliveryId);
    }
    await Promise.all(written);
    if (ids.length > 0) this.arm();
    return ids;
  }

  private arm(): void {
    clearTimeout(this.timer);
    if (!this.running) return;
    const dueMs = this.parts.state
      .pending()
      .filter(({ deliveryId }) => !this.sending.has(deliveryId))
      .reduce((earliest, { nextAtMs }) => Math.min(earliest, nextAtMs), Number.POSITIVE_INFINITY);
    if (dueMs === Number.POSITIVE_INFINITY || this.sending.size >= SENDS_MAX) return;
    const waitMs = Math.max(0, Math.ceil(dueMs - this.nowMs()));
    this.timer = setTimeout(() => this.sendDue(), Math.min(waitMs, LONGEST_TIMER_MS));
    this.timer.unref();
  }

  private sendDue(): void {
    const nowMs = this.nowMs();
    for (const delivery of this.parts.state.pending()) {
      if (this.sending.size >= SENDS_MAX) break;
      if (delivery.nextAtMs > nowMs || this.sending.has(delivery.deliveryId)) continue;
      this.sending.add(delivery.deliveryId);
      void this.attempt(delivery).finally(() => {
        this.sending.delete(delivery.deliveryId);
        this.arm();
      });
    }
    this.arm();
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const { state, record, unseal, allowPrivate, log } = this.parts;
    const { webhookId, deliveryId, event, body, attempts } = delivery;
    const hook = state.hook(webhookId);
    if (hook === undefined) return;
    const attempt = attempts + 1;
    let status = 0;
    let error = '';
    try {
      status = await send({
        url: hook.url,
        secret: unseal(sealName(webhookId), hook.sealedSecret),
        event,
        deliveryId: deliveryName(deliveryId),
        attempt,
        timestampSeconds: Math.floor(this.nowMs() / 1000),
        body,
        allowPrivate,
        signal: this.stopping.signal,
      });
      if (status < 200 || status > 299) error = `the receiver answered ${status}`;
    } catch (thrown) {
      error = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200);
    }
    // What was cut off by a stop is not known to have failed: it is tried again.
    if (this.stopping.signal.aborted && error !== '') return;
    const outcome = this.outcomeOf(attempt, error);
    const atMs = this.nowMs();
    const nextAtMs = outcome === 'retry' ? atMs + this.pauseMs(attempt) : 0;
    const facts = { deliveryId, attempt, status, error, outcome, nextAtMs, atMs };
    try {
      await record({ kind: 'WebhookAttempted', ...facts });
    } catch (failure) {
      log.warn({ err: failure, deliveryId }, 'the outcome of a webhook was not written down');
      // It still counts as due: not at once again, if the journal only was busy.
      await sleep(this.parts.retry.firstPauseMs, undefined, { ref: false });
    }
    if (outcome !== 'retry') this.finished(deliveryId, outcome === 'delivered');
  }

  private finished(deliveryId: number, delivered: boolean): void {
    for (const tell of this.waiting.get(deliveryId) ?? []) tell(delivered);
    this.waiting.delete(deliveryId);
  }

  private outcomeOf(attempt: number, error: string): WebhookAttempted['outcome'] {
    if (error === '') return 'delivered';
    return attempt < this.parts.retry.attemptsMax ? 'retry' : 'failed';
  }

  private pauseMs(attempt: number): number {
    const { firstPauseMs, longestPauseMs } = this.parts.retry;
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  }

  private urlProblem(url: string): string | undefined {
    if (!URL.canParse(url)) return 'is no URL';
    const { protocol, hostname, username, password } = new URL(url);
    if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https:// or http://';
    if (username !== '' || password !== '') return 'must not hold credentials';
    if (this.parts.allowPrivate) return undefined;
    const host = hostname.replace(/^\[|\]$/g, '');
    const isLocalName = /(^|\.)(localhost|local|internal)\.?$/i.test(host);
    if (isLocalName || (isIP(host) !== 0 && !isPublicAddress(host))) {
      return 'must lead to a public address';
    }
    return undefined;
  }

  private nowMs(): number {
    return Math.floor(this.parts.clock.nowMs());
  }
}

/** As receivers see it. */
export function deliveryName(deliveryId: number): string {
  return `del_${deliveryId}`;
}

/** What a receiver's secret is sealed for. */
function sealName(webhookId: number): string {
  return `webhook/${webhookId}`;
}

function bodyOf(deliveryId: number, event: string, atMs: number, data: object): string {
  const created_at = isoMillis(Math.floor(atMs / 1000), (atMs % 1000) * 1_000_000);
  const head = { id: deliveryName(deliveryId), event, created_at };
  const body = JSON.stringify({ ...head, data });
  if (Buffer.byteLength(body) <= BODY_BYTES_MAX) return body;
  return JSON.stringify({ ...head, data: { truncated: true } });
}

/** There is no room for another receiver. @param whose of one owner, or on this venue */
export function tooManyWebhooks(whose: string): Refusal {
  return new Refusal(
    'conflict',
    'TOO_MANY_WEBHOOKS',
    `There are as many webhooks ${whose} as may be.`,
  );
}
