import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KIND_BINARY, KIND_TEXT } from '../../src/recording/format.ts';
import { binaryMessage, headOfBinary, headOfJson } from '../../src/recording/message-head.ts';
import type { PlayerClock } from '../../src/recording/player.ts';
import { RecordingReader } from '../../src/recording/reader.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { RecordingServer } from '../../src/recording/recording-server.ts';
import { summarise } from '../../src/recording/summary.ts';
import { type Compression, RecordingWriter } from '../../src/recording/writer.ts';
import { shippedMarkets } from '../support/markets.ts';
import { type Format, Subscriber } from '../support/recordings-client.ts';
import { ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';
import { TurnClock } from '../support/turn-clock.ts';

const CHANNELS = ['book', 'trades', 'bbo'];
const RECORDED_MS = 2_500;
const CASES: readonly [Format, Compression][] = [
  ['json', 'none'],
  ['flatbuffers', 'gzip'],
];
const registry = shippedMarkets();

/** Market data of a recording, in the order in which it was received. */
async function recordedData(path: string): Promise<Buffer[]> {
  const data: Buffer[] = [];
  for await (const { kind, payload } of new RecordingReader(path).frames()) {
    const isData =
      (kind === KIND_TEXT && headOfJson(JSON.parse(payload.toString())) !== undefined) ||
      (kind === KIND_BINARY && headOfBinary(binaryMessage(payload)) !== undefined);
    if (isData) data.push(Buffer.from(payload));
  }
  return data;
}

for (const [format, compression] of CASES) {
  describe(`a recording of simulated markets in ${format}`, () => {
    const directory = openTemporaryDirectory();
    const path = join(directory.path, 'markets.obr');
    before(async () => {
      const server = await ServerProcess.start(join(directory.path, 'data'));
      try {
        const recorder = new Recorder({
          url: `${server.url.replace('http', 'ws')}/ws/stream`,
          format,
          subscriptions: CHANNELS.map((channel) => ({ channel, market: '*' })),
          token: undefined,
          writer: await RecordingWriter.create(path, compression),
          recorder: 'test',
        });
        setTimeout(() => recorder.stop(), RECORDED_MS);
        await recorder.run();
      } finally {
        await server.end('SIGKILL');
      }
    });
    after(() => directory.remove());

    const serve = (speed: number, clock?: PlayerClock) => {
      const place = { path, host: '127.0.0.1', port: 0 };
      return RecordingServer.start({ ...place, speed, loop: false, wait: true, clock });
    };

    it('is whole, and every stream in it is without a break', async () => {
      const { header, sessions, gaps, streams, ended, damage } = await summarise(path);
      assert.equal(header.message_format, format);
      assert.deepEqual([sessions.length, gaps.length, ended, damage], [1, 0, true, undefined]);
      assert.equal(sessions[0].markets.length, registry.all.length);
      assert.ok(streams.length >= 2 * registry.all.length);
      for (const { channel, market, breaks } of streams) {
        // A state of the best quote is not continued, it is replaced.
        if (channel !== 'bbo') assert.equal(breaks, 0, `${channel} ${market}`);
      }
    });

    it('is served byte for byte to who subscribes before it begins', async () => {
      const server = await serve(Number.POSITIVE_INFINITY);
      const client = await Subscriber.connect(server.url, format);
      for (const channel of CHANNELS) client.send({ op: 'subscribe', channel, market: '*' });
      const [report, closed] = await Promise.all([server.play(), client.closed]);
      assert.deepEqual(closed, { code: 1000, reason: 'recording_ended' });
      const recorded = await recordedData(path);
      assert.ok(recorded.length > 100, `${recorded.length} messages`);
      assert.equal(report.messages, recorded.length);
      assert.equal(client.data.length, recorded.length);
      for (const [at, bytes] of recorded.entries()) {
        assert.ok(bytes.equals(client.data[at]), `message ${at} differs`);
      }
      assert.equal(report.faults, 0);
      const [welcome, { markets }] = client.answers;
      assert.deepEqual([welcome.epoch, welcome.recording], [1, true]);
      assert.equal(markets.length, registry.all.length);
    });

    it('gives who joins in the middle a book that the next messages continue', async () => {
      const { streams } = await summarise(path);
      const messages = streams.reduce((sum, stream) => sum + stream.messages, 0);
      const late: Subscriber[] = [];
      const join = async (): Promise<Subscriber> => {
        const client = await Subscriber.connect(server.url, format);
        client.send({ op: 'subscribe', channel: 'book', market: '*' });
        await client.until(() => client.answers.length === 2);
        return client;
      };
      const moments = [0.3, 0.6, 0.9].map((share) => Math.floor(share * messages));
      const clock = new TurnClock(async (moment) => {
        if (moments.includes(moment)) late.push(await join());
      });
      const server = await serve(1, clock);
      const first = await join();
      const report = await server.play();
      await first.closed;
      assert.equal(late.length, 3);
      assert.equal(report.faults, 0);
      const books = first.books(format, registry);
      assert.equal(books.size, registry.all.length);
      for (const client of late) {
        await client.closed;
        const own = client.books(format, registry);
        assert.equal(own.size, books.size);
        for (const [market, book] of books) {
          for (const side of [0, 1]) {
            assert.deepEqual(own.get(market)!.levels(side), book.levels(side), market);
          }
        }
      }
    });
  });
}
