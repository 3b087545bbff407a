import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { SIDE_BUY, SIDE_SELL } from '../../src/domain/orders.ts';
import { FeatureRing } from '../../src/features/feature-ring.ts';
import { FEATURE_COUNT } from '../../src/features/feature-schema.ts';
import { MarketWatch } from '../../src/features/market-watch.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { FRAME_FLAG_END, type FrameViews, frameFlags, frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import type { FactGroup, MarketFact } from './naive-features.ts';
import { CONFIG } from './naive-harness.ts';

/**
 * A market worker's work on one market in this thread, with its features and with what it wrote.
 * Commands are given first and then matched, one by one or in rows as the worker does.
 */
export class WatchedMarket {
  readonly groups: FactGroup[] = [];
  /** Every row that could be read, by the tenth of a second of its moment. */
  readonly rows = new Map<number, Float64Array>();
  private readonly features = FeatureRing.create();
  private readonly commands = Ring.create(1 << 16, 1);
  private readonly producer = new RingProducer(this.commands);
  private readonly writer = new CommandWriter(this.producer);
  private readonly reader = new RingReader(this.commands, 0);
  // Small, so that groups lie across its end.
  private readonly events = Ring.create(1 << 18, 1);
  private readonly eventProducer = new RingProducer(this.events);
  private readonly eventReader = new RingReader(this.events, 0);
  private readonly machine = new SymbolMachine(
    { ...CONFIG, maxFillsPerCommand: 40 },
    this.eventProducer,
  );
  private readonly watch = new MarketWatch(this.machine, this.eventProducer, this.features);
  private requestId = 0;
  private known = -1;
  private facts: MarketFact[] = [];

  /** Gives a command at a time, milliseconds of venue time. */
  command(atMs: number, write: (writer: CommandWriter, envelope: CommandEnvelope) => void): void {
    this.requestId += 1;
    write(this.writer, {
      marketId: CONFIG.marketId,
      requestId: this.requestId,
      sessionId: 0,
      portfolioId: 1,
      orderId: this.requestId,
      seconds: Math.floor(atMs / 1000),
      nanos: (atMs % 1000) * 1_000_000,
      clientOrderId: '',
    });
    this.producer.publish();
  }

  /** Matches what was given; `most` in a row, where they can be. */
  match(most: number): void {
    const { reader, commands, machine, watch } = this;
    for (let at = reader.peek(); at !== RING_EMPTY; at = reader.peek()) {
      const count = watch.before(commands, at, reader.rowEnd(), most);
      this.readRows();
      const ran = most === 1 ? 0 : machine.applyRun(commands, at, reader.rowEnd(), count);
      if (ran > 0) {
        reader.skipTo(machine.ranTo);
        this.takeIn();
      } else {
        while (machine.isDue(commands, at)) {
          machine.expire(commands, at);
          this.takeIn();
        }
        machine.apply(commands, reader.next());
        this.takeIn();
      }
      while (machine.hasWork()) {
        machine.continueWork();
        this.takeIn();
      }
    }
    reader.release();
  }

  private takeIn(): void {
    this.watch.after();
    this.eventProducer.publish();
    const { i32 } = this.events;
    for (let at = this.eventReader.next(); at !== RING_EMPTY; at = this.eventReader.next()) {
      this.facts.push(...factsOf(this.events, at));
      if ((frameFlags(i32[(at + 4) >>> 2]) & FRAME_FLAG_END) === 0) continue;
      const seconds = i32[(at + R.RECORD_SECONDS) >>> 2];
      const tenths = seconds * 10 + Math.floor(i32[(at + R.RECORD_NANOS) >>> 2] / 100_000_000);
      this.groups.push({ tenths, facts: this.facts });
      this.facts = [];
    }
    this.eventReader.release();
  }

  private readRows(): void {
    const row = new Float64Array(FEATURE_COUNT);
    const number = this.features.readNewest(Number.POSITIVE_INFINITY, this.known, row);
    if (number === this.known) return;
    this.known = number;
    this.rows.set(this.features.tenths, row);
  }
}

function factsOf({ i32, f64, u8 }: FrameViews, at: number): MarketFact[] {
  const double = (offset: number): number => f64[(at + offset) >>> 3];
  const level = (lots: number, orders: number): [number, number] => [
    double(lots),
    i32[(at + orders) >>> 2],
  ];
  switch (frameType(i32[(at + 4) >>> 2])) {
    case R.ORDER_RESTED: {
      const side = u8[at + R.RESTED_SIDE];
      const price = double(R.RESTED_PRICE_TICKS);
      const total = level(R.RESTED_LEVEL_QTY_LOTS, R.RESTED_LEVEL_ORDERS);
      return [{ kind: 'add', side, price, lots: double(R.RESTED_QTY_LOTS), level: total }];
    }
    case R.ORDER_CANCELLED: {
      if (u8[at + R.CANCELLED_WAS_RESTING] === 0) return [];
      const side = u8[at + R.CANCELLED_SIDE];
      const price = double(R.CANCELLED_PRICE_TICKS);
      const total = level(R.CANCELLED_LEVEL_QTY_LOTS, R.CANCELLED_LEVEL_ORDERS);
      return [{ kind: 'cancel', side, price, lots: double(R.CANCELLED_QTY_LOTS), level: total }];
    }
    case R.ORDER_AMENDED: {
      if (u8[at + R.AMENDED_WAS_RESTING] === 0) return [];
      const side = u8[at + R.AMENDED_SIDE];
      const price = double(R.AMENDED_OLD_PRICE_TICKS);
      const total = level(R.AMENDED_LEVEL_QTY_LOTS, R.AMENDED_LEVEL_ORDERS);
      return [{ kind: 'level', side, price, level: total }];
    }
    case R.TRADE_EXECUTED: {
      const taker = u8[at + R.TRADE_TAKER_SIDE];
      const price = double(R.TRADE_PRICE_TICKS);
      const total = level(R.TRADE_LEVEL_QTY_LOTS, R.TRADE_LEVEL_ORDERS);
      return [
        { kind: 'trade', price, lots: double(R.TRADE_QTY_LOTS), taker },
        { kind: 'level', side: 1 - taker, price, level: total },
      ];
    }
    case R.AUCTION_TRADE: {
      const price = double(R.AUCTION_TRADE_PRICE_TICKS);
      const bids = level(R.AUCTION_BID_LEVEL_QTY_LOTS, R.AUCTION_BID_LEVEL_ORDERS);
      const asks = level(R.AUCTION_ASK_LEVEL_QTY_LOTS, R.AUCTION_ASK_LEVEL_ORDERS);
      return [
        { kind: 'trade', price, lots: double(R.AUCTION_TRADE_QTY_LOTS), taker: 255 },
        { kind: 'level', side: SIDE_BUY, price: double(R.AUCTION_BID_LEVEL_TICKS), level: bids },
        { kind: 'level', side: SIDE_SELL, price: double(R.AUCTION_ASK_LEVEL_TICKS), level: asks },
      ];
    }
    case R.TRADE_PRINTED: {
      const taker = u8[at + R.PRINTED_SIDE];
      return [
        {
          kind: 'trade',
          price: double(R.PRINTED_PRICE_TICKS),
          lots: double(R.PRINTED_QTY_LOTS),
          taker,
        },
      ];
    }
    default:
      return [];
  }
}
