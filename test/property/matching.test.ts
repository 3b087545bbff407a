import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BookImage, decodeImage, encodeImage } from '../../src/matching/book-image.ts';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import { imageHash } from '../../src/matching/state-hash.ts';
import { EMPTY_IMAGE, plainOrder } from '../support/book-images.ts';
import { type Command, textOf } from '../support/naive-command.ts';
import { CONFIG, Harness } from '../support/naive-harness.ts';
import { NaiveMachine } from '../support/naive-machine.ts';

const SEED = Number(process.env.OPENBELL_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`matching properties: run again with OPENBELL_SEED=${SEED}`);

interface Scene {
  readonly name: string;
  readonly config: Partial<MachineConfig>;
  readonly prices: fc.Arbitrary<number>;
  readonly qtys: fc.Arbitrary<number>;
  readonly orderIds: fc.Arbitrary<number>;
}

/** Places where the ladder's window ends, moves or is left far behind. */
const FAR = [1, 2, 32_767, 65_536, 131_072, 196_608, 262_143, 458_752, 2 ** 31, 2 ** 40, 2 ** 52];

const SCENES: readonly Scene[] = [
  {
    name: 'a busy book of few prices',
    config: {},
    prices: fc.integer({ min: 95, max: 105 }),
    qtys: fc.integer({ min: 1, max: 20 }),
    orderIds: fc.integer({ min: 1, max: 60 }),
  },
  {
    name: 'prices near and far',
    config: { quoteUnitsPerTickLot: 1 },
    prices: fc
      .tuple(fc.constantFrom(...FAR), fc.integer({ min: 0, max: 40 }), fc.constantFrom(1, 5000))
      .map(([base, offset, stride]) => base + offset * stride),
    qtys: fc.integer({ min: 1, max: 2 }),
    orderIds: fc.integer({ min: 1, max: 200 }),
  },
  {
    name: 'pools, levels and fills at their limits',
    config: { maxOrders: 8, maxLevels: 5, maxFillsPerCommand: 3 },
    prices: fc.integer({ min: 97, max: 103 }),
    qtys: fc.integer({ min: 1, max: 6 }),
    orderIds: fc.integer({ min: 1, max: 30 }),
  },
  {
    name: 'ids that share their low bits, quantities beyond 32 bits',
    config: { quoteUnitsPerTickLot: 1 },
    prices: fc.integer({ min: 99, max: 101 }),
    qtys: fc.integer({ min: 1, max: 2 ** 40 }),
    orderIds: fc.integer({ min: 1, max: 40 }).map((n) => n * 2 ** 32 + 7),
  },
];

function commands({ prices, qtys, orderIds }: Scene): fc.Arbitrary<Command[]> {
  const portfolio = fc.integer({ min: 0, max: 3 });
  const side = fc.integer({ min: 0, max: 1 });
  const place = fc.record({
    kind: fc.constant('place' as const),
    orderId: orderIds,
    side,
    qty: qtys,
    price: prices,
    orderType: fc.constantFrom(0, 0, 0, 0, 1),
    tif: fc.constantFrom(0, 0, 0, 1, 2),
    flags: fc.constantFrom(0, 0, 0, 1),
    portfolio,
  });
  const cancel = fc.record({ kind: fc.constant('cancel' as const), orderId: orderIds, portfolio });
  const amend = fc.record({
    kind: fc.constant('amend' as const),
    orderId: orderIds,
    mode: fc.integer({ min: 0, max: 2 }),
    qty: fc.oneof(fc.constant(0), qtys),
    price: fc.oneof(fc.constant(0), prices),
    portfolio,
  });
  const rare: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ kind: fc.constant('phase' as const), to: fc.constantFrom(0, 0, 1) }),
    fc.record({
      kind: fc.constant('print' as const),
      side: fc.constantFrom(0, 1, 255),
      qty: qtys,
      price: prices,
    }),
    fc.record({ kind: fc.constant('cancel-all' as const), portfolio }),
  );
  const any = fc.oneof(
    { weight: 24, arbitrary: place as fc.Arbitrary<Command> },
    { weight: 8, arbitrary: cancel },
    { weight: 8, arbitrary: amend },
    { weight: 1, arbitrary: rare },
  );
  return fc.array(any, { minLength: 1, maxLength: 250, size: 'max' });
}

/** Lots that entered the book, and how they left it, read from the events. */
class Conservation {
  private entered = 0n;
  private traded = 0n;
  private cancelled = 0n;

  note(command: Command, lines: readonly string[]): void {
    for (const line of lines) {
      const [, qty = '0', next = '0'] =
        /(\d+)@\d+ -> (\d+)@/.exec(line) ?? /(\d+)@\d+/.exec(line) ?? [];
      if (line.startsWith('accepted') && command.kind === 'place')
        this.entered += BigInt(command.qty);
      if (line.startsWith('amended')) this.entered += BigInt(next) - BigInt(qty);
      if (line.startsWith('cancelled')) this.cancelled += BigInt(qty);
      if (line.startsWith('trade')) this.traded += BigInt(qty);
    }
  }

  check(image: BookImage): void {
    const open = image.orders.reduce((sum, order) => sum + BigInt(order.remainingLots), 0n);
    assert.equal(this.entered, this.traded * 2n + this.cancelled + open, 'lots are conserved');
  }
}

function naiveImage(naive: NaiveMachine, marketId: number, seq: number): BookImage {
  return {
    ...EMPTY_IMAGE,
    marketId,
    seq,
    phase: naive.phase === 'halted' ? 1 : 0,
    lastTradeId: naive.lastTradeId,
    lastTradePriceTicks: naive.lastTradePrice,
    orders: naive.canonical().map((order) =>
      plainOrder({
        orderId: order.id,
        portfolioId: order.portfolio,
        side: order.side === 'buy' ? 0 : 1,
        priceTicks: order.price,
        remainingLots: order.remaining,
        totalLots: order.total,
      }),
    ),
  };
}

function check(config: MachineConfig, stream: readonly Command[], cut: number): void {
  const engine = new Harness(config);
  const naive = new NaiveMachine(config);
  const conservation = new Conservation();
  let fork: Harness | undefined;
  let writtenAtFork = 0;
  stream.forEach((command, i) => {
    if (i === cut % stream.length) {
      fork = engine.fork();
      writtenAtFork = engine.written.length;
    }
    const lines = engine.run(command);
    assert.deepEqual(lines, naive.apply(command), textOf(command));
    conservation.note(command, lines);
    const { machine } = engine;
    const bid = machine.bestBidTicks();
    const ask = machine.bestAskTicks();
    assert.equal(bid, naive.queue('buy')[0]?.price ?? 0);
    assert.equal(ask, naive.queue('sell')[0]?.price ?? 0);
    assert.ok(bid === 0 || ask === 0 || bid < ask, 'the book is crossed');
    fork?.run(command);
  });
  const image = engine.machine.image();
  assert.deepEqual(image, naiveImage(naive, config.marketId, image.seq));
  assert.deepEqual(engine.follower.image(), image, 'the events alone tell the same book');
  assert.equal(engine.machine.stateHash(), imageHash(image));
  assert.deepEqual(decodeImage(encodeImage(image)), image);
  conservation.check(image);
  assert.ok(fork !== undefined);
  assert.deepEqual(fork.written, engine.written.slice(writtenAtFork), 'restored goes on alike');
  assert.equal(fork.machine.stateHash(), engine.machine.stateHash());
}

describe('SymbolMachine beside the naive machine', () => {
  for (const scene of SCENES) {
    it(scene.name, () => {
      const config = { ...CONFIG, ...scene.config };
      fc.assert(
        fc.property(commands(scene), fc.nat({ max: 250 }), (stream, cut) => {
          check(config, stream, cut);
        }),
        { seed: SEED, numRuns: 150 },
      );
    });
  }
});
