import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewsIngested } from '../../../src/domain/news-events.ts';
import { scoreHeadline } from '../../../src/sentiment/headline-score.ts';
import {
  NEWS_HALF_LIFE_HOURS,
  NEWS_WINDOW_HOURS,
  NewsArchive,
} from '../../../src/sentiment/news-archive.ts';

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;
const GOOD = 'Apple profit beats expectations';
const BAD = 'Apple issues profit warning';
let count = 0;

function item(title: string, ageHours: number, more: Partial<NewsIngested> = {}): NewsIngested {
  count += 1;
  return {
    kind: 'NewsIngested',
    itemId: `item-${count}`,
    channel: 'news',
    source: 'test',
    title,
    url: null,
    publishedAtMs: NOW - ageHours * HOUR,
    assets: ['AAPL'],
    userId: 1,
    atMs: NOW + count,
    ...more,
  };
}

test('nothing known is null, not zero', () => {
  const { overall, newestMs } = new NewsArchive().sentimentOf('AAPL', NOW);
  assert.deepEqual(overall, { score: null, items: 0 });
  assert.equal(newestMs, 0);
});

test('a headline counts half after its half life and not at all after the window', () => {
  const archive = new NewsArchive();
  archive.learn(item(GOOD, NEWS_HALF_LIFE_HOURS));
  archive.learn(item(BAD, 0));
  archive.learn(item(GOOD, NEWS_WINDOW_HOURS));
  const { overall, newestMs } = archive.sentimentOf('AAPL', NOW);
  const expected = (0.5 * scoreHeadline(GOOD) + scoreHeadline(BAD)) / 1.5;
  assert.equal(overall.items, 2);
  assert.ok(Math.abs((overall.score ?? 0) - expected) < 1e-12);
  assert.equal(newestMs, NOW);
});

test('news and social are apart, and together overall', () => {
  const archive = new NewsArchive();
  archive.learn(item(GOOD, 0));
  archive.learn(item(BAD, 0, { channel: 'social' }));
  const { overall, news, social } = archive.sentimentOf('AAPL', NOW);
  assert.equal(news.score, scoreHeadline(GOOD));
  assert.equal(social.score, scoreHeadline(BAD));
  assert.equal(overall.score, (scoreHeadline(GOOD) + scoreHeadline(BAD)) / 2);
});

test('the same headline twice counts once', () => {
  const archive = new NewsArchive();
  const twice = item(GOOD, 0);
  archive.learn(twice);
  archive.learn(twice);
  assert.equal(archive.sentimentOf('AAPL', NOW).overall.items, 1);
});

test('an image restores what it was taken of, and keeps to its bound', () => {
  const archive = new NewsArchive();
  for (let i = 0; i < 600; i += 1) {
    archive.learn(item(i % 3 === 0 ? GOOD : BAD, (i * 7) % 160, { assets: ['AAPL', 'MSFT'] }));
  }
  const restored = new NewsArchive();
  restored.restore(archive.image());
  assert.deepEqual(restored.image(), archive.image());
  assert.deepEqual(restored.sentimentOf('MSFT', NOW), archive.sentimentOf('MSFT', NOW));
  assert.equal(archive.newest('AAPL', 1000).length, 500);
});
