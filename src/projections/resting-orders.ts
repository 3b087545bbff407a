const NONE = -1;
/** Doubles of one order: half a cache line, so that looking an order up reads one. */
const FIELDS = 4;
const ID = 0;
const PUBLIC_ID = 1;
const PRICE_TICKS = 2;
const QTY_LOTS = 3;
/** 2^32 divided by the golden ratio: spreads numbers that follow one another (Knuth, TAOCP 6.4). */
const GOLDEN = 0x9e3779b1 | 0;
const FIRST_BITS = 8;

/**
 * Resting orders by their id, as rows of numbers: an order costs no object that a collection of
 * garbage would have to move. Slots are reused; one is valid until its order is removed.
 */
export class RestingOrders {
  size = 0;
  private rows = new Float64Array(FIELDS << FIRST_BITS);
  private sides = new Uint8Array(1 << FIRST_BITS);
  /** Next slot of the same bucket, or of the free ones. */
  private next = new Int32Array(1 << FIRST_BITS);
  private heads = new Int32Array(1 << FIRST_BITS).fill(NONE);
  private bits = FIRST_BITS;
  private free = NONE;
  /** Slots that were used at least once. */
  private used = 0;

  /** @returns the slot of an order, or -1 */
  find(orderId: number): number {
    const { rows, next } = this;
    let slot = this.heads[this.bucketOf(orderId)];
    while (slot !== NONE && rows[slot * FIELDS + ID] !== orderId) slot = next[slot];
    return slot;
  }

  /** Adds an order, in place of one with the same id. @returns its slot */
  add(
    orderId: number,
    publicId: number,
    side: number,
    priceTicks: number,
    qtyLots: number,
  ): number {
    const found = this.find(orderId);
    const slot = found === NONE ? this.takeSlot() : found;
    const row = slot * FIELDS;
    this.rows[row + ID] = orderId;
    this.rows[row + PUBLIC_ID] = publicId;
    this.rows[row + PRICE_TICKS] = priceTicks;
    this.rows[row + QTY_LOTS] = qtyLots;
    this.sides[slot] = side;
    if (found !== NONE) return slot;
    this.link(slot);
    this.size += 1;
    return slot;
  }

  remove(slot: number): void {
    const { heads, next } = this;
    const bucket = this.bucketOf(this.rows[slot * FIELDS + ID]);
    if (heads[bucket] === slot) {
      heads[bucket] = next[slot];
    } else {
      let before = heads[bucket];
      while (next[before] !== slot) before = next[before];
      next[before] = next[slot];
    }
    this.rows[slot * FIELDS + ID] = Number.NaN;
    next[slot] = this.free;
    this.free = slot;
    this.size -= 1;
  }

  publicId(slot: number): number {
    return this.rows[slot * FIELDS + PUBLIC_ID];
  }

  priceTicks(slot: number): number {
    return this.rows[slot * FIELDS + PRICE_TICKS];
  }

  qtyLots(slot: number): number {
    return this.rows[slot * FIELDS + QTY_LOTS];
  }

  setQtyLots(slot: number, qtyLots: number): void {
    this.rows[slot * FIELDS + QTY_LOTS] = qtyLots;
  }

  side(slot: number): number {
    return this.sides[slot];
  }

  /** All slots in use, in no order. */
  *slots(): Generator<number> {
    for (let slot = 0; slot < this.used; slot += 1) {
      if (!Number.isNaN(this.rows[slot * FIELDS + ID])) yield slot;
    }
  }

  private bucketOf(orderId: number): number {
    return Math.imul(orderId | 0, GOLDEN) >>> (32 - this.bits);
  }

  private link(slot: number): void {
    const bucket = this.bucketOf(this.rows[slot * FIELDS + ID]);
    this.next[slot] = this.heads[bucket];
    this.heads[bucket] = slot;
  }

  private takeSlot(): number {
    const { free } = this;
    if (free !== NONE) {
      this.free = this.next[free];
      return free;
    }
    if (this.used === this.sides.length) this.grow();
    this.used += 1;
    return this.used - 1;
  }

  /** Twice the slots and buckets; only called when every slot is in use. */
  private grow(): void {
    this.bits += 1;
    const count = this.sides.length * 2;
    const rows = new Float64Array(count * FIELDS);
    const sides = new Uint8Array(count);
    rows.set(this.rows);
    sides.set(this.sides);
    this.rows = rows;
    this.sides = sides;
    this.next = new Int32Array(count);
    this.heads = new Int32Array(count).fill(NONE);
    for (let slot = 0; slot < this.used; slot += 1) this.link(slot);
  }
}
