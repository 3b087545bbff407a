import type { NewsFeed } from '../../config/analytics-settings.ts';
import type { NewsChannel } from '../../domain/news-events.ts';
import { OK } from '../../domain/result-codes.ts';
import type { JobPool } from '../../jobs/job-pool.ts';
import { PARSE_FEED, type ParsedFeed } from '../../jobs/parse-feed.ts';
import type { Clock } from '../../lib/clock.ts';
import type { NewsDesk } from './news-desk.ts';

export interface NewsPollerParts {
  readonly feeds: readonly NewsFeed[];
  readonly intervalSeconds: number;
  readonly desk: NewsDesk;
  readonly jobs: JobPool;
  readonly clock: Clock;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
  readonly fetch?: typeof globalThis.fetch;
}

/** How a feed has been doing. */
export interface FeedState {
  readonly url: string;
  readonly channel: NewsChannel;
  polls: number;
  failures: number;
  accepted: number;
  /** Milliseconds since the Unix epoch of the last answer that could be read; 0: none. */
  readAtMs: number;
}

interface Polled extends FeedState {
  etag: string | undefined;
  lastModified: string | undefined;
  consecutiveFailures: number;
  timer: NodeJS.Timeout | undefined;
}

const TIMEOUT_MS = 15_000;
const BYTES_MAX = 2 << 20;
const ENTRIES_MAX = 100;
/** A feed that fails is asked ever less often, down to once in so many intervals. */
const BACK_OFF_MAX = 16;
/** Feeds are not asked all at the same time. */
const STAGGER_MS = 500;
const AGENT = 'Openbell (news reader)';

/**
 * Asks the configured feeds for headlines, politely: one request at a time each, only for what is
 * new (`ETag`, `Last-Modified`), never before `Retry-After`, and less often while it fails.
 */
export class NewsPoller {
  readonly feeds: readonly FeedState[];
  private readonly parts: NewsPollerParts;
  private readonly polled: readonly Polled[];
  private readonly stopping = new AbortController();

  constructor(parts: NewsPollerParts) {
    this.parts = parts;
    this.polled = parts.feeds.map(({ url, channel }) => ({
      url,
      channel,
      polls: 0,
      failures: 0,
      accepted: 0,
      readAtMs: 0,
      etag: undefined,
      lastModified: undefined,
      consecutiveFailures: 0,
      timer: undefined,
    }));
    this.feeds = this.polled;
  }

  start(): void {
    for (const [i, feed] of this.polled.entries()) this.pollIn(feed, i * STAGGER_MS);
  }

  stop(): void {
    this.stopping.abort();
    for (const { timer } of this.polled) clearTimeout(timer);
  }

  private pollIn(feed: Polled, ms: number): void {
    if (this.stopping.signal.aborted) return;
    feed.timer = setTimeout(() => void this.poll(feed), ms);
    feed.timer.unref();
  }

  private async poll(feed: Polled): Promise<void> {
    const { log, intervalSeconds } = this.parts;
    feed.polls += 1;
    let waitSeconds = intervalSeconds;
    try {
      waitSeconds = Math.max(intervalSeconds, await this.ask(feed));
      feed.consecutiveFailures = 0;
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      feed.failures += 1;
      feed.consecutiveFailures += 1;
      const wait = Math.min(BACK_OFF_MAX, 2 ** feed.consecutiveFailures) * intervalSeconds;
      waitSeconds = error instanceof FeedFailure ? Math.max(wait, error.retryAfterSeconds) : wait;
      const why = error instanceof Error ? error.message : String(error);
      log.warn({ feed: feed.url, why, retryInSeconds: waitSeconds }, 'a news feed was not read');
    }
    this.pollIn(feed, waitSeconds * 1000);
  }

  /** @returns seconds that the feed's server wants to be left alone, 0 where it does not say */
  private async ask(feed: Polled): Promise<number> {
    const { fetch = globalThis.fetch } = this.parts;
    const headers: Record<string, string> = {
      'User-Agent': AGENT,
      Accept: 'application/rss+xml, application/atom+xml, application/feed+json, application/xml',
    };
    if (feed.etag !== undefined) headers['If-None-Match'] = feed.etag;
    if (feed.lastModified !== undefined) headers['If-Modified-Since'] = feed.lastModified;
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(feed.url, { headers, signal });
    const retryAfterSeconds = retryAfter(response, this.parts.clock.nowMs());
    if (response.status === 304) {
      await response.body?.cancel();
      feed.readAtMs = this.parts.clock.nowMs();
      return retryAfterSeconds;
    }
    if (!response.ok) {
      await response.body?.cancel();
      throw new FeedFailure(`status ${response.status}`, retryAfterSeconds);
    }
    const parsed = await this.parse(await boundedText(response));
    feed.accepted += await this.take(feed, parsed);
    // Only what was taken is not asked for again.
    feed.etag = response.headers.get('etag') ?? undefined;
    feed.lastModified = response.headers.get('last-modified') ?? undefined;
    feed.readAtMs = this.parts.clock.nowMs();
    return retryAfterSeconds;
  }

  private async parse(text: string): Promise<ParsedFeed> {
    const task = { text, entriesMax: ENTRIES_MAX };
    const job = this.parts.jobs.submit(PARSE_FEED, task, { owner: '' });
    if (job.code !== OK) throw new FeedFailure('no job was free to read it', job.retryAfterSeconds);
    const outcome = await job.outcome;
    if (outcome.code !== OK) throw new FeedFailure('reading it was cancelled', 0);
    if (outcome.result === null) throw new FeedFailure('the answer is no feed', 0);
    return outcome.result;
  }

  /** @returns how many headlines were new */
  private async take(feed: Polled, { title, entries }: ParsedFeed): Promise<number> {
    const { desk, clock, log } = this.parts;
    const source = title ?? new URL(feed.url).host;
    const taken = await Promise.all(
      entries.map((entry) =>
        desk.ingest(
          {
            channel: feed.channel,
            source,
            title: entry.title,
            url: entry.url,
            publishedAtMs: entry.publishedAtMs ?? clock.nowMs(),
            assets: [],
          },
          0,
        ),
      ),
    );
    const accepted = taken.filter(({ status }) => status === 'accepted').length;
    if (accepted > 0) log.info({ feed: feed.url, accepted }, 'news came in');
    return accepted;
  }
}

class FeedFailure extends Error {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Seconds, or a date; 0 where there is none. */
function retryAfter(response: Response, nowMs: number): number {
  const text = response.headers.get('retry-after');
  if (text === null) return 0;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 0 : Math.max(0, Math.ceil((ms - nowMs) / 1000));
}

/** The body as text; more than the bound is a failure, and is not read to its end. */
async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new FeedFailure(`the feed is larger than ${BYTES_MAX} bytes`, 0);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
