import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StreamHub } from '../../src/gateway/streams/hub.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { NativeStream } from '../../src/surfaces/native/stream.ts';
import { MarketFlow, sortedLevels } from '../support/market-flow.ts';
import { shippedMarkets } from '../support/markets.ts';
import { ClientBook, factsOfBinary, factsOfJson } from '../support/stream-facts.ts';
import {
  FakeHub,
  type FakeSocket,
  NO_ORDERS,
  PLAIN_REQUEST,
  StepClock,
} from '../support/stream-fakes.ts';

const registry = shippedMarkets();
const MARKETS = [registry.get(6)!, registry.get(13)!];

/** A subscriber that keeps books and trades of both markets from what it is sent. */
class Subscriber {
  readonly books = new Map(
    MARKETS.map((market) => [`${market.exchange}:${market.symbol}`, new ClientBook(market)]),
  );
  readonly tradeIds = new Map<string, number[]>();
  private readonly tradesSeq = new Map<string, number>();
  private readonly socket: FakeSocket;
  private read = 0;

  constructor(socket: FakeSocket) {
    this.socket = socket;
  }

  /** Reads all that arrived since the last call; throws at a gap or a wrong checksum. */
  readAll(): void {
    for (; this.read < this.socket.received.length; this.read += 1) {
      const frame = this.socket.received[this.read];
      if (typeof frame === 'string' && !frame.startsWith('{"channel"')) {
        this.control(JSON.parse(frame));
        continue;
      }
      const facts =
        typeof frame === 'string' ? factsOfJson(frame, registry) : factsOfBinary(frame, registry);
      if (facts.type === 'trades') {
        assert.equal(facts.prevSeq, this.tradesSeq.get(facts.market), 'no gap in the tape');
        this.tradesSeq.set(facts.market, facts.seq);
        this.tradeIds.get(facts.market)!.push(...facts.trades!.map((trade) => trade.id));
      } else this.books.get(facts.market)?.apply(facts);
    }
  }

  private control(message: {
    type: string;
    channel: string;
    markets: { market: string; seq: number }[];
  }): void {
    if (message.type !== 'subscribed' || message.channel !== 'trades') return;
    for (const { market, seq } of message.markets) {
      this.tradesSeq.set(market, seq);
      this.tradeIds.set(market, []);
    }
  }
}

const EVENTS = 0;
const PUBLISH = 1;
const JOIN_JSON = 2;
const JOIN_BINARY = 3;
const RESYNC = 4;

test('whoever joins whenever rebuilds the very book, without a gap, in both codecs', () => {
  const action = fc.tuple(
    fc.constantFrom(EVENTS, EVENTS, EVENTS, PUBLISH, PUBLISH, JOIN_JSON, JOIN_BINARY, RESYNC),
    fc.integer({ min: 1, max: 40 }),
  );
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(action, { minLength: 5, maxLength: 60 }),
      (seed, actions) => {
        const clock = new StepClock();
        const views = new MarketViews(registry.all);
        const stream = new NativeStream({
          markets: registry,
          views,
          epoch: 1,
          clock,
          ...NO_ORDERS,
        });
        const hub = new StreamHub({ views, clock, endpoints: [stream] });
        const wire = new FakeHub();
        stream.bind(wire);
        const flows = MARKETS.map((market, i) => new MarketFlow(market.id, seed + i));
        const tradesAtJoin: number[][] = [];
        const subscribers: Subscriber[] = [];
        for (const [kind, amount] of [...actions, [PUBLISH, 0]]) {
          if (kind === EVENTS) {
            for (let i = 0; i < amount; i += 1) {
              for (const flow of flows) {
                flow.step();
                hub.views.apply(flow.views, 0);
              }
            }
            continue;
          }
          // As the binding does before a surface sees anything of a client.
          hub.publish();
          if (kind === JOIN_JSON || kind === JOIN_BINARY) {
            const query = kind === JOIN_JSON ? '' : 'format=flatbuffers';
            const socket = wire.socket();
            socket.session = stream.open(socket, { ...PLAIN_REQUEST, query });
            socket.ask({ op: 'subscribe', channel: 'book', market: '*' });
            socket.ask({ op: 'subscribe', channel: 'trades', market: '*' });
            subscribers.push(new Subscriber(socket));
            tradesAtJoin.push(flows.map((flow) => flow.trades.length));
          } else if (kind === RESYNC && wire.sockets.length > 0) {
            const socket = wire.sockets[amount % wire.sockets.length];
            socket.ask({ op: 'subscribe', channel: 'book', market: 'sei:SEI-USDC' });
          }
        }
        for (const [i, subscriber] of subscribers.entries()) {
          subscriber.readAll();
          for (const [m, book] of [...subscriber.books.values()].entries()) {
            assert.deepEqual(book.levels(0), sortedLevels(flows[m], 0));
            assert.deepEqual(book.levels(1), sortedLevels(flows[m], 1));
          }
          for (const [m, market] of MARKETS.entries()) {
            const expected = flows[m].trades.slice(tradesAtJoin[i][m]).map((trade) => trade.id);
            const name = `${market.exchange}:${market.symbol}`;
            assert.deepEqual(subscriber.tradeIds.get(name), expected);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});
