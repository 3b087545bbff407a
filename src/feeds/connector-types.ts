import type { Dial } from './dial.ts';
import type { FeedRecord, VenueName } from './normalised.ts';
import type { RestCounters, RestLimits } from './rest/client.ts';
import type { FeedChannel, Grids, Subscription } from './venue-adapter.ts';

/** Time and waiting, handed in so that tests need not wait. */
export interface FeedTimers {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Calls once after so many milliseconds. @returns what takes it back */
  after(delayMs: number, call: () => void): () => void;
}

/** Where one exchange is reached, without a slash at the end. */
export interface VenueEndpoints {
  readonly rest: string;
  /** Of the sockets: what stands before `/public`, `/v5/public/linear`, `/ws` … */
  readonly socket: string;
}

/** Whoever runs a connector. Calls come on the thread that runs it, in the order of the frames. */
export interface ConnectorSink {
  /** @param receivedMs our clock, when the frame with it arrived */
  record(record: FeedRecord, receivedMs: number): void;
  /** Every frame as it arrived, before it is read: for recordings. */
  frame?(socketName: string, text: string, receivedMs: number): void;
  /** Something worth a line in a log. */
  notice?(notice: ConnectorNotice): void;
}

export interface ConnectorNotice {
  readonly level: 'info' | 'warn';
  /**
   * Stable: `connected`, `disconnected`, `resync`, `refused`, `off_grid`, `listed`, `unlisted`,
   * `grid_mismatch`, `undescribed`, `poll_failed`.
   */
  readonly code: string;
  readonly venue: VenueName;
  readonly detail: string;
  /** Of `connected` and `disconnected`: what was told meanwhile on this socket was missed. */
  readonly socketName?: string;
}

export interface ConnectorOptions {
  readonly venue: VenueName;
  readonly endpoints: VenueEndpoints;
  /** By the exchange's symbol; a `Market` is a grid. */
  readonly grids: Grids;
  readonly subscriptions: readonly Subscription[];
  readonly sink: ConnectorSink;
  readonly timers: FeedTimers;
  /** Uniform in [0, 1), for the jitter of waits. */
  readonly random: () => number;
  readonly limits?: Partial<FeedLimits>;
  readonly restLimits?: Partial<RestLimits>;
  /** How sockets are dialled and requests made; `undefined`: by `ws` and by Node's `fetch`. */
  readonly dial?: Dial;
  readonly fetch?: typeof fetch;
}

export const FEED_LIMITS: FeedLimits = {
  dialTimeoutMs: 10_000,
  idleMs: 30_000,
  backoffMs: 500,
  backoffMaxMs: 60_000,
  steadyMs: 30_000,
  dialsMax: 30,
  dialWindowMs: 300_000,
  pingMs: 15_000,
  symbolIdleMs: 60_000,
  resyncTimeoutMs: 10_000,
  listingMs: 3_600_000,
  pollMs: 15_000,
};

/** How patient a feed is. All of it in milliseconds but `dialsMax`. */
export interface FeedLimits {
  readonly dialTimeoutMs: number;
  /** A socket without market data for so long is given up, pongs or not. */
  readonly idleMs: number;
  /** The first wait before dialling again, doubled each time … */
  readonly backoffMs: number;
  /** … up to this; half of each wait is chance. */
  readonly backoffMaxMs: number;
  /** Data for so long makes the next failure the first again. */
  readonly steadyMs: number;
  readonly dialsMax: number;
  readonly dialWindowMs: number;
  /** How often the protocol's ping is sent. */
  readonly pingMs: number;
  /** A symbol whose book is silent so long is fetched anew, alone. */
  readonly symbolIdleMs: number;
  /** A book that was asked for anew and has not come after so long is asked for again. */
  readonly resyncTimeoutMs: number;
  /** How often the exchange's list of markets is looked at. */
  readonly listingMs: number;
  /** How often what an exchange only tells over REST is asked for (Binance's open interest). */
  readonly pollMs: number;
}

export interface ConnectorHealth {
  readonly venue: VenueName;
  /** Every socket is up and has brought data within `idleMs`. */
  readonly isFresh: boolean;
  readonly sockets: readonly SocketHealth[];
  readonly staleBooks: readonly string[];
  /** Symbols that the exchange does not have, or no longer. */
  readonly unlisted: readonly string[];
}

export interface SocketHealth {
  readonly name: string;
  readonly state: 'waiting' | 'dialling' | 'open' | 'stopped';
  /** Our clock; `undefined`: never. */
  readonly lastDataMs: number | undefined;
  readonly counters: FeedCounters;
}

/** All of them only rise. */
export interface FeedCounters {
  readonly frames: number;
  readonly bytes: number;
  readonly malformed: number;
  readonly refused: number;
  readonly dials: number;
  readonly dialFailures: number;
  readonly disconnects: number;
  readonly idleDisconnects: number;
  /** Dials that had to wait because `dialsMax` was used up. */
  readonly throttledDials: number;
}

export interface ConnectorCounters {
  readonly gaps: number;
  readonly resyncs: number;
  readonly resyncFailures: number;
  readonly offGrid: number;
  readonly records: Readonly<Record<FeedChannel, number>>;
  readonly rest: Readonly<RestCounters>;
}
