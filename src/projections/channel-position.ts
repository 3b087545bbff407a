/**
 * Where one channel of a market stands: the newest event that concerns it, and the newest one that
 * was published. Between publications the two are equal.
 */
export class ChannelPosition {
  /** Market sequence of the newest event of this channel; 0 before the first. */
  seq = 0;
  /** `seq` at the last publication: what the next message says its predecessor was. */
  publishedSeq = 0;
  /** Venue time of that newest event. */
  seconds = 0;
  nanos = 0;
  /** When this process took that event in as durable; 0 for what it found at its start. */
  ingestSeconds = 0;
  ingestNanos = 0;

  get changed(): boolean {
    return this.seq !== this.publishedSeq;
  }

  set(seq: number, seconds: number, nanos: number): void {
    this.seq = seq;
    this.seconds = seconds;
    this.nanos = nanos;
  }
}
