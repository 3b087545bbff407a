import {
  NewsBody,
  NewsResponse,
  SentimentParams,
  SentimentResponse,
} from '../../../schemas/octopus-news.ts';
import { insufficientData, TOO_LITTLE_DATA } from '../../gateway/http/insufficient-data.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import { marketOf, NO_SUCH_MARKET } from '../../gateway/market-lookup.ts';
import type { Headline, NewsDesk } from '../../gateway/news/news-desk.ts';
import type { Venue } from '../../gateway/venue.ts';
import { isoMillis } from '../../lib/clock.ts';
import { scoreHeadline } from '../../sentiment/headline-score.ts';
import { NEWS_HALF_LIFE_HOURS, NEWS_WINDOW_HOURS } from '../../sentiment/news-archive.ts';
import { SURFACE } from './errors.ts';

/** Scores between say neither. */
const LABEL_FROM = 0.1;
const DEFAULT_SOURCE = 'api';

export interface NewsServices {
  readonly news: NewsDesk;
}

/** Headlines in, sentiment out. */
export function newsRoutes({ news }: NewsServices): Route[] {
  return [
    defineRoute({
      surface: SURFACE,
      limit: 'default',
      auth: 'required',
      scope: 'read',
      method: 'GET',
      path: '/api/ml/sentiment/{symbol}',
      summary: 'How good the headlines about an asset are, the newest counting most',
      params: SentimentParams,
      response: SentimentResponse,
      examples: { params: { symbol: 'AAPL' } },
      refusals: [...NO_SUCH_MARKET, ...TOO_LITTLE_DATA],
      successStatus: 200,
      handler: ({ params, venue, clock }) => sentiment(news, venue, params.symbol, clock.nowMs()),
    }),
    defineRoute({
      surface: SURFACE,
      limit: 'default',
      auth: 'required',
      scope: 'write',
      method: 'POST',
      path: '/api/ml/news',
      summary: 'Takes headlines in; what is known already or names no asset is not kept',
      body: NewsBody,
      response: NewsResponse,
      examples: { body: { items: [{ title: 'Apple profit beats expectations' }] } },
      successStatus: 201,
      handler: ({ body, venue, principal, clock }) =>
        take(news, venue, body, principal?.userId ?? 0, clock.nowMs()),
    }),
  ];
}

function sentiment(
  news: NewsDesk,
  venue: Venue,
  symbol: string,
  nowMs: number,
): SentimentResponse | Refusal {
  const market = marketOf(venue.markets, symbol, undefined);
  if (market instanceof Refusal) return market;
  const { overall, news: edited, social, newestMs } = news.sentimentOf(market);
  if (overall.score === null) {
    const message = `no headline about ${market.base.name} came in within ${NEWS_WINDOW_HOURS} hours`;
    return insufficientData(message, { symbol: market.symbol, observations: 0, needed: 1 });
  }
  return {
    symbol: market.symbol,
    overall_sentiment: rounded(overall.score),
    sentiment_label: labelOf(overall.score),
    news_sentiment: edited.score === null ? null : rounded(edited.score),
    social_sentiment: social.score === null ? null : rounded(social.score),
    analyzed_sources: overall.items,
    news_headlines: edited.items,
    social_headlines: social.items,
    newest_headline_at: isoOf(newestMs),
    method: 'lexicon',
    half_life_hours: NEWS_HALF_LIFE_HOURS,
    window_hours: NEWS_WINDOW_HOURS,
    timestamp: isoOf(nowMs),
  };
}

async function take(
  news: NewsDesk,
  venue: Venue,
  { items }: NewsBody,
  userId: number,
  nowMs: number,
): Promise<NewsResponse | Refusal> {
  // All are checked before any is taken: a request is refused whole or not at all.
  const headlines: Headline[] = [];
  for (const [i, item] of items.entries()) {
    const headline = headlineOf(venue, item, `items[${i}]`, nowMs);
    if (headline instanceof Refusal) return headline;
    headlines.push(headline);
  }
  const taken = await Promise.all(headlines.map((headline) => news.ingest(headline, userId)));
  const count = (wanted: string): number => taken.filter(({ status }) => status === wanted).length;
  return {
    accepted: count('accepted'),
    duplicates: count('duplicate'),
    unlinked: count('no_asset'),
    items: taken.map(({ itemId, status, assets }, i) => ({
      id: itemId,
      status,
      assets: [...assets],
      sentiment: rounded(scoreHeadline(headlines[i].title)),
    })),
  };
}

function headlineOf(
  venue: Venue,
  item: NewsBody['items'][number],
  where: string,
  nowMs: number,
): Headline | Refusal {
  const { published_at: text } = item;
  const publishedAtMs = text === undefined ? nowMs : Date.parse(text);
  if (Number.isNaN(publishedAtMs)) {
    return invalidParameter(`${where}.published_at`, text, `${where}.published_at is no time`);
  }
  const assets: string[] = [];
  for (const symbol of item.symbols ?? []) {
    const market = marketOf(venue.markets, symbol, undefined);
    if (market instanceof Refusal) {
      return invalidParameter(
        `${where}.symbols`,
        symbol,
        `${where}.symbols: there is no ${symbol}`,
      );
    }
    assets.push(market.base.name);
  }
  return {
    channel: item.channel === 'social' ? 'social' : 'news',
    source: item.source ?? DEFAULT_SOURCE,
    title: item.title.trim(),
    url: item.url ?? null,
    publishedAtMs,
    assets,
  };
}

function labelOf(score: number): SentimentResponse['sentiment_label'] {
  if (score >= LABEL_FROM) return 'bullish';
  return score <= -LABEL_FROM ? 'bearish' : 'neutral';
}

/** Four decimals; the lexicon knows no finer. */
function rounded(score: number): number {
  return Number(score.toFixed(4));
}

function isoOf(ms: number): string {
  return isoMillis(Math.floor(ms / 1000), (ms % 1000) * 1_000_000);
}
