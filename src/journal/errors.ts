/** The journal cannot be opened as it is; the message says what to do about it. */
export class JournalOpenError extends Error {
  override readonly name = 'JournalOpenError';
}

/** Where in the journal something is wrong. */
export interface JournalPlace {
  readonly batch: number;
  /** Offset in the batch's value, its header included; 0 where the whole batch is meant. */
  readonly byteOffset: number;
  /** Market of the frame concerned, where it is about a sequence. */
  readonly marketId?: number;
  readonly expectedSeq?: number;
  readonly foundSeq?: number;
}

/** What was written cannot be read back as it must be: stored bytes changed, or a bug of ours. */
export class JournalCorruptError extends Error {
  override readonly name = 'JournalCorruptError';
  readonly reason: string;
  readonly place: JournalPlace;

  constructor(reason: string, place: JournalPlace) {
    const { batch, byteOffset, marketId, expectedSeq, foundSeq } = place;
    const market = marketId === undefined ? '' : `, market ${marketId}`;
    const seqs = expectedSeq === undefined ? '' : `, expected seq ${expectedSeq}, got ${foundSeq}`;
    super(`journal batch ${batch}, byte ${byteOffset}${market}${seqs}: ${reason}`);
    this.reason = reason;
    this.place = place;
  }
}
