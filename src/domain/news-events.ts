/** Edited news and what people write are scored apart. */
export type NewsChannel = 'news' | 'social';

/**
 * A headline came in. An entry of the journal, like those of margin trading: the newest are in
 * snapshots, older ones go with the journal's batches.
 */
export interface NewsIngested {
  readonly kind: 'NewsIngested';
  /** The same headline of the same source gives the same id. */
  readonly itemId: string;
  readonly channel: NewsChannel;
  /** Name of a feed, or what the one who sent it calls his source. */
  readonly source: string;
  readonly title: string;
  readonly url: string | null;
  /** Milliseconds since the Unix epoch, as its source says. */
  readonly publishedAtMs: number;
  /** Base assets that it is about: told by the sender, or found in the headline. */
  readonly assets: readonly string[];
  /** 0: it came from a feed. */
  readonly userId: number;
  readonly atMs: number;
}

export type NewsEvent = NewsIngested;

export function isNewsEvent(event: { readonly kind: string }): event is NewsEvent {
  return event.kind === 'NewsIngested';
}
