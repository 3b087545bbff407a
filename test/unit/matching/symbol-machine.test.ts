import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommandWriter } from '../../../src/codec/commands.ts';
import * as R from '../../../src/codec/records.ts';
import { Prng } from '../../../src/lib/prng.ts';
import type { MachineConfig } from '../../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../../src/matching/symbol-machine.ts';
import { FRAME_FLAG_END, frameFlags } from '../../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../../src/rings/ring.ts';
import { commandOf } from '../../support/naive-command.ts';
import { CONFIG, Harness } from '../../support/naive-harness.ts';
import { NaiveMachine } from '../../support/naive-machine.ts';

interface Case {
  readonly name: string;
  readonly config?: Partial<MachineConfig>;
  /** Indented lines are the events that the command above them causes. */
  readonly table: string;
}

/** Fees in all tables: maker -100 ppm, taker 600 ppm, 1000 units per tick and lot. */
const CASES: readonly Case[] = [
  {
    name: 'orders rest by price, then by time, and trade at the resting price',
    table: `
      buy 1 10@100 pf=7
        accepted 1
        rested 1 buy 10@100 level 10/1
      buy 2 5@101
        accepted 2
        rested 2 buy 5@101 level 5/1
      buy 3 4@101 pf=8
        accepted 3
        rested 3 buy 4@101 level 9/2
      sell 4 12@100 pf=9
        accepted 4
        trade #1 maker 2 taker 4 sell 5@101 left 0/7 fees -50/303 pf 0/9 level 4/1
        trade #2 maker 3 taker 4 sell 4@101 left 0/3 fees -40/242 pf 8/9 level 0/0
        trade #3 maker 1 taker 4 sell 3@100 left 7/0 fees -30/180 pf 7/9 level 7/1`,
  },
  {
    name: 'what a limit order does not trade rests at its own limit',
    table: `
      sell 1 5@100
        accepted 1
        rested 1 sell 5@100 level 5/1
      buy 2 8@103
        accepted 2
        trade #1 maker 1 taker 2 buy 5@100 left 0/3 fees -50/300 pf 0/0 level 0/0
        rested 2 buy 3@103 level 3/1
      sell 3 1@102
        accepted 3
        trade #2 maker 2 taker 3 sell 1@103 left 2/0 fees -10/61 pf 0/0 level 2/1`,
  },
  {
    name: 'immediate or cancel: the rest is cancelled, having never rested',
    table: `
      sell 1 5@100
        accepted 1
        rested 1 sell 5@100 level 5/1
      buy 2 8@100 ioc
        accepted 2
        trade #1 maker 1 taker 2 buy 5@100 left 0/3 fees -50/300 pf 0/0 level 0/0
        cancelled 2 buy 3@100 ioc_remainder
      buy 3 8@100 ioc
        accepted 3
        cancelled 3 buy 8@100 ioc_remainder`,
  },
  {
    name: 'fill or kill: whole or not at all',
    table: `
      sell 1 5@100
        accepted 1
        rested 1 sell 5@100 level 5/1
      sell 2 5@101
        accepted 2
        rested 2 sell 5@101 level 5/1
      buy 3 11@101 fok
        rejected 3 FOK_NOT_FILLABLE
      buy 4 6@100 fok
        rejected 4 FOK_NOT_FILLABLE
      buy 5 7@101 fok
        accepted 5
        trade #1 maker 1 taker 5 buy 5@100 left 0/2 fees -50/300 pf 0/0 level 0/0
        trade #2 maker 2 taker 5 buy 2@101 left 3/0 fees -20/121 pf 0/0 level 3/1`,
  },
  {
    name: 'a market order takes what its protective limit allows; it never rests',
    table: `
      buy 1 5@100 market
        rejected 1 NO_LIQUIDITY
      sell 2 5@100
        accepted 2
        rested 2 sell 5@100 level 5/1
      sell 3 5@110
        accepted 3
        rested 3 sell 5@110 level 5/1
      buy 4 8@105 market
        accepted 4
        trade #1 maker 2 taker 4 buy 5@100 left 0/3 fees -50/300 pf 0/0 level 0/0
        cancelled 4 buy 3@105 market_remainder
      buy 5 8@105 market
        rejected 5 NO_LIQUIDITY
      buy 6 9@110 market fok
        rejected 6 FOK_NOT_FILLABLE`,
  },
  {
    name: 'post-only is rejected rather than take',
    table: `
      sell 1 5@100
        accepted 1
        rested 1 sell 5@100 level 5/1
      buy 2 1@100 post
        rejected 2 POST_ONLY_WOULD_TAKE
      buy 3 1@99 post
        accepted 3
        rested 3 buy 1@99 level 1/1`,
  },
  {
    name: 'a cancelled best leaves no ghost: the next order does not trade with it',
    table: `
      sell 1 5@100
        accepted 1
        rested 1 sell 5@100 level 5/1
      sell 2 5@103
        accepted 2
        rested 2 sell 5@103 level 5/1
      cancel 1
        cancelled 1 sell 5@100 requested level 0/0
      buy 3 5@102
        accepted 3
        rested 3 buy 5@102 level 5/1
      sell 4 1@103
        accepted 4
        rested 4 sell 1@103 level 6/2`,
  },
  {
    name: 'cancelling from the front, the middle and the end keeps the others in their order',
    table: `
      buy 1 1@100
        accepted 1
        rested 1 buy 1@100 level 1/1
      buy 2 2@100
        accepted 2
        rested 2 buy 2@100 level 3/2
      buy 3 3@100
        accepted 3
        rested 3 buy 3@100 level 6/3
      buy 4 4@100
        accepted 4
        rested 4 buy 4@100 level 10/4
      cancel 2
        cancelled 2 buy 2@100 requested level 8/3
      cancel 1
        cancelled 1 buy 1@100 requested level 7/2
      cancel 4
        cancelled 4 buy 4@100 requested level 3/1
      buy 5 5@100
        accepted 5
        rested 5 buy 5@100 level 8/2
      sell 6 4@100
        accepted 6
        trade #1 maker 3 taker 6 sell 3@100 left 0/1 fees -30/180 pf 0/0 level 5/1
        trade #2 maker 5 taker 6 sell 1@100 left 4/0 fees -10/60 pf 0/0 level 4/1`,
  },
  {
    name: 'only its own portfolio, or the venue (0), cancels or amends an order',
    table: `
      buy 1 5@100 pf=7
        accepted 1
        rested 1 buy 5@100 level 5/1
      cancel 1 pf=8
        refused 1 ORDER_NOT_IN_BOOK
      amend 1 reduce 1 pf=8
        refused 1 ORDER_NOT_IN_BOOK
      cancel 2
        refused 2 ORDER_NOT_IN_BOOK
      amend 1 reduce 1
        amended 1 buy 5@100 -> 4@100 kept level 4/1
      cancel 1 pf=7
        cancelled 1 buy 4@100 requested level 0/0`,
  },
  {
    name: 'an id is taken while its order rests, and free after a fill or a cancellation',
    table: `
      buy 1 5@100
        accepted 1
        rested 1 buy 5@100 level 5/1
      sell 1 5@200
        rejected 1 DUPLICATE_ORDER_ID
      cancel 1
        cancelled 1 buy 5@100 requested level 0/0
      sell 1 5@200
        accepted 1
        rested 1 sell 5@200 level 5/1
      buy 2 5@200
        accepted 2
        trade #1 maker 1 taker 2 buy 5@200 left 0/0 fees -100/600 pf 0/0 level 0/0
      buy 1 1@50
        accepted 1
        rested 1 buy 1@50 level 1/1`,
  },
  {
    name: 'a smaller quantity at the same price keeps the place in the queue',
    table: `
      buy 1 10@100
        accepted 1
        rested 1 buy 10@100 level 10/1
      buy 2 10@100
        accepted 2
        rested 2 buy 10@100 level 20/2
      sell 3 4@100
        accepted 3
        trade #1 maker 1 taker 3 sell 4@100 left 6/0 fees -40/240 pf 0/0 level 16/2
      amend 1 total 9
        amended 1 buy 6@100 -> 5@100 kept level 15/2
      amend 1 remaining 3
        amended 1 buy 5@100 -> 3@100 kept level 13/2
      amend 1 reduce 1@100
        amended 1 buy 3@100 -> 2@100 kept level 12/2
      sell 4 3@100
        accepted 4
        trade #2 maker 1 taker 4 sell 2@100 left 0/1 fees -20/120 pf 0/0 level 10/1
        trade #3 maker 2 taker 4 sell 1@100 left 9/0 fees -10/60 pf 0/0 level 9/1`,
  },
  {
    name: 'more quantity or another price costs the place, and may trade',
    table: `
      buy 1 5@100
        accepted 1
        rested 1 buy 5@100 level 5/1
      buy 2 5@100
        accepted 2
        rested 2 buy 5@100 level 10/2
      amend 1 remaining 6
        amended 1 buy 5@100 -> 6@100 moved level 5/1
        rested 1 buy 6@100 level 11/2
      sell 3 4@103
        accepted 3
        rested 3 sell 4@103 level 4/1
      amend 2 total 7@103
        amended 2 buy 5@100 -> 7@103 moved level 6/1
        trade #1 maker 3 taker 2 buy 4@103 left 0/3 fees -41/247 pf 0/0 level 0/0
        rested 2 buy 3@103 level 3/1
      amend 2 total 8@104
        amended 2 buy 3@103 -> 4@104 moved level 0/0
        rested 2 buy 4@104 level 4/1`,
  },
  {
    name: 'an amendment that changes nothing or leaves nothing is refused; reduced to nothing, it cancels',
    table: `
      buy 1 5@100
        accepted 1
        rested 1 buy 5@100 level 5/1
      sell 2 2@100
        accepted 2
        trade #1 maker 1 taker 2 sell 2@100 left 3/0 fees -20/120 pf 0/0 level 3/1
      amend 1 total 0
        refused 1 AMEND_INVALID
      amend 1 total 5@100
        refused 1 AMEND_INVALID
      amend 1 total 2
        refused 1 AMEND_INVALID
      amend 1 total 1@101
        refused 1 AMEND_INVALID
      amend 9 total 1
        refused 9 ORDER_NOT_IN_BOOK
      amend 1 reduce 3
        cancelled 1 buy 3@100 requested level 0/0`,
  },
  {
    name: 'halted: no new orders, no lost places; cancels, reductions and prints go on',
    table: `
      buy 1 5@100
        accepted 1
        rested 1 buy 5@100 level 5/1
      halt
        phase continuous -> halted
      buy 2 5@100
        rejected 2 MARKET_HALTED
      amend 1 remaining 9
        refused 1 MARKET_HALTED
      amend 1 remaining 4@101
        refused 1 MARKET_HALTED
      amend 1 remaining 4
        amended 1 buy 5@100 -> 4@100 kept level 4/1
      print sell 3@99
        printed #1 sell 3@99
      print unknown 3@98
        printed #2 unknown 3@98
      cancel 1
        cancelled 1 buy 4@100 requested level 0/0
      resume
        phase halted -> continuous
      buy 2 5@100
        accepted 2
        rested 2 buy 5@100 level 5/1
      sell 3 1@100
        accepted 3
        trade #3 maker 2 taker 3 sell 1@100 left 4/0 fees -10/60 pf 0/0 level 4/1`,
  },
  {
    name: 'a mass cancel goes through the book in its order, for one portfolio or for all',
    table: `
      sell 1 1@103 pf=7
        accepted 1
        rested 1 sell 1@103 level 1/1
      buy 2 2@100 pf=7
        accepted 2
        rested 2 buy 2@100 level 2/1
      buy 3 3@101 pf=7
        accepted 3
        rested 3 buy 3@101 level 3/1
      buy 4 4@100 pf=8
        accepted 4
        rested 4 buy 4@100 level 6/2
      buy 5 5@100 pf=7
        accepted 5
        rested 5 buy 5@100 level 11/3
      cancel-all pf=7
        cancelled 3 buy 3@101 mass_cancel level 0/0
        cancelled 2 buy 2@100 mass_cancel level 9/2
        cancelled 5 buy 5@100 mass_cancel level 4/1
        cancelled 1 sell 1@103 mass_cancel level 0/0
        all-cancelled 4
      cancel-all pf=7
        all-cancelled 0
      cancel-all
        cancelled 4 buy 4@100 mass_cancel level 0/0
        all-cancelled 1`,
  },
  {
    name: 'one command causes so many fills and no more',
    config: { maxFillsPerCommand: 2 },
    table: `
      sell 1 1@100
        accepted 1
        rested 1 sell 1@100 level 1/1
      sell 2 1@100
        accepted 2
        rested 2 sell 1@100 level 2/2
      sell 3 1@101
        accepted 3
        rested 3 sell 1@101 level 1/1
      buy 4 3@101 fok
        rejected 4 FOK_NOT_FILLABLE
      buy 5 3@101
        accepted 5
        trade #1 maker 1 taker 5 buy 1@100 left 0/2 fees -10/60 pf 0/0 level 1/1
        trade #2 maker 2 taker 5 buy 1@100 left 0/1 fees -10/60 pf 0/0 level 0/0
        cancelled 5 buy 1@101 fill_limit
      sell 6 1@101
        accepted 6
        rested 6 sell 1@101 level 2/2
      buy 7 3@101
        accepted 7
        trade #3 maker 3 taker 7 buy 1@101 left 0/2 fees -10/60 pf 0/0 level 1/1
        trade #4 maker 6 taker 7 buy 1@101 left 0/1 fees -10/60 pf 0/0 level 0/0
        rested 7 buy 1@101 level 1/1
      buy 8 1@50
        accepted 8
        rested 8 buy 1@50 level 1/1
      buy 9 1@50
        accepted 9
        rested 9 buy 1@50 level 2/2
      cancel-all
        cancelled 7 buy 1@101 mass_cancel level 0/0
        cancelled 8 buy 1@50 mass_cancel level 1/1
        all-cancelled 2`,
  },
  {
    name: 'a full pool refuses who would rest, before any trade, and lets the others trade',
    config: { maxOrders: 2 },
    table: `
      buy 1 1@100
        accepted 1
        rested 1 buy 1@100 level 1/1
      sell 2 5@110
        accepted 2
        rested 2 sell 5@110 level 5/1
      buy 3 1@100
        rejected 3 ORDER_POOL_FULL
      buy 4 6@110
        rejected 4 ORDER_POOL_FULL
      buy 5 6@110 ioc
        accepted 5
        trade #1 maker 2 taker 5 buy 5@110 left 0/1 fees -55/330 pf 0/0 level 0/0
        cancelled 5 buy 1@110 ioc_remainder
      sell 6 3@110
        accepted 6
        rested 6 sell 3@110 level 3/1
      buy 7 2@110
        accepted 7
        trade #2 maker 6 taker 7 buy 2@110 left 1/0 fees -22/132 pf 0/0 level 1/1
      amend 1 total 2@90
        amended 1 buy 1@100 -> 2@90 moved level 0/0
        rested 1 buy 2@90 level 2/1`,
  },
  {
    name: 'without a free level an order rests only where there is one',
    config: { maxLevels: 2 },
    table: `
      buy 1 1@100
        accepted 1
        rested 1 buy 1@100 level 1/1
      buy 2 1@100
        accepted 2
        rested 2 buy 1@100 level 2/2
      sell 3 5@110
        accepted 3
        rested 3 sell 5@110 level 5/1
      buy 4 1@101
        rejected 4 ORDER_POOL_FULL
      buy 5 1@100
        accepted 5
        rested 5 buy 1@100 level 3/3
      amend 1 total 1@99
        refused 1 ORDER_POOL_FULL
      amend 3 total 5@111
        amended 3 sell 5@110 -> 5@111 moved level 0/0
        rested 3 sell 5@111 level 5/1
      amend 1 total 1@111
        amended 1 buy 1@100 -> 1@111 moved level 2/2
        trade #1 maker 3 taker 1 buy 1@111 left 4/0 fees -11/66 pf 0/0 level 4/1`,
  },
  {
    name: 'prices far apart: from one tick to 2^53 - 1',
    config: { quoteUnitsPerTickLot: 1, makerFeePpm: 0, takerFeePpm: 0 },
    table: `
      buy 1 2@1
        accepted 1
        rested 1 buy 2@1 level 2/1
      sell 2 1@9007199254740991
        accepted 2
        rested 2 sell 1@9007199254740991 level 1/1
      sell 3 1@1099511627776
        accepted 3
        rested 3 sell 1@1099511627776 level 1/1
      sell 4 1@9007199254740990
        accepted 4
        rested 4 sell 1@9007199254740990 level 1/1
      buy 5 1@1000000
        accepted 5
        rested 5 buy 1@1000000 level 1/1
      buy 6 1@1099511627775
        accepted 6
        rested 6 buy 1@1099511627775 level 1/1
      cancel 6
        cancelled 6 buy 1@1099511627775 requested level 0/0
      sell 7 4@1 ioc
        accepted 7
        trade #1 maker 5 taker 7 sell 1@1000000 left 0/3 fees 0/0 pf 0/0 level 0/0
        trade #2 maker 1 taker 7 sell 2@1 left 0/1 fees 0/0 pf 0/0 level 0/0
        cancelled 7 sell 1@1 ioc_remainder
      buy 8 3@9007199254740991
        accepted 8
        trade #3 maker 3 taker 8 buy 1@1099511627776 left 0/2 fees 0/0 pf 0/0 level 0/0
        trade #4 maker 4 taker 8 buy 1@9007199254740990 left 0/1 fees 0/0 pf 0/0 level 0/0
        trade #5 maker 2 taker 8 buy 1@9007199254740991 left 0/0 fees 0/0 pf 0/0 level 0/0`,
  },
  {
    name: 'the largest quantity is kept exactly',
    config: { quoteUnitsPerTickLot: 1, makerFeePpm: 0, takerFeePpm: 0 },
    table: `
      buy 1 9007199254740991@1
        accepted 1
        rested 1 buy 9007199254740991@1 level 9007199254740991/1
      sell 2 9007199254740990@1
        accepted 2
        trade #1 maker 1 taker 2 sell 9007199254740990@1 left 1/0 fees 0/0 pf 0/0 level 1/1`,
  },
];

describe('SymbolMachine', () => {
  for (const { name, config, table } of CASES) {
    it(name, () => {
      const used = { ...CONFIG, ...config };
      const engine = new Harness(used);
      const naive = new NaiveMachine(used);
      const expected = table.split('\n').slice(1);
      const indent = expected[0].search(/\S/);
      const commands = expected.filter((line) => line.search(/\S/) === indent);
      const say = (run: (line: string) => string[]): string[] =>
        commands.flatMap((line) => [
          line,
          ...run(line).map((event) => `${' '.repeat(indent + 2)}${event}`),
        ]);
      assert.deepEqual(
        say((line) => engine.run(commandOf(line.trim()))),
        expected,
      );
      assert.deepEqual(
        say((line) => naive.apply(commandOf(line.trim()))),
        expected,
      );
    });
  }

  it('sweeps five thousand orders of one level in their order', () => {
    const engine = new Harness();
    for (let id = 1; id <= 5000; id += 1) engine.run(commandOf(`sell ${id} ${id}@100`));
    const total = (5000 * 5001) / 2;
    const lines = engine.run(commandOf(`buy 5001 ${total + 1}@100`));
    assert.equal(lines.length, 5002);
    lines.slice(1, -1).forEach((line, i) => {
      assert.ok(
        line.startsWith(`trade #${i + 1} maker ${i + 1} taker 5001 buy ${i + 1}@100 left 0/`),
      );
    });
    assert.equal(lines[5001], 'rested 5001 buy 1@100 level 1/1');
    assert.equal(engine.machine.openOrders, 1);
    assert.equal(engine.machine.bestAskTicks(), 0);
    assert.equal(engine.machine.bestBidTicks(), 100);
  });

  it('writes groups of any length at any place of a ring that is read as late as can be', () => {
    const config = { ...CONFIG, maxFillsPerCommand: 40 };
    const events = Ring.create(1 << 14, 1);
    const producer = new RingProducer(events);
    const reader = new RingReader(events, 0);
    const machine = new SymbolMachine(config, producer);
    const commands = Ring.create(1 << 10, 1);
    const commandProducer = new RingProducer(commands);
    const commandReader = new RingReader(commands, 0);
    const writer = new CommandWriter(commandProducer);
    const random = new Prng(5);
    let seq = 0;
    let longest = 0;
    let frames = 0;
    const read = (): void => {
      for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
        seq += 1;
        frames += 1;
        assert.equal(events.f64[(at + R.RECORD_SEQ) >>> 3], seq);
        if (frameFlags(events.i32[(at + 4) >>> 2]) !== FRAME_FLAG_END) continue;
        longest = Math.max(longest, frames);
        frames = 0;
      }
      reader.release();
    };
    for (let orderId = 1; orderId <= 20_000; orderId += 1) {
      const envelope = { marketId: 3, requestId: 0, sessionId: 0, portfolioId: 1, orderId };
      const idLength = random.integer(0, 36);
      const terms = { ...envelope, seconds: 1, nanos: 1, clientOrderId: 'x'.repeat(idLength) };
      const sweeps = random.chance(0.05);
      writer.place(terms, sweeps ? 1 : 0, 0, sweeps ? 1 : 0, 0, 100, sweeps ? 60 : 1);
      commandProducer.publish();
      if (!producer.canClaim(machine.worstGroupBytes)) {
        producer.publish();
        read();
        assert.ok(producer.canClaim(machine.worstGroupBytes), 'an empty ring has room');
      }
      machine.apply(commands, commandReader.next());
      commandReader.release();
    }
    producer.publish();
    read();
    assert.equal(seq, machine.seq);
    assert.equal(longest, 43, 'echo, acceptance, forty fills, the rest cancelled');
  });

  it('refuses what only a bug of ours could send', () => {
    for (const bug of ['buy 1 0@100', 'buy 1 5@0']) {
      assert.throws(() => new Harness().run(commandOf(bug)), { name: 'AssertionError' });
    }
    assert.throws(() => new Harness().run({ kind: 'phase', to: 9 }), { name: 'AssertionError' });
  });
});
