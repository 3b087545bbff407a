import type { TSchema } from 'typebox';

/**
 * Who may listen: anyone; who proves within five seconds who it is, else the socket closes with
 * 4401; or anyone to what is everybody's, and with a login to what is one's own.
 */
type SocketAuth = 'public' | 'required' | 'required_for_own';

/** A message that goes over a socket, as its documents tell it. */
export interface SocketMessage {
  /** Distinct among what the socket sends, and among what it takes: `subscribe`, `bookDelta`. */
  readonly name: string;
  readonly summary: string;
  readonly schema: TSchema;
}

/** A WebSocket path as its documents tell it: what the server mounts, and what tests go through. */
export interface SocketPath {
  /** Label in metrics; distinct among all paths of the server. */
  readonly name: string;
  /** URL path; `{name}` stands for one segment. */
  readonly path: string;
  readonly summary: string;
  readonly auth: SocketAuth;
  /** An address that is served, where the path alone is none. */
  readonly example?: string;
  /** What a client may send, one message of every kind. */
  readonly requests: readonly object[];
  /** Parameters of the address. */
  readonly query?: TSchema;
  /** What a client may send, in JSON. */
  readonly takes?: readonly SocketMessage[];
  /** What it is sent, in JSON; the facts in FlatBuffers are the same. */
  readonly sends?: readonly SocketMessage[];
}
