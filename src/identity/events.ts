import type { IdentityEvent, Origin } from '../domain/identity-events.ts';

export type * from '../domain/identity-events.ts';

/** Makes an event durable; resolves once it is, and rejects when that can no longer happen. */
export type RecordIdentityEvent = (event: IdentityEvent) => Promise<void>;

type WithoutStamp<T> = T extends IdentityEvent ? Omit<T, 'n' | 'atMs' | 'origin'> : never;

/** An event before it got its number, time and origin. */
export type IdentityFacts = WithoutStamp<IdentityEvent>;

/** Who knocks: what limits and the audit trail know of a caller before any credential. */
export interface Client {
  readonly address: string;
  /** The address as limits count it: of IPv6 the network. */
  readonly network: string;
  readonly requestId: string;
}

/** The command line and the venue itself. */
export const NO_CLIENT: Client = { address: '', network: '', requestId: '' };

export function originOf(client: Client, byUserId: number): Origin {
  return { address: client.address, requestId: client.requestId, byUserId };
}
