import { canonicalStream } from '../../src/replay/survey/canonical.ts';
import { createEventRing, MessageFeed } from '../../src/replay/survey/message-feed.ts';
import type { OrderFile } from '../../src/replay/survey/order-file.ts';
import { ReportReader } from '../../src/replay/survey/report-reader.ts';
import { ReportStore } from '../../src/replay/survey/report-store.ts';
import { RingProducer, RingReader } from '../../src/rings/ring.ts';

export interface InProcessSurvey {
  readonly text: string;
  readonly sha256: string;
  readonly counts: Record<string, number>;
  readonly duplicateIds: number;
  readonly feed: MessageFeed;
}

/** The same parts as `openbell replay --format survey` in one thread, which reads whenever it can. */
export function surveyInProcess(file: OrderFile): InProcessSurvey {
  const ring = createEventRing(file);
  const producer = new RingProducer(ring);
  const store = new ReportStore(0);
  const reader = new ReportReader(new RingReader(ring, 0), store);
  const drainAll = (): void => {
    while (reader.drain());
  };
  const feed = new MessageFeed(file, producer, drainAll);
  feed.run(drainAll);
  const pieces: string[] = [];
  const { sha256, counts } = canonicalStream(store, file, (text) => void pieces.push(text));
  return { text: pieces.join(''), sha256, counts, duplicateIds: reader.duplicateIds, feed };
}
