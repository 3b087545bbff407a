import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CommandWriter } from '../../../src/codec/commands.ts';
import * as R from '../../../src/codec/records.ts';
import { Prng } from '../../../src/lib/prng.ts';
import { SymbolMachine } from '../../../src/matching/symbol-machine.ts';
import { FRAME_FLAG_END, frameFlags } from '../../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../../src/rings/ring.ts';
import { commandOf } from '../../support/naive-command.ts';
import { CONFIG, Harness } from '../../support/naive-harness.ts';

describe('SymbolMachine', () => {
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
    const events = Ring.create(1 << 16, 1);
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
