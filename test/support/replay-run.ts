import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { describeRecording, type Recording } from '../../src/replay/recording.ts';
import { Replay, type ReplayHost, type ReplayOptions } from '../../src/replay/replay-thread.ts';
import type { ReplayReport } from '../../src/replay/report.ts';
import { SessionVenue } from './session-venue.ts';

const folder = mkdtempSync(join(tmpdir(), 'openbell-replay-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Writes LOBSTER messages (and a book file) to a folder that is gone after the tests, and reads them. */
export function lobsterRecording(
  messages: readonly string[],
  book: readonly string[] | null = null,
): Promise<Recording> {
  files += 1;
  const file = join(folder, `test-20120621-${files}.csv`);
  writeFileSync(file, `${messages.join('\n')}\n`);
  const bookFile = book === null ? null : join(folder, `book-${files}.csv`);
  if (bookFile !== null) writeFileSync(bookFile, `${book?.join('\n')}\n`);
  return describeRecording({ format: 'lobster', file, bookFile, symbol: null, from: null });
}

/** Runs a replay against a venue of its own, or a given one. */
export async function replay(
  recording: Recording,
  venue = new SessionVenue(recording.market),
  options: Partial<ReplayOptions> = {},
  host: ReplayHost = venue.host(),
): Promise<ReplayReport> {
  const all = {
    recording,
    portfolioId: 1,
    speed: 'max',
    resumeAfterRequestId: 0,
    ...options,
  } as const;
  const report = await new Replay(all, venue.wiring, host).run();
  return { ...report, state_hash: venue.machine.stateHash() };
}
