import type { parseFeed } from 'feedsmith';
import type { FeedEntry, ParsedFeed } from '../jobs/parse-feed.ts';

type Feed = ReturnType<typeof parseFeed>;

/** Titles are cut here: what is longer is no headline. */
const TITLE_CHARS_MAX = 300;

/** The headlines of a feed in any of its formats; entries without a title are left out. */
export function readFeed(parsed: Feed, entriesMax: number): ParsedFeed {
  const { title } = parsed.feed;
  return {
    title: plain(typeof title === 'object' ? title.value : title) || null,
    entries: entriesOf(parsed)
      .slice(0, entriesMax)
      .filter((entry) => entry.title !== ''),
  };
}

function entriesOf(parsed: Feed): FeedEntry[] {
  switch (parsed.format) {
    case 'rss':
      return (parsed.feed.items ?? []).map(({ title, link, pubDate, dc }) =>
        entry(title, link, pubDate ?? dc?.dates?.[0]),
      );
    case 'rdf':
      return (parsed.feed.items ?? []).map(({ title, link, dc }) =>
        entry(title, link, dc?.dates?.[0]),
      );
    case 'atom':
      return (parsed.feed.entries ?? []).map(({ title, links, published, updated }) => {
        const link = links?.find(({ rel }) => rel === undefined || rel === 'alternate');
        return entry(title?.value, link?.href, published ?? updated);
      });
    case 'json':
      return (parsed.feed.items ?? []).map(({ title, url, date_published }) =>
        entry(title, url, date_published),
      );
  }
}

function entry(title: unknown, url: unknown, date: unknown): FeedEntry {
  const ms = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return {
    title: plain(title),
    url: typeof url === 'string' && /^https?:\/\//.test(url) ? url : null,
    publishedAtMs: Number.isNaN(ms) ? null : ms,
  };
}

/** Text without markup, on one line. */
function plain(text: unknown): string {
  if (typeof text !== 'string') return '';
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, TITLE_CHARS_MAX);
}
