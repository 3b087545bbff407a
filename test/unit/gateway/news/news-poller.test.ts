import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { NewsDesk } from '../../../../src/gateway/news/news-desk.ts';
import { type FeedState, NewsPoller } from '../../../../src/gateway/news/news-poller.ts';
import { JobPool } from '../../../../src/jobs/job-pool.ts';
import { SystemClock } from '../../../../src/lib/clock.ts';
import { NewsArchive } from '../../../../src/sentiment/news-archive.ts';
import { shippedMarkets } from '../../../support/markets.ts';

type Reply = (request: IncomingMessage, response: ServerResponse) => void;

const RSS = `<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>
  <item><title>Apple profit beats expectations</title><link>http://news.test/1</link></item>
  <item><title>Weather stays fine</title></item>
  <item><title><![CDATA[<b>Bitcoin</b> tumbles after exchange is hacked]]></title></item>
  </channel></rss>`;

const markets = shippedMarkets();
let replies: Reply[] = [];
let requests: IncomingMessage[] = [];
let warnings: object[] = [];
let archive = new NewsArchive();
let poller: NewsPoller;
let jobs: JobPool;
const server = createServer((request, response) => {
  requests.push(request);
  const reply = replies.shift();
  if (reply === undefined) response.writeHead(500).end();
  else reply(request, response);
});

beforeEach(async () => {
  replies = [];
  requests = [];
  warnings = [];
  archive = new NewsArchive();
  jobs = new JobPool({ threads: 1, queueMax: 4, perOwnerMax: 4, onError: () => undefined });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  poller.stop();
  server.close();
  server.closeAllConnections();
  await jobs.close(5000);
});

/** Starts a poller that comes again at once, and waits until the feed is as wanted. */
async function poll(
  isThere: (feed: FeedState) => boolean,
  intervalSeconds = 0.01,
): Promise<FeedState> {
  const clock = new SystemClock();
  const record = async (event: { kind: string }): Promise<void> => {
    if (event.kind === 'NewsIngested') archive.learn(event as never);
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
  poller = new NewsPoller({
    feeds: [{ channel: 'news', url }],
    intervalSeconds,
    desk: new NewsDesk({ markets, archive, clock, record }),
    jobs,
    clock,
    log: { info: () => undefined, warn: (fields) => void warnings.push(fields) },
  });
  poller.start();
  const [feed] = poller.feeds;
  while (!isThere(feed)) await new Promise((resolve) => setTimeout(resolve, 5));
  return feed;
}

const ok =
  (text: string, headers: Record<string, string> = {}): Reply =>
  (_request, response) =>
    void response.writeHead(200, headers).end(text);

test('takes in what names an asset, and asks only for what is new', async () => {
  const since = 'Sat, 21 Nov 2026 10:00:00 GMT';
  replies = [
    ok(RSS, { etag: '"one"', 'last-modified': since }),
    (_request, response) => void response.writeHead(304).end(),
  ];
  const feed = await poll(() => requests.length >= 2);
  assert.equal(feed.accepted, 2);
  assert.equal(requests[1].headers['if-none-match'], '"one"');
  assert.equal(requests[1].headers['if-modified-since'], since);
  const now = Date.now();
  assert.ok((archive.sentimentOf('AAPL', now).news.score ?? 0) > 0);
  assert.ok((archive.sentimentOf('BTC', now).news.score ?? 0) < 0);
  const [{ event }] = archive.newest('BTC', 1);
  assert.equal(event.title, 'Bitcoin tumbles after exchange is hacked');
  assert.equal(event.source, 'Wire');
});

test('a feed that comes again unchanged brings nothing new', async () => {
  replies = [ok(RSS), ok(RSS), ok(RSS)];
  const feed = await poll(({ polls }) => polls > 3);
  assert.equal(feed.accepted, 2);
});

const FAILURES: [name: string, reply: Reply][] = [
  ['a page instead of a feed', ok('<html><body>sorry</body></html>')],
  ['cut XML without an end', ok('<?xml version="1.0"?><rs')],
  ['a refusal', (_request, response) => void response.writeHead(503).end()],
  ['more than a feed may have', ok(`<rss><channel>${' '.repeat(3 << 20)}</channel></rss>`)],
  ['a connection that breaks', (request) => void request.socket.destroy()],
];
for (const [name, reply] of FAILURES) {
  test(`${name} is a failure that is told, and the next poll is good`, async () => {
    replies = [reply, ok(RSS)];
    const feed = await poll(({ accepted }) => accepted > 0);
    assert.equal(feed.failures, 1);
    assert.equal(warnings.length, 1);
  });
}

test('Retry-After is kept', async () => {
  replies = [
    (_request, response) => void response.writeHead(429, { 'retry-after': '3600' }).end(),
    ok(RSS),
  ];
  await poll(({ failures }) => failures === 1);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.equal(requests.length, 1);
  assert.deepEqual(
    warnings.map((fields) => (fields as { retryInSeconds: number }).retryInSeconds),
    [3600],
  );
});
