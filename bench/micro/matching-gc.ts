import { constants, PerformanceObserver } from 'node:perf_hooks';
import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import { ORDER_TYPE_LIMIT, TIF_GTC, TIF_IOC } from '../../src/domain/orders.ts';
import { Prng } from '../../src/lib/prng.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import type { BenchOptions, BenchResult } from '../support/result.ts';
import { three } from '../support/result.ts';
import { carryOutBatch, MACHINE_CONFIG } from './matching-flow.ts';

const OPERATIONS = 10_000_000;
const SMOKE_OPERATIONS = 20_000;
/** About half of them are taken at any time. */
const PLACES = 20_000;
/** Commands between two publications of the event ring, as in the market worker. */
const BATCH_COMMANDS = 256;
const MIDDLE_TICKS = 1_000_000;
const SPREAD_TICKS = 200;
const TAKE_SHARE = 0.05;

/**
 * A long run of one machine with nothing kept and nothing prepared: commands are written into a ring,
 * carried out and their events dropped, batch by batch. Counts the garbage collections meanwhile; the
 * same is seen with `node --trace-gc dist/bench/run.js matching-gc`.
 */
export async function run({ smoke }: BenchOptions): Promise<BenchResult> {
  const operations = smoke ? SMOKE_OPERATIONS : OPERATIONS;
  const feed = new Feed();
  // Until the machine is compiled and its memory has grown to what the book needs.
  feed.carryOut(smoke ? SMOKE_OPERATIONS : OPERATIONS / 5);
  const collections = new Collections();
  const heapBefore = process.memoryUsage().heapUsed;
  const start = performance.now();
  feed.carryOut(operations);
  const seconds = (performance.now() - start) / 1000;
  const heapBytes = process.memoryUsage().heapUsed - heapBefore;
  const { minor, major } = await collections.end();
  return {
    name: 'matching-gc',
    rows: [
      {
        operations,
        'M ops/s': three(operations / seconds / 1e6),
        'minor collections': minor,
        'major collections': major,
        'heap growth, bytes': heapBytes,
        'live orders': feed.openOrders,
      },
    ],
    notes: [
      'writing the commands is part of the time; heap growth is of the whole process, this bench included',
    ],
  };
}

/** Makes commands one after the other, and has a machine carry them out. */
class Feed {
  private readonly commands = Ring.create(1 << 20, 1);
  private readonly commandProducer = new RingProducer(this.commands);
  private readonly writer = new CommandWriter(this.commandProducer);
  private readonly commandReader = new RingReader(this.commands, 0);
  private readonly events = Ring.create(1 << 23, 1);
  private readonly producer = new RingProducer(this.events);
  private readonly reader = new RingReader(this.events, 0);
  private readonly machine = new SymbolMachine(MACHINE_CONFIG, this.producer);
  private readonly random = new Prng(5);
  private readonly envelope: CommandEnvelope = {
    marketId: MACHINE_CONFIG.marketId,
    requestId: 0,
    sessionId: 0,
    portfolioId: 0,
    orderId: 0,
    seconds: 1_700_000_000,
    nanos: 0,
    clientOrderId: '',
  };
  private newestId = 0;
  /** Ids of orders to cancel in time; 0 where there is none. */
  private readonly placed = new Float64Array(PLACES);

  get openOrders(): number {
    return this.machine.openOrders;
  }

  carryOut(operations: number): void {
    const { machine, producer, commandReader, commandProducer } = this;
    for (let done = 0; done < operations; done += BATCH_COMMANDS) {
      const end = Math.min(operations, done + BATCH_COMMANDS);
      for (let i = done; i < end; i += 1) this.write();
      commandProducer.publish();
      carryOutBatch(machine, producer, commandReader, end - done);
      commandReader.release();
      producer.publish();
      this.reader.skipToEnd();
    }
  }

  /** An addition, an order that takes, or the cancellation of one added before. */
  private write(): void {
    const { random, envelope, writer } = this;
    envelope.requestId += 1;
    const dice = random.uniform();
    const side = random.integer(0, 1);
    const away = side === 0 ? -1 : 1;
    if (dice < TAKE_SHARE) {
      this.address(1);
      writer.place(envelope, side, ORDER_TYPE_LIMIT, TIF_IOC, 0, MIDDLE_TICKS - away, 100);
      return;
    }
    const place = random.integer(0, this.placed.length - 1);
    if (this.placed[place] === 0) {
      this.address(2);
      this.placed[place] = this.newestId;
      const priceTicks = MIDDLE_TICKS + away * random.integer(1, SPREAD_TICKS);
      const qtyLots = random.integer(1, 100);
      writer.place(envelope, side, ORDER_TYPE_LIMIT, TIF_GTC, 0, priceTicks, qtyLots);
    } else {
      envelope.portfolioId = 0;
      envelope.orderId = this.placed[place];
      this.placed[place] = 0;
      writer.cancel(envelope);
    }
  }

  private address(portfolioId: number): void {
    this.newestId += 1;
    this.envelope.portfolioId = portfolioId;
    this.envelope.orderId = this.newestId;
  }
}

/** Garbage collections of this process from now on. */
class Collections {
  private minor = 0;
  private major = 0;
  private readonly observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as unknown as { detail: { kind: number } }).detail;
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) this.minor += 1;
      else this.major += 1;
    }
  });

  constructor() {
    this.observer.observe({ entryTypes: ['gc'] });
  }

  /** Entries arrive with a turn of the event loop. */
  async end(): Promise<{ minor: number; major: number }> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    this.observer.disconnect();
    return { minor: this.minor, major: this.major };
  }
}
