import type { JobKind } from './job-kind.ts';

/** Text of an RSS, Atom, RDF or JSON feed. */
export interface FeedText {
  readonly text: string;
  /** Entries wanted, the first of the feed. */
  readonly entriesMax: number;
}

export interface FeedEntry {
  readonly title: string;
  readonly url: string | null;
  /** Milliseconds since the Unix epoch; `null` where the feed does not tell. */
  readonly publishedAtMs: number | null;
}

export interface ParsedFeed {
  /** `null` where the feed has none. */
  readonly title: string | null;
  readonly entries: readonly FeedEntry[];
}

/** Reading a feed, which is other people's XML: beside the gateway. `null`: it is no feed. */
export const PARSE_FEED: JobKind<FeedText, ParsedFeed | null> = {
  name: 'parse-feed',
  file: new URL('../../workers/jobs/parse-feed.js', import.meta.url),
};
