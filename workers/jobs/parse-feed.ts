import { parseFeed } from 'feedsmith';
import { defineJob } from '../../src/jobs/define-job.ts';
import type { FeedText, ParsedFeed } from '../../src/jobs/parse-feed.ts';
import { readFeed } from '../../src/sentiment/read-feed.ts';

export default defineJob<FeedText, ParsedFeed | null>(({ text, entriesMax }) => {
  let parsed: ReturnType<typeof parseFeed>;
  try {
    parsed = parseFeed(text);
  } catch {
    // The library throws at what is no feed of any kind.
    return null;
  }
  return readFeed(parsed, entriesMax);
});
