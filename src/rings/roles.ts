/**
 * Who reads an event ring, by reader number. The journal reads what is published; everyone else
 * reads only what the journal has released, which is what is durable.
 */
export const READER_JOURNAL = 0;
export const READER_GATEWAY = 1;
/** The first in-process session (simulator, replay, strategies); each has a reader number of its own. */
export const READER_SESSION = 2;

/** What an in-process session's worker is given: the same door as every client, without a socket. */
export interface SessionWiring {
  readonly sessionId: number;
  /** Session → gateway: command records; the gateway holds, resolves client ids and submits. */
  readonly requestRing: SharedArrayBuffer;
  /** Number of the session's reader in each event ring: `READER_SESSION` and above. */
  readonly reader: number;
  /** Every market worker's event ring; the session reads behind the journal. */
  readonly eventRings: readonly SharedArrayBuffer[];
  /** Number of readers of each event ring. */
  readonly eventRingReaders: number;
  /** Rung after publishing requests. */
  readonly gatewayBell: SharedArrayBuffer;
  /** The session's own bell; the journal rings it when something became durable. */
  readonly sessionBell: SharedArrayBuffer;
  /** The session's own stop and mail words. */
  readonly control: SharedArrayBuffer;
}
