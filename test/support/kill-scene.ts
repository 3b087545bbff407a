import { crc32c } from '@node-rs/crc32';
import { RECORD_SEQ } from '../../src/codec/records.ts';
import { type FrameViews, frameMarketId } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, type RingProducer, RingReader } from '../../src/rings/ring.ts';
import { READER_JOURNAL } from '../../src/rings/roles.ts';
import { FrameWriter } from './frames.ts';
import { OrderFlow } from './order-flow.ts';

/** Market ids by event ring: the first ring carries two markets. */
export const RING_MARKETS: readonly (readonly number[])[] = [[1, 2], [3]];
export const MARKETS: readonly number[] = RING_MARKETS.flat();
export const QUOTE_UNITS: ReadonlyMap<number, number> = new Map(
  MARKETS.map((marketId) => [marketId, 10 * marketId]),
);

/** Where a market stands and the CRC32C of all its frames up to there. */
export interface Position {
  seq: number;
  crc: number;
}

/** Follows every market's frames from the first: equal positions mean equal frames. */
export class Positions {
  readonly byMarket = new Map<number, Position>(MARKETS.map((id) => [id, { seq: 0, crc: 0 }]));

  apply(views: FrameViews, at: number): Position & { marketId: number } {
    const marketId = frameMarketId(views.i32[(at + 4) >>> 2]);
    const position = this.byMarket.get(marketId);
    if (position === undefined) throw new Error(`market ${marketId} has no flow`);
    position.seq = views.f64[(at + RECORD_SEQ) >>> 3];
    position.crc = crc32c(views.u8.slice(at, at + views.i32[at >>> 2]), position.crc);
    return { marketId, ...position };
  }
}

/** One market's flow, which every life of the process begins anew and winds to where it was. */
export class MarketFlow {
  readonly marketId: number;
  readonly writer: FrameWriter;
  private readonly flow: OrderFlow;

  constructor(marketId: number, seed: number) {
    this.marketId = marketId;
    this.writer = new FrameWriter(Ring.create(1 << 16, 1), marketId);
    this.flow = new OrderFlow(this.writer, seed + marketId, marketId, MARKETS.length + 1);
  }

  next(): void {
    this.flow.next();
  }

  /** Writes groups to nowhere until the market's sequence is reached. */
  windTo(seq: number, positions: Positions): void {
    const reader = new RingReader(this.writer.producer.ring, READER_JOURNAL);
    while (this.writer.seq < seq) {
      this.flow.next();
      this.writer.producer.publish();
      for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
        positions.apply(reader.ring, at);
      }
      reader.release();
    }
    if (this.writer.seq !== seq) throw new Error(`market ${this.marketId}: half a group at ${seq}`);
  }

  moveTo(producer: RingProducer): void {
    this.writer.moveTo(producer);
  }
}
