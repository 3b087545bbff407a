import type { NewsChannel, NewsIngested } from '../domain/news-events.ts';
import { scoreHeadline } from './headline-score.ts';

/** A headline counts half after so long … */
export const NEWS_HALF_LIFE_HOURS = 24;
/** … and not at all after this. */
export const NEWS_WINDOW_HOURS = 7 * 24;
const HOUR_MS = 3_600_000;
/** Headlines kept of each asset, the newest first; more would hardly move what they add up to. */
const KEPT_PER_ASSET = 500;
/** Ids by which repeated headlines are known. */
const KEPT_IDS = 50_000;

export interface ChannelSentiment {
  /** -1 to 1: scores, each by its age; `null` where nothing counts. */
  readonly score: number | null;
  /** Headlines that count. */
  readonly items: number;
}

export interface AssetSentiment {
  readonly overall: ChannelSentiment;
  readonly news: ChannelSentiment;
  readonly social: ChannelSentiment;
  /** Milliseconds since the Unix epoch of the newest headline that counts; 0 without one. */
  readonly newestMs: number;
}

interface Scored {
  readonly event: NewsIngested;
  readonly score: number;
}

/**
 * The newest headlines by asset, with their scores. State that follows from facts alone, so that
 * recovery, snapshots and the live drain end alike.
 */
export class NewsArchive {
  private readonly byAsset = new Map<string, Scored[]>();
  private readonly ids = new Set<string>();

  has(itemId: string): boolean {
    return this.ids.has(itemId);
  }

  learn(event: NewsIngested): void {
    if (this.ids.has(event.itemId)) return;
    this.ids.add(event.itemId);
    if (this.ids.size > KEPT_IDS) {
      for (const oldest of this.ids) {
        this.ids.delete(oldest);
        break;
      }
    }
    const scored = { event, score: scoreHeadline(event.title) };
    for (const asset of event.assets) {
      const items = this.byAsset.get(asset) ?? [];
      this.byAsset.set(asset, items);
      let at = items.length;
      while (at > 0 && items[at - 1].event.publishedAtMs > event.publishedAtMs) at -= 1;
      items.splice(at, 0, scored);
      if (items.length > KEPT_PER_ASSET) items.shift();
    }
  }

  /** What the headlines of an asset add up to at a time. */
  sentimentOf(asset: string, nowMs: number): AssetSentiment {
    const counting = (this.byAsset.get(asset) ?? []).filter(
      ({ event }) => nowMs - event.publishedAtMs < NEWS_WINDOW_HOURS * HOUR_MS,
    );
    const of = (channel: NewsChannel) =>
      weigh(
        counting.filter(({ event }) => event.channel === channel),
        nowMs,
      );
    return {
      overall: weigh(counting, nowMs),
      news: of('news'),
      social: of('social'),
      newestMs: counting.at(-1)?.event.publishedAtMs ?? 0,
    };
  }

  /** The newest headlines of an asset, the newest first, with their scores. */
  newest(asset: string, limit: number): { readonly event: NewsIngested; readonly score: number }[] {
    return (this.byAsset.get(asset) ?? []).slice(-limit).reverse();
  }

  /** Everything that is kept, for a snapshot: each headline once, as they came. */
  image(): NewsIngested[] {
    const events = new Map<string, NewsIngested>();
    for (const items of this.byAsset.values()) {
      for (const { event } of items) events.set(event.itemId, event);
    }
    return [...events.values()].sort((a, b) => a.atMs - b.atMs || (a.itemId < b.itemId ? -1 : 1));
  }

  restore(image: readonly NewsIngested[]): void {
    for (const event of image) this.learn(event);
  }
}

function weigh(items: readonly Scored[], nowMs: number): ChannelSentiment {
  let sum = 0;
  let weights = 0;
  for (const { event, score } of items) {
    const ageHours = Math.max(0, nowMs - event.publishedAtMs) / HOUR_MS;
    const weight = 2 ** (-ageHours / NEWS_HALF_LIFE_HOURS);
    sum += weight * score;
    weights += weight;
  }
  return { score: weights === 0 ? null : sum / weights, items: items.length };
}
