/** What happened to a visible order; the values of the binary schema's `OrderAction`. */
export const ACTION_ADD = 0;
export const ACTION_REDUCE = 1;
export const ACTION_REMOVE = 2;
export const ACTION_EXECUTE = 3;

/**
 * Changes of single visible orders of one market, in the order in which they happened, one array per
 * field, so that a change costs no object. REUSED: only the first `length` entries mean anything,
 * until the next `clear`.
 */
export class OrderChangeBatch {
  length = 0;
  publicIds = new Float64Array(32);
  pricesTicks = new Float64Array(32);
  /** What the order shows after this; 0 when it has left. */
  qtysLots = new Float64Array(32);
  /** What traded, and the trade's id; 0 for what is no execution. */
  executedLots = new Float64Array(32);
  tradeIds = new Float64Array(32);
  seconds = new Uint32Array(32);
  nanos = new Uint32Array(32);
  /** ACTION_… */
  actions = new Uint8Array(32);
  sides = new Uint8Array(32);

  /** Makes room for one more. @returns its index, whose fields the caller then sets */
  append(): number {
    if (this.length === this.publicIds.length) this.grow();
    this.length += 1;
    return this.length - 1;
  }

  clear(): void {
    this.length = 0;
  }

  private grow(): void {
    const size = this.publicIds.length * 2;
    this.publicIds = copied(this.publicIds, new Float64Array(size));
    this.pricesTicks = copied(this.pricesTicks, new Float64Array(size));
    this.qtysLots = copied(this.qtysLots, new Float64Array(size));
    this.executedLots = copied(this.executedLots, new Float64Array(size));
    this.tradeIds = copied(this.tradeIds, new Float64Array(size));
    this.seconds = copied(this.seconds, new Uint32Array(size));
    this.nanos = copied(this.nanos, new Uint32Array(size));
    this.actions = copied(this.actions, new Uint8Array(size));
    this.sides = copied(this.sides, new Uint8Array(size));
  }
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
