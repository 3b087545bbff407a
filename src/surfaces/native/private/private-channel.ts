import type { Venue } from '../../../gateway/venue.ts';
import type { BinaryOut } from '../binary-out.ts';

export const KIND_SNAPSHOT = 0;
export const KIND_REPORT = 1;
/** Wire names by `KIND_…`. */
export const KIND_NAMES = ['snapshot', 'report'] as const;

/**
 * One channel of a portfolio's own data. A new one is a file that makes one of these, and its entry
 * in `private-channels.ts`.
 */
export interface PrivateChannel<Item> {
  readonly name: string;
  /** Its number in the binary schema's `Channel`. */
  readonly code: number;
  /** Type of its body in the binary schema. */
  readonly bodyType: number;
  /** Member of the JSON messages that holds the list; also the name of what it holds. */
  readonly listName: string;
  /**
   * What there is now: a subscription starts from it. Absent where what happened before is asked of
   * REST.
   */
  state?(venue: Venue, userId: number, portfolioId: number): readonly Item[];
  /** True: every report is the whole state. False: a report is what was noted since the last one. */
  readonly reportsState: boolean;
  toJson(item: Item): object;
  /** Writes the body. @returns its offset */
  toBinary(out: BinaryOut, kind: number, portfolioId: number, items: readonly Item[]): number;
}
