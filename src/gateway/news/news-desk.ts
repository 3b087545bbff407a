import { createHash } from 'node:crypto';
import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import type { NewsChannel, NewsIngested } from '../../domain/news-events.ts';
import type { VenueEvent } from '../../domain/venue-events.ts';
import type { Clock } from '../../lib/clock.ts';
import { AssetNames } from '../../sentiment/asset-names.ts';
import type { AssetSentiment, NewsArchive } from '../../sentiment/news-archive.ts';

/** A headline as it comes in. */
export interface Headline {
  readonly channel: NewsChannel;
  readonly source: string;
  readonly title: string;
  readonly url: string | null;
  readonly publishedAtMs: number;
  /** Base assets that the sender names; those of the headline are found besides. */
  readonly assets: readonly string[];
}

/** What became of a headline. */
export interface Ingested {
  readonly status: 'accepted' | 'duplicate' | 'no_asset';
  readonly itemId: string;
  readonly assets: readonly string[];
}

export interface NewsDeskParts {
  readonly markets: MarketRegistry;
  readonly archive: NewsArchive;
  readonly clock: Clock;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
}

/** Digits of an id: two headlines that differ share one less often than once in 10^14 of them. */
const ID_DIGITS = 24;

/** Takes headlines in, and says what they add up to. */
export class NewsDesk {
  private readonly parts: NewsDeskParts;
  private readonly names: AssetNames;
  /** Being written: the same headline may come twice at once. */
  private readonly underWay = new Set<string>();

  constructor(parts: NewsDeskParts) {
    this.parts = parts;
    this.names = new AssetNames(parts.markets.all);
  }

  /** Resolves when the headline is durable; one that is known already, or names nothing, is not kept. */
  async ingest(headline: Headline, userId: number): Promise<Ingested> {
    const { archive, clock, record } = this.parts;
    const { channel, source, title, url } = headline;
    const itemId = idOf(headline);
    const assets = [...new Set([...headline.assets, ...this.names.find(title)])];
    if (assets.length === 0) return { status: 'no_asset', itemId, assets };
    if (archive.has(itemId) || this.underWay.has(itemId)) {
      return { status: 'duplicate', itemId, assets };
    }
    const atMs = clock.nowMs();
    // What claims to come from the future counts from now on.
    const publishedAtMs = Math.min(headline.publishedAtMs, atMs);
    const event: NewsIngested = {
      kind: 'NewsIngested',
      itemId,
      channel,
      source,
      title,
      url,
      publishedAtMs,
      assets,
      userId,
      atMs,
    };
    this.underWay.add(itemId);
    try {
      await record(event);
    } finally {
      this.underWay.delete(itemId);
    }
    return { status: 'accepted', itemId, assets };
  }

  sentimentOf(market: Market): AssetSentiment {
    return this.parts.archive.sentimentOf(market.base.name, this.parts.clock.nowMs());
  }
}

function idOf({ channel, url, title }: Headline): string {
  const words = title.toLowerCase().replace(/\s+/g, ' ').trim();
  const text = `${channel}\n${url ?? ''}\n${words}`;
  return createHash('sha256').update(text).digest('hex').slice(0, ID_DIGITS);
}
