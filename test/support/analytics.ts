import type { Settings } from '../../src/config/settings.ts';
import { isNewsEvent } from '../../src/domain/news-events.ts';
import { ForecastDesk } from '../../src/gateway/forecasts/forecast-desk.ts';
import { NewsDesk } from '../../src/gateway/news/news-desk.ts';
import type { Venue } from '../../src/gateway/venue.ts';
import type { JobPool } from '../../src/jobs/job-pool.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { NewsArchive } from '../../src/sentiment/news-archive.ts';

interface AnalyticsStage {
  readonly settings: Settings;
  readonly venue: Venue;
  readonly jobs: JobPool;
  readonly clock: Clock;
}

/** The desks of forecasts and news as a server has them; what is ingested counts at once. */
export function openTestAnalytics({ venue, jobs, clock }: AnalyticsStage): {
  forecasts: ForecastDesk;
  news: NewsDesk;
} {
  const { markets } = venue;
  const archive = new NewsArchive();
  const news = new NewsDesk({
    markets,
    archive,
    clock,
    record: async (event) => {
      if (isNewsEvent(event)) archive.learn(event);
    },
  });
  return { forecasts: new ForecastDesk({ venue, markets, jobs, clock }), news };
}
