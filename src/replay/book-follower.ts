import type { Side } from '../domain/orders.ts';
import type { ActionSink } from './action-sink.ts';
import type { BookCheck, ExpectedSide } from './actions.ts';
import { type BookRow, edgeOf, isBeyond, rowSide } from './book-file.ts';
import * as L from './lobster.ts';
import type { LobsterMapping } from './lobster-mapping.ts';

/** A level came into the file's view with quantity that no message told of. */
const LEVEL_ENTERED_VIEW = 'level_entered_view';
/** A level came back into the file's view with less quantity than when it left. */
const LEVEL_SHRANK_OUT_OF_VIEW = 'level_shrank_out_of_view';

/** A level that the row shows otherwise than the messages do, where they cannot know it. */
interface Correction {
  readonly side: Side;
  readonly priceTicks: number;
  /** What the messages make of the level. */
  readonly knownLots: number;
  /** What the row says. */
  readonly rowLots: number;
}

const SIDES = [0, 1] as const;

/**
 * Goes through a book file beside its message file, row i after message i, and says what the engine's
 * book must be. The messages cannot know the quantity of a level that the file did not see before,
 * so where a row shows a new level behind the last price of the row before it, the file is believed:
 * the row is explained by name and the difference placed (or cancelled), so that every row after it
 * can be compared in full. All of this is decided from the two files alone.
 */
export class BookFollower {
  private readonly sink: ActionSink;
  private readonly mapping: LobsterMapping;
  private readonly priceUnitsPerTick: number;
  private readonly depth: number;
  /** Last price seen so far, by side; 0 where the whole side is seen. */
  private edges: [number, number] = [0, 0];

  constructor(sink: ActionSink, mapping: LobsterMapping, priceUnitsPerTick: number, depth: number) {
    this.sink = sink;
    this.mapping = mapping;
    this.priceUnitsPerTick = priceUnitsPerTick;
    this.depth = depth;
  }

  /** Places the book there was before the first message: the first row, undone by that message. */
  open(row: BookRow, message: L.LobsterMessage): void {
    for (const side of SIDES) {
      const levels = rowSide(row, side);
      const lots = new Map<number, number>();
      for (let i = 0; i < levels.length; i += 2) lots.set(levels[i], levels[i + 1]);
      if (side === message.side) this.undo(lots, message);
      for (const [priceTicks, qtyLots] of lots) {
        if (qtyLots > 0) this.sink.seed(side, priceTicks, qtyLots);
      }
    }
    this.rememberEdges(row);
  }

  /** Ends a row: emits what the engine's book must be, and what no message told. */
  follow(row: BookRow): void {
    const corrections = SIDES.flatMap((side) => this.corrections(row, side));
    this.sink.endRow(this.check(row, corrections, false));
    this.rememberEdges(row);
    if (corrections.length === 0) return;
    for (const { side, priceTicks, knownLots, rowLots } of corrections) {
      if (rowLots > knownLots) this.sink.seed(side, priceTicks, rowLots - knownLots);
      else this.mapping.shrink(side, priceTicks, knownLots - rowLots);
    }
    this.sink.endRow(this.check(row, [], true));
  }

  private undo(lots: Map<number, number>, message: L.LobsterMessage): void {
    const { type, size } = message;
    const priceTicks = message.price / this.priceUnitsPerTick;
    const there = lots.get(priceTicks) ?? 0;
    if (type === L.LOBSTER_SUBMISSION) lots.set(priceTicks, there - size);
    const tookOff = type >= L.LOBSTER_PARTIAL_CANCEL && type <= L.LOBSTER_EXECUTION;
    if (tookOff) lots.set(priceTicks, there + size);
  }

  /** Levels of the row that differ from the messages' and lie behind what was seen before it. */
  private corrections(row: BookRow, side: Side): Correction[] {
    const rowEdge = edgeOf(row, side, this.depth);
    const known = this.sink.book.levels(side);
    const lots = new Map<number, { knownLots: number; rowLots: number }>();
    for (let i = 0; i < known.length; i += 1) {
      const priceTicks = known.pricesTicks[i];
      if (isBeyond(priceTicks, rowEdge, side)) break;
      lots.set(priceTicks, { knownLots: known.qtysLots[i], rowLots: 0 });
    }
    const levels = rowSide(row, side);
    for (let i = 0; i < levels.length; i += 2) {
      const knownLots = lots.get(levels[i])?.knownLots ?? 0;
      lots.set(levels[i], { knownLots, rowLots: levels[i + 1] });
    }
    const found: Correction[] = [];
    for (const [priceTicks, level] of lots) {
      if (level.knownLots === level.rowLots) continue;
      if (isBeyond(priceTicks, this.edges[side], side)) found.push({ side, priceTicks, ...level });
    }
    return found;
  }

  private check(row: BookRow, corrections: readonly Correction[], again: boolean): BookCheck {
    const names = corrections.map(({ knownLots, rowLots }) =>
      rowLots > knownLots ? LEVEL_ENTERED_VIEW : LEVEL_SHRANK_OUT_OF_VIEW,
    );
    return {
      row: this.sink.row,
      bids: this.expected(row, 0, corrections),
      asks: this.expected(row, 1, corrections),
      explanations: [...new Set(names)],
      again,
    };
  }

  /** The row's levels, with what the messages know in place of what they cannot. */
  private expected(row: BookRow, side: Side, corrections: readonly Correction[]): ExpectedSide {
    const levels = rowSide(row, side);
    const edgeTicks = edgeOf(row, side, this.depth);
    const mine = corrections.filter((correction) => correction.side === side);
    if (mine.length === 0) return { levels, edgeTicks };
    const lots = new Map<number, number>();
    for (let i = 0; i < levels.length; i += 2) lots.set(levels[i], levels[i + 1]);
    for (const { priceTicks, knownLots } of mine) lots.set(priceTicks, knownLots);
    const bestFirst = [...lots].filter(([, qtyLots]) => qtyLots > 0);
    bestFirst.sort((a, b) => (side === 0 ? b[0] - a[0] : a[0] - b[0]));
    return { levels: bestFirst.flat(), edgeTicks };
  }

  private rememberEdges(row: BookRow): void {
    this.edges = [edgeOf(row, 0, this.depth), edgeOf(row, 1, this.depth)];
  }
}
