/** Somebody wants to be told of events over HTTP. */
export interface WebhookRegistered {
  readonly kind: 'WebhookRegistered';
  /** Positive and dense. */
  readonly webhookId: number;
  /** The user whose events it is told of; 0: the venue's own. */
  readonly ownerId: number;
  readonly url: string;
  /** Names of events; empty: all of them. */
  readonly events: readonly string[];
  readonly description: string;
  /** The secret that signs, encrypted. */
  readonly sealedSecret: string;
  readonly byUserId: number;
  readonly atMs: number;
}

export interface WebhookRemoved {
  readonly kind: 'WebhookRemoved';
  readonly webhookId: number;
  readonly byUserId: number;
  readonly atMs: number;
}

/** A receiver is to be told; from here on until it was, or was given up. */
export interface WebhookQueued {
  readonly kind: 'WebhookQueued';
  /** Positive and dense: every attempt carries it, so that a receiver knows a repetition. */
  readonly deliveryId: number;
  readonly webhookId: number;
  readonly event: string;
  /** JSON text, as it is sent. */
  readonly body: string;
  readonly atMs: number;
}

/** An attempt to tell a receiver has come to its end. */
export interface WebhookAttempted {
  readonly kind: 'WebhookAttempted';
  readonly deliveryId: number;
  /** From 1. */
  readonly attempt: number;
  /** The receiver's status; 0 when there was no reply. */
  readonly status: number;
  /** What went wrong; `''` when it was delivered. */
  readonly error: string;
  /** `retry`: there will be another attempt. */
  readonly outcome: 'delivered' | 'retry' | 'failed';
  /** When the next one is due; 0 after the last. */
  readonly nextAtMs: number;
  readonly atMs: number;
}

export type WebhookFact = WebhookRegistered | WebhookRemoved;
export type WebhookEntry = WebhookQueued | WebhookAttempted;
export type WebhookEvent = WebhookFact | WebhookEntry;

/** True for an entry, which is no fact that is kept for ever: snapshots hold what is left of it. */
export function isWebhookEntry(event: { readonly kind: string }): event is WebhookEntry {
  return event.kind === 'WebhookQueued' || event.kind === 'WebhookAttempted';
}
