import { ActionSink } from './action-sink.ts';
import type { LevelImage, Step } from './actions.ts';
import { parseBookRow } from './book-file.ts';
import { BookFollower } from './book-follower.ts';
import { addCounts, type Counts, countOne } from './counts.ts';
import { MboEvents, MboParser, type MboRecord } from './databento-mbo.ts';
import { LineSource } from './line-source.ts';
import { newYorkMidnight, parseLobster } from './lobster.ts';
import { LobsterMapping } from './lobster-mapping.ts';
import { MboMapping, tradesContinuously } from './mbo-mapping.ts';
import { QueueBook } from './queue-book.ts';
import type { Recording } from './recording.ts';

/** Rows handed on together: enough to make the cost of an await per batch vanish. */
const ROWS_PER_BATCH = 512;

/** Rows that only built the book the replay starts with. */
const BEFORE_TRADING = 'before_first_continuous_trade';

/**
 * Reads a recording and gives what it asks of the engine, batch by batch. The same files always give
 * the same steps; `resumeAfterRequestId` leaves out those that a former run has done.
 */
export class ActionSource {
  readonly sink: ActionSink;
  /** Rows read so far. */
  rowsRead = 0;
  private readonly recording: Recording;
  private rowsApplied = 0;
  private readonly otherSkips: Counts = {};

  constructor(recording: Recording, resumeAfterRequestId = 0) {
    this.recording = recording;
    this.sink = new ActionSink(new QueueBook(), resumeAfterRequestId);
  }

  /** Levels of the engine's book where a resumed replay goes on. */
  get resumedBook(): readonly LevelImage[] {
    return this.sink.resumedBook;
  }

  /** Rows from which nothing followed, by reason. */
  skippedRows(): Counts {
    const counts: Counts = {};
    addCounts(counts, this.otherSkips);
    addCounts(counts, this.sink.skippedRows);
    return counts;
  }

  steps(): AsyncGenerator<Step[]> {
    return this.recording.format === 'lobster' ? this.lobsterSteps() : this.mboSteps();
  }

  private async *lobsterSteps(): AsyncGenerator<Step[]> {
    const { recording, sink } = this;
    const { priceUnitsPerTick } = recording;
    const midnightSeconds = newYorkMidnight(recording.date);
    const mapping = new LobsterMapping(sink, { priceUnitsPerTick, midnightSeconds });
    const lines = await LineSource.open(recording.file);
    const books = pairsWithBook(recording) ? await LineSource.open(recording.bookFile) : null;
    const follower = new BookFollower(sink, mapping, priceUnitsPerTick, recording.bookDepth);
    try {
      for (;;) {
        const line = lines.take() ?? (await lines.next());
        if (line === undefined) break;
        const message = parseLobster(line);
        this.rowsRead += 1;
        mapping.begin(message, this.rowsRead);
        const bookLine = books === null ? undefined : (books.take() ?? (await books.next()));
        if (bookLine === undefined) {
          mapping.apply(message);
          sink.endRow(null);
        } else {
          const row = parseBookRow(bookLine, priceUnitsPerTick);
          if (this.rowsRead === 1) follower.open(row, message);
          mapping.apply(message);
          follower.follow(row);
        }
        if (this.rowsRead % ROWS_PER_BATCH === 0) yield sink.take();
      }
      yield sink.take();
    } finally {
      lines.close();
      books?.close();
    }
  }

  private async *mboSteps(): AsyncGenerator<Step[]> {
    const { recording, sink } = this;
    const mapping = new MboMapping(sink, recording.priceUnitsPerTick);
    const events = new MboEvents();
    const lines = await LineSource.open(recording.file);
    sink.quiet = recording.from === 'first-continuous-trade';
    const apply = (records: readonly MboRecord[]): void => {
      if (this.rowsApplied === 0 && recording.from === 'pre-open') mapping.call(records[0]);
      this.rowsApplied += records.length;
      if (sink.quiet && tradesContinuously(records)) mapping.placeBook(records);
      mapping.apply(records);
      if (sink.quiet) countOne(this.otherSkips, BEFORE_TRADING, records.length);
    };
    try {
      const parser = new MboParser((await lines.next()) ?? '');
      let instrumentId: string | undefined;
      for (;;) {
        const line = lines.take() ?? (await lines.next());
        if (line === undefined) break;
        this.rowsRead += 1;
        const record = parser.parse(line, this.rowsRead);
        instrumentId ??= record.instrumentId;
        if (record.instrumentId !== instrumentId) {
          countOne(this.otherSkips, 'other_instrument');
          continue;
        }
        for (const records of events.add(record)) apply(records);
        if (this.rowsRead % ROWS_PER_BATCH === 0) yield sink.take();
      }
      apply(events.take());
      yield sink.take();
    } finally {
      lines.close();
    }
  }
}

/** True when row i of the book file is the book after message i; else it is a sequence of states. */
export function pairsWithBook(
  recording: Recording,
): recording is Recording & { readonly bookFile: string } {
  return recording.bookFile !== null && recording.bookRows === recording.rows;
}
