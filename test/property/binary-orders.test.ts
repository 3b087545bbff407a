import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as C from '../../src/domain/result-codes.ts';
import { AuthFailure } from '../../src/identity/principal.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { answerOf } from '../support/binary-answers.ts';
import {
  encodeRequest,
  jsonRequest,
  type RequestCase,
  type TermsCase,
} from '../support/binary-requests.ts';
import { InstantVenue } from '../support/instant-venue.ts';
import { FakeHub, PLAIN_REQUEST, StepClock } from '../support/stream-fakes.ts';

const RUNS = Number(process.env.OPENBELL_TEST_RUNS ?? 300);

/** A venue and a connection to it that has logged in and takes both formats of requests. */
function bench() {
  const venue = new InstantVenue();
  const wire = new FakeHub();
  const stream = new NativeStream({
    markets: venue.markets,
    views: new MarketViews(venue.markets.all),
    epoch: 1,
    clock: new StepClock(),
    venue,
    authenticate: ({ authorization }) =>
      authorization === 'Bearer alice'
        ? { userId: 7, username: 'alice', scopes: ['read', 'write'], credential: 'user:7' }
        : new AuthFailure('INVALID_CREDENTIALS', 'not valid'),
  });
  stream.bind(wire);
  const socket = wire.socket();
  socket.session = stream.open(socket, { ...PLAIN_REQUEST, query: 'format=flatbuffers' });
  assert.equal(socket.answer({ op: 'login', token: 'alice' }).type, 'logged_in');
  const sendBinary = (bytes: Uint8Array): (string | Uint8Array)[] => {
    const before = socket.received.length;
    socket.session!.binaryMessage(bytes);
    return socket.received.slice(before);
  };
  return { venue, socket, sendBinary };
}

const opt = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 3 });
const rare = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
/** Mostly good, sometimes zero, negative or enormous. */
const count = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
  fc.constantFrom(0, -1, 2 ** 40, Number.MAX_SAFE_INTEGER),
);
const index = (names: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 15, arbitrary: fc.nat(names - 1) }, fc.constant(99));
const clientOrderId = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 36 }) },
  fc.constantFrom('', 'ä', 'x'.repeat(37), 'y'.repeat(300), 'tab\t'),
);

const { ownTerms } = fc.letrec<{ ownTerms: TermsCase }>(() => ({
  ownTerms: fc
    .record({
      side: fc.oneof({ weight: 20, arbitrary: index(2) }, fc.constant(undefined)),
      type: fc.oneof({ weight: 20, arbitrary: index(6) }, fc.constant(undefined)),
      quantity: fc.oneof({ weight: 20, arbitrary: count }, fc.constant(undefined)),
      price: fc.oneof({ weight: 5, arbitrary: count }, fc.constant(undefined)),
      time_in_force: rare(index(5)),
      expire_at: rare(fc.integer({ min: 0, max: 4_000_000_000_000 })),
      post_only: rare(index(3)),
      reduce_only: rare(fc.boolean()),
      all_or_none: rare(fc.boolean()),
      self_trade_prevention: rare(index(5)),
      stop_price: opt(count),
      trail: opt(fc.record({ trail_offset: count, trail_unit: index(2) })),
      display_quantity: rare(count),
      peg: rare(index(2)),
      peg_offset: rare(count),
      client_order_id: rare(clientOrderId),
    })
    .map(({ trail, ...rest }) => fitted({ ...rest, ...trail })),
}));

/** Leaves out what the type forbids, seven times of eight: else few orders would be good. */
function fitted(terms: TermsCase): TermsCase {
  if ((terms.quantity ?? 0) % 8 === 7) return terms;
  const { type } = terms;
  const isStop = type === 2 || type === 3;
  const fit: TermsCase = { ...terms };
  if (!isStop) fit.stop_price = undefined;
  if (type !== 4) Object.assign(fit, { trail_offset: undefined, trail_unit: undefined });
  if (type !== 5) Object.assign(fit, { peg: undefined, peg_offset: undefined });
  if (type === 1 || type === 2 || type === 4) fit.price = undefined;
  if (terms.time_in_force !== 3) fit.expire_at = undefined;
  return fit;
}

const leg = (partner: boolean): fc.Arbitrary<TermsCase> =>
  fc
    .record({ own: ownTerms, oco: partner ? rare(ownTerms) : fc.constant(undefined) })
    .map(({ own, oco }) => (oco === undefined ? own : { ...own, oco }));
const terms: fc.Arbitrary<TermsCase> = fc
  .record({ own: leg(true), children: rare(fc.array(leg(true), { maxLength: 6 })) })
  .map(({ own, children }) => (children === undefined ? own : { ...own, children }));
const orderId = opt(fc.constantFrom(1, 2, 3, 4, 5, 0, -1, 10 ** 15));

const requests: fc.Arbitrary<RequestCase> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('order.place' as const),
      market: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.constantFrom(999, undefined)),
      terms,
      portfolio_id: rare(fc.constantFrom(2, 1, 0)),
      oco_order_id: rare(fc.integer({ min: -1, max: 9 })),
      parent_order_id: rare(fc.integer({ min: -1, max: 9 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('order.cancel' as const), order_id: orderId }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('order.amend' as const),
      order_id: orderId,
      price: opt(count),
      quantity: opt(count),
      remaining_quantity: rare(count),
      reduce_by: rare(count),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('order.replace' as const),
      order_id: orderId,
      terms: ownTerms.map((own) =>
        (own.price ?? 0) % 5 === 0 ? own : { ...own, side: undefined },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('order.status' as const),
      order_id: orderId,
      client_order_id: rare(clientOrderId),
      portfolio_id: rare(fc.constantFrom(2, 1, 0)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('order.cancel_all' as const),
      market: rare(fc.constantFrom(1, 999)),
      portfolio_id: rare(fc.constantFrom(2, 1)),
    }),
  },
);

/** What the venue does next: takes the order, denies it, has the book reject it. */
const outcome = fc.oneof(
  { weight: 8, arbitrary: fc.constant(C.OK) },
  fc.constantFrom(C.INSUFFICIENT_BALANCE, C.COMMAND_RING_FULL, C.FOK_NOT_FILLABLE),
);

/** An answer without what only one format shows: the average price, and how a value was written. */
// biome-ignore lint/suspicious/noExplicitAny: answers differ
function compared(answer: any): object {
  const text = JSON.stringify(answer, (name, value) =>
    name === 'average_price' || name === 'value' ? undefined : value,
  );
  const plain = JSON.parse(text);
  if (plain.type === 'error') {
    plain.details = Object.fromEntries(
      Object.entries(plain.details ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    );
    // A market is named in JSON and numbered in binary.
    if (plain.code === 'UNKNOWN_MARKET') plain.message = '';
  }
  return plain;
}

test('a binary request means what its JSON twin means, and is answered alike', () => {
  const seen = { placed: 0, orders: 0, errors: 0 };
  fc.assert(
    fc.property(fc.array(fc.tuple(requests, outcome), { maxLength: 8 }), (cases) => {
      const json = bench();
      const binary = bench();
      const market = json.venue.markets.get(1)!;
      for (const [at, [request, code]] of cases.entries()) {
        json.venue.nextCode = code;
        binary.venue.nextCode = code;
        const id = at + 1;
        const [spoken] = json.socket.ask(jsonRequest(id, request, market));
        const written = binary.sendBinary(encodeRequest(id, request));
        assert.equal(written.length, 1);
        assert.ok(written[0] instanceof Uint8Array, 'a binary request has a binary answer');
        const said = JSON.parse(spoken as string);
        const answer = answerOf(written[0], binary.venue.markets);
        assert.deepEqual(compared(answer), compared(said));
        if (said.type === 'error') seen.errors += 1;
        else seen.orders += 1;
      }
      assert.deepEqual(binary.venue.placed, json.venue.placed);
      assert.deepEqual(binary.venue.amended, json.venue.amended);
      seen.placed += json.venue.placed.length;
    }),
    { numRuns: RUNS },
  );
  for (const [what, times] of Object.entries(seen)) assert.ok(times > RUNS / 10, what);
});

test('whatever bytes come, they are answered once, in FlatBuffers, and nothing throws', () => {
  const { sendBinary, venue } = bench();
  fc.assert(
    fc.property(
      requests,
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(200), { nil: undefined }),
      fc.constantFrom(0, 1, 4, 60_000),
      (request, changes, cutAt, padding) => {
        const whole = encodeRequest(1, request);
        const bytes = new Uint8Array(Math.min(cutAt ?? whole.length, whole.length) + padding);
        bytes.set(whole.subarray(0, bytes.length - padding));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const written = sendBinary(bytes);
        assert.equal(written.length, 1);
        const answer = answerOf(written[0] as Uint8Array, venue.markets);
        if (answer.type === 'error') assert.match(answer.code, /^[A-Z_]+$/);
      },
    ),
    { numRuns: RUNS * 10 },
  );
});

test('random bytes are refused as no FlatBuffer', () => {
  const { sendBinary, venue } = bench();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, marked) => {
      const bytes = marked && noise.length >= 8 ? noise.slice() : noise;
      if (bytes !== noise) bytes.set(Buffer.from('OBQ1'), 4);
      const answer = answerOf(sendBinary(bytes)[0] as Uint8Array, venue.markets);
      assert.equal(answer.type, 'error');
      if (!marked) assert.equal(answer.code, 'INVALID_FLATBUFFER');
    }),
    { numRuns: RUNS * 3 },
  );
});
