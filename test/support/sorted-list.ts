/** Items in the order of a comparison that tells any two apart. */
export class SortedList<T> {
  items: T[];
  private readonly compare: (a: T, b: T) => number;

  /** @param items already in order */
  constructor(compare: (a: T, b: T) => number, items: T[] = []) {
    this.compare = compare;
    this.items = items;
  }

  /** Puts an item in, in the place of an equal one. */
  put(item: T): void {
    const at = this.place(item);
    const isThere = at < this.items.length && this.compare(this.items[at], item) === 0;
    this.items.splice(at, isThere ? 1 : 0, item);
  }

  /** Takes an equal item out, if there is one. */
  remove(item: T): void {
    const at = this.place(item);
    if (at < this.items.length && this.compare(this.items[at], item) === 0) {
      this.items.splice(at, 1);
    }
  }

  private place(item: T): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.items[middle], item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
