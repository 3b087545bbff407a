import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import type { VenueEvent } from './domain/venue-events.ts';
import { ForecastDesk } from './gateway/forecasts/forecast-desk.ts';
import { NewsDesk } from './gateway/news/news-desk.ts';
import { NewsPoller } from './gateway/news/news-poller.ts';
import type { Venue } from './gateway/venue.ts';
import type { JobPool } from './jobs/job-pool.ts';
import type { Clock } from './lib/clock.ts';
import type { NewsArchive } from './sentiment/news-archive.ts';

export interface AnalyticsParts {
  readonly settings: Pick<Settings, 'newsFeeds' | 'newsPollSeconds'>;
  readonly venue: Venue;
  readonly markets: MarketRegistry;
  readonly archive: NewsArchive;
  readonly jobs: JobPool;
  readonly clock: Clock;
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** Forecasts and news: what is computed of markets beside trading in them. */
export class ServerAnalytics {
  readonly forecasts: ForecastDesk;
  readonly news: NewsDesk;
  private readonly poller: NewsPoller;

  constructor(parts: AnalyticsParts) {
    const { settings } = parts;
    this.forecasts = new ForecastDesk(parts);
    this.news = new NewsDesk(parts);
    this.poller = new NewsPoller({
      ...parts,
      desk: this.news,
      feeds: settings.newsFeeds,
      intervalSeconds: settings.newsPollSeconds,
    });
  }

  start(): void {
    this.forecasts.start();
    this.poller.start();
  }

  stop(): void {
    this.forecasts.stop();
    this.poller.stop();
  }
}
