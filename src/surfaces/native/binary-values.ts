/**
 * Values of binary requests that JSON has no form for. They stand in a request's fields where JSON
 * has text or a number; no JSON text can make one.
 */

/** The number of a binary request, which its answer carries; 0 where the request has none. */
export class BinaryRequestId {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A price in ticks or a quantity in lots; `NaN` for what no safe integer is. */
export class Steps {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  toString(): string {
    return String(this.count);
  }

  toJSON(): number {
    return this.count;
  }
}

/** A market by its id. */
export class MarketNumber {
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  toJSON(): number {
    return this.id;
  }
}

/** A time since the Unix epoch. */
export class TimePoint {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}
