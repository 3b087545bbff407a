import type { NewsChannel } from '../domain/news-events.ts';
import { SettingError } from './setting-error.ts';

/** A feed that is asked for headlines. */
export interface NewsFeed {
  readonly channel: NewsChannel;
  readonly url: string;
}

/** Settings of what is computed of markets beside trading in them. */
export interface AnalyticsSettings {
  /** Empty: headlines come by `POST /api/ml/news` alone. */
  readonly newsFeeds: readonly NewsFeed[];
  readonly newsPollSeconds: number;
}

const FEEDS = 'OPENBELL_NEWS_FEEDS';
const SECONDS = 'OPENBELL_NEWS_POLL_SECONDS';
const SECONDS_DEFAULT = 300;
/** Feeds are other people's servers. */
const SECONDS_MIN = 30;
const SECONDS_MAX = 86_400;
const SOCIAL = 'social=';

export function readAnalyticsSettings(
  env: Readonly<Record<string, string | undefined>>,
): AnalyticsSettings {
  const text = env[SECONDS] || String(SECONDS_DEFAULT);
  const newsPollSeconds = Number(text);
  if (!/^\d+$/.test(text) || newsPollSeconds < SECONDS_MIN || newsPollSeconds > SECONDS_MAX) {
    const range = `${SECONDS_MIN} to ${SECONDS_MAX}`;
    throw new SettingError(`${SECONDS} is "${text}"; it must be a whole number, ${range}`);
  }
  const entries = (env[FEEDS] ?? '').split(/\s+/).filter((entry) => entry !== '');
  return { newsFeeds: entries.map(feedOf), newsPollSeconds };
}

/** `https://…`, or `social=https://…` for what people write. */
function feedOf(entry: string): NewsFeed {
  const isSocial = entry.startsWith(SOCIAL);
  const url = isSocial ? entry.slice(SOCIAL.length) : entry;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new SettingError(
      `${FEEDS} has "${entry}"; it must be addresses of feeds, http or https, with blanks between`,
    );
  }
  return { channel: isSocial ? 'social' : 'news', url };
}
