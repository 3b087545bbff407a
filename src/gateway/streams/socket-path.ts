/**
 * Who may listen: anyone; who proves within five seconds who it is, else the socket closes with
 * 4401; or anyone to what is everybody's, and with a login to what is one's own.
 */
type SocketAuth = 'public' | 'required' | 'required_for_own';

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
}
