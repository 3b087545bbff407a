import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prng } from '../../../src/lib/prng.ts';
import { formatReport, isFaithful } from '../../../src/replay/report.ts';
import { lobsterRecording, replay } from '../../support/replay-run.ts';
import { SessionVenue } from '../../support/session-venue.ts';

/** Messages of a day that never was: orders come, shrink, go and trade at the front of the queue. */
function messagesOf(seed: number, count: number): string[] {
  const random = new Prng(seed);
  const open: { id: number; side: number; price: number; size: number }[] = [];
  const messages: string[] = [];
  for (let i = 0; messages.length < count; i += 1) {
    const time = `${34_200 + Math.floor(i / 10)}.${String(i % 10).padEnd(9, '0')}`;
    if (open.length < 20 || random.chance(0.4)) {
      const side = random.chance(0.5) ? 1 : -1;
      const price = 10_000 - side * 100 * random.integer(1, 5);
      const order = { id: 100 + i, side, price, size: random.integer(2, 9) };
      open.push(order);
      messages.push(`${time},1,${order.id},${order.size},${price},${side}`);
    } else if (random.chance(0.5)) {
      const [order] = open.splice(random.integer(0, open.length - 1), 1);
      messages.push(`${time},3,${order.id},${order.size},${order.price},${order.side}`);
    } else {
      const side = random.chance(0.5) ? 1 : -1;
      const best =
        Math.max(...open.filter((o) => o.side === side).map((o) => o.price * side)) * side;
      const first = open.find((order) => order.side === side && order.price === best);
      if (first === undefined) continue;
      const size = random.integer(1, first.size);
      messages.push(`${time},4,${first.id},${size},${first.price},${side}`);
      first.size -= size;
      if (first.size === 0) open.splice(open.indexOf(first), 1);
    }
  }
  return messages;
}

test('replay: every action is durable, every maker is the recorded one', async () => {
  const recording = await lobsterRecording(messagesOf(1, 2000));
  const report = await replay(recording);
  assert.equal(report.rows, 2000);
  assert.equal(report.actions, report.commands);
  assert.ok(report.executions > 300, `${report.executions}`);
  assert.equal(report.maker_matches.matched, report.maker_matches.total);
  assert.equal(report.executions, report.maker_matches.total);
  assert.deepEqual(report.rejected, {});
  assert.equal(report.unanswered, 0);
  assert.ok(isFaithful(report));
  assert.match(formatReport(report), /maker matches +(\d+) of \1\n/);
});

test('replay: the same recording gives the same state', async () => {
  const recording = await lobsterRecording(messagesOf(2, 500));
  const hashes = [(await replay(recording)).state_hash, (await replay(recording)).state_hash];
  assert.equal(hashes[0], hashes[1]);
});

test('replay: cut off anywhere and resumed, it ends in the same state', async () => {
  const recording = await lobsterRecording(messagesOf(3, 600));
  const whole = await replay(recording);
  for (const cut of [1, 7, 100, 311, whole.actions - 1, whole.actions]) {
    const first = new SessionVenue(recording.market);
    first.commandsLeft = cut;
    const broken = await replay(recording, first);
    assert.equal(broken.commands - broken.unanswered, cut);
    assert.equal(first.durableRequestId, cut);
    const second = new SessionVenue(recording.market, first);
    const rest = await replay(recording, second, { resumeAfterRequestId: cut });
    assert.equal(rest.resumed_from, cut);
    assert.equal(rest.commands, whole.actions - cut);
    assert.equal(rest.state_hash, whole.state_hash, `cut after ${cut}`);
    assert.equal(rest.maker_matches.exceptions.unexplained, undefined);
    assert.deepEqual(rest.rejected, {});
  }
});

test('replay: a resumed replay goes on comparing with the book file', async () => {
  const messages = messagesOf(4, 300);
  const book = bookRowsOf(messages);
  const recording = await lobsterRecording(messages, book);
  const whole = await replay(recording);
  assert.equal(whole.book?.rows_equal, 300);
  const first = new SessionVenue(recording.market);
  first.commandsLeft = 150;
  await replay(recording, first);
  const second = new SessionVenue(recording.market, first);
  const rest = await replay(recording, second, { resumeAfterRequestId: 150 });
  assert.equal(rest.book?.rows_compared, 150);
  assert.equal(rest.book?.rows_equal, 150);
});

test('replay: recorded time passes at the speed asked for', async () => {
  const recording = await lobsterRecording([
    '34200.0,1,1,5,10000,1',
    '34201.0,1,2,5,10000,1',
    '34210.0,1,3,5,10000,1',
  ]);
  const report = await replay(recording, new SessionVenue(recording.market), { speed: 4 });
  assert.ok(report.wall_seconds >= 2.5 && report.wall_seconds < 2.6, `${report.wall_seconds}`);
});

test('replay: what is never answered is said, not waited for without end', async () => {
  const recording = await lobsterRecording(messagesOf(5, 50));
  const venue = new SessionVenue(recording.market);
  venue.commandsLeft = 20;
  const host = { ...venue.host(), stopRequested: () => false };
  const report = await replay(recording, venue, {}, host);
  assert.equal(report.unanswered, report.commands - 20);
  assert.equal(isFaithful(report), false);
});

test('replay: top-of-book states are found in a book file of other rows', async () => {
  const messages = messagesOf(6, 300);
  const book = bookRowsOf(messages);
  const rest = ['10100,1,9900,1', ...book, '10100,77,9900,77'];
  const report = await replay(await lobsterRecording(messages, rest));
  assert.equal(report.book, null);
  assert.equal(report.states?.states_found, report.states?.states_compared);
  assert.ok((report.states?.states_compared ?? 0) > 100);
});

/** The ten best levels after each message, by adding up. */
function bookRowsOf(messages: readonly string[]): string[] {
  const lots = new Map<number, number>();
  return messages.map((text) => {
    const [, type, , size, price, side] = text.split(',').map(Number);
    const key = price * side;
    lots.set(key, (lots.get(key) ?? 0) + (type === 1 ? size : -size));
    const levels = [...lots].filter(([, qty]) => qty > 0).sort((a, b) => b[0] - a[0]);
    const bids = levels.filter(([k]) => k > 0);
    const asks = levels.filter(([k]) => k < 0);
    return Array.from({ length: 10 }, (_, i) => {
      const ask = asks[i] === undefined ? [9_999_999_999, 0] : [-asks[i][0], asks[i][1]];
      return [...ask, ...(bids[i] ?? [-9_999_999_999, 0])].join(',');
    }).join(',');
  });
}
