import type { IdentityEvent } from '../domain/venue-events.ts';

export type { IdentityEvent, UserRegistered } from '../domain/venue-events.ts';

/** Makes an event durable; resolves once it is. */
export type RecordIdentityEvent = (event: IdentityEvent) => Promise<void>;
