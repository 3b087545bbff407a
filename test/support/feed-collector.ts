import type { FeedRecord, StaleReason } from '../../src/feeds/normalised.ts';
import type { DecoderEvents } from '../../src/feeds/venue-adapter.ts';

/** Keeps everything that a decoder tells. */
export class FeedCollector implements DecoderEvents {
  readonly records: FeedRecord[] = [];
  readonly resyncs: { readonly symbol: string; readonly reason: StaleReason }[] = [];
  readonly refusals: string[] = [];
  readonly offGrids: string[] = [];

  record(record: FeedRecord): void {
    this.records.push(record);
  }

  resync(symbol: string, reason: StaleReason): void {
    this.resyncs.push({ symbol, reason });
  }

  refused(_symbol: string | undefined, detail: string): void {
    this.refusals.push(detail);
  }

  undescribed(symbol: string): void {
    this.refusals.push(`undescribed: ${symbol}`);
  }

  offGrid(symbol: string, text: string): void {
    this.offGrids.push(`${symbol} ${text}`);
  }

  of<Kind extends FeedRecord['kind']>(kind: Kind): Extract<FeedRecord, { kind: Kind }>[] {
    return this.records.filter(
      (each): each is Extract<FeedRecord, { kind: Kind }> => each.kind === kind,
    );
  }

  /** Takes what has been told so far. */
  drain(): FeedRecord[] {
    return this.records.splice(0);
  }
}
