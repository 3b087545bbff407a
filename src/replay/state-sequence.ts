import type { DepthBook } from '../projections/depth.ts';
import { parseBookRow } from './book-file.ts';
import { LineSource } from './line-source.ts';

/** Best ask, its quantity, best bid, its quantity; 0 where there is none. Ticks and lots. */
const STATE_FIELDS = 4;

/** A sequence of best prices and quantities in which no state follows itself. */
export class StateSequence {
  length = 0;
  private fields = new Float64Array(STATE_FIELDS * 1024);

  add(askTicks: number, askLots: number, bidTicks: number, bidLots: number): void {
    const at = this.length * STATE_FIELDS;
    const { fields } = this;
    if (this.length > 0) {
      const before = at - STATE_FIELDS;
      const same =
        fields[before] === askTicks &&
        fields[before + 1] === askLots &&
        fields[before + 2] === bidTicks &&
        fields[before + 3] === bidLots;
      if (same) return;
    }
    if (at === fields.length) {
      this.fields = new Float64Array(fields.length * 2);
      this.fields.set(fields);
    }
    this.fields[at] = askTicks;
    this.fields[at + 1] = askLots;
    this.fields[at + 2] = bidTicks;
    this.fields[at + 3] = bidLots;
    this.length += 1;
  }

  /** Adds the top of a book, once both sides have one. */
  addTop({ asks, bids }: DepthBook): void {
    if (asks.length === 0 || bids.length === 0) return;
    this.add(asks.pricesTicks[0], asks.qtysLots[0], bids.pricesTicks[0], bids.qtysLots[0]);
  }

  equals(at: number, other: StateSequence, otherAt: number): boolean {
    const mine = at * STATE_FIELDS;
    const theirs = otherAt * STATE_FIELDS;
    for (let i = 0; i < STATE_FIELDS; i += 1) {
      if (this.fields[mine + i] !== other.fields[theirs + i]) return false;
    }
    return true;
  }
}

/** Reads a book file's first level as a sequence of states. */
export async function readStates(path: string, priceUnitsPerTick: number): Promise<StateSequence> {
  const states = new StateSequence();
  const lines = await LineSource.open(path);
  for (;;) {
    const line = await lines.next();
    if (line === undefined) return states;
    const { asks, bids } = parseBookRow(line, priceUnitsPerTick);
    states.add(asks[0] ?? 0, asks[1] ?? 0, bids[0] ?? 0, bids[1] ?? 0);
  }
}

/** Differences after which an alignment is given up: time and memory grow with their square. */
const MAX_DIFFERENCES = 60_000;

/**
 * How many states of `ours` can be found in `file` in their order: the shortest edit script by
 * E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), which need not reach the end
 * of `file`: a file may go on after our recording.
 * @returns the number of states found, or `null` when the two differ too much to tell
 */
export function countFound(ours: StateSequence, file: StateSequence): number | null {
  const limit = Math.min(MAX_DIFFERENCES, ours.length + file.length);
  // reach[k]: how far in `ours` an alignment gets whose place in `file` is k further; -1: not at all.
  const reach = new Int32Array(2 * limit + 3).fill(-1);
  const middle = limit + 1;
  for (let differences = 0; differences <= limit; differences += 1) {
    for (let k = -differences; k <= differences; k += 2) {
      // From k - 1 by passing over a state of the file, from k + 1 by passing over one of ours.
      const fromOurs = reach[middle + k + 1];
      let x = Math.max(reach[middle + k - 1], fromOurs < 0 ? -1 : fromOurs + 1);
      if (differences === 0) x = 0;
      if (x >= 0 && x + k > file.length) x = -1;
      if (x >= 0) {
        while (x < ours.length && x + k < file.length && ours.equals(x, file, x + k)) x += 1;
        if (x === ours.length) return ours.length - (differences - k) / 2;
      }
      reach[middle + k] = x;
    }
  }
  return null;
}
