import { SIDE_BUY } from '../../src/domain/orders.ts';

/** An event as far as features care; `level` is the total of the price level after it. */
export type MarketFact =
  | {
      kind: 'add' | 'cancel';
      side: number;
      price: number;
      lots: number;
      level: [lots: number, orders: number];
    }
  | { kind: 'level'; side: number; price: number; level: [lots: number, orders: number] }
  | { kind: 'trade'; price: number; lots: number; taker: number };

/** What one command brought about. */
export interface FactGroup {
  /** Tenth of a second that the command came in. */
  tenths: number;
  facts: MarketFact[];
}

interface Best {
  price: number;
  lots: number;
}

/** What an event adds to the order-flow imbalance. */
interface Flow {
  tenths: number;
  lots: number;
}

/** A row's best prices, and whether they are others than the row's before. */
interface Quote {
  tenths: number;
  bid: number;
  ask: number;
  bidMoved: boolean;
  askMoved: boolean;
}

/**
 * The 64 features at every tenth of a second, computed from the whole story anew for each row: slow, and
 * written to be read beside docs/features.md.
 */
export class NaiveFeatures {
  private readonly groups: readonly FactGroup[];
  private readonly first: number;
  private readonly flows: Flow[] = [];
  private readonly quotes: Quote[] = [];
  private readonly mids = new Map<number, number>();
  private readonly book = [
    new Map<number, [number, number]>(),
    new Map<number, [number, number]>(),
  ];
  private done = 0;

  constructor(groups: readonly FactGroup[]) {
    this.groups = groups;
    this.first = groups[0].tenths;
  }

  /** Rows from the first command's tenth to this one, by tenth. */
  rows(last: number): Map<number, number[]> {
    const rows = new Map<number, number[]>();
    for (let now = this.first; now <= last; now += 1) {
      while (this.done < this.groups.length && this.groups[this.done].tenths < now) this.take();
      const bid = this.best(0).price;
      const ask = this.best(1).price;
      const before = this.quotes.at(-1) ?? { bid, ask };
      const [bidMoved, askMoved] = [bid !== before.bid, ask !== before.ask];
      this.quotes.push({ tenths: now, bid, ask, bidMoved, askMoved });
      this.mids.set(now, bid > 0 && ask > 0 ? (bid + ask) / 2 : Number.NaN);
      rows.set(now, [
        ...this.shape(),
        ...this.flow(now),
        ...this.trades(now),
        ...this.prices(now),
        ...this.times(now),
      ]);
    }
    return rows;
  }

  private take(): void {
    const group = this.groups[this.done];
    this.done += 1;
    const mid = this.mids.get(group.tenths) ?? Number.NaN;
    for (const fact of group.facts) {
      const near = fact.price >= mid * 0.999 && fact.price <= mid * 1.001;
      if (near && fact.kind === 'trade' && fact.taker < 2) {
        this.flows.push({ tenths: group.tenths, lots: fact.taker === 0 ? fact.lots : -fact.lots });
      }
      if (near && (fact.kind === 'add' || fact.kind === 'cancel')) {
        const towardsBids = (fact.side === 0) === (fact.kind === 'add');
        this.flows.push({ tenths: group.tenths, lots: towardsBids ? fact.lots : -fact.lots });
      }
      if (fact.kind === 'trade') continue;
      const [lots, orders] = fact.level;
      if (lots === 0) this.book[fact.side].delete(fact.price);
      else this.book[fact.side].set(fact.price, [lots, orders]);
    }
  }

  private best(side: number): Best {
    const prices = [...this.book[side].keys()];
    if (prices.length === 0) return { price: 0, lots: 0 };
    const price = side === SIDE_BUY ? Math.max(...prices) : Math.min(...prices);
    return { price, lots: this.level(side, price)[0] };
  }

  private level(side: number, price: number): [number, number] {
    return this.book[side].get(price) ?? [0, 0];
  }

  /** The best levels of a side: price, lots, orders. */
  private top(side: number, n: number): [number, number, number][] {
    const prices = [...this.book[side].keys()].sort((x, y) => (side === SIDE_BUY ? y - x : x - y));
    return prices.slice(0, n).map((price) => [price, ...this.level(side, price)]);
  }

  private shape(): number[] {
    const [b, a] = [this.best(0).price, this.best(1).price];
    if (b === 0 || a === 0 || b >= a) return Array.from({ length: 23 }, () => Number.NaN);
    const mid = (b + a) / 2;
    const bps = (ticks: number): number => (ticks / mid) * 1e4;
    const lots = (side: number, n: number): number => total(this.top(side, n).map(([, q]) => q));
    const orders = (side: number, n: number): number =>
      total(this.top(side, n).map(([, , o]) => o));
    const price5 = (side: number): number =>
      total(this.top(side, 5).map(([p, q]) => p * q)) / lots(side, 5);
    const micro = (pb: number, pa: number, n: number): number =>
      (pb * lots(1, n) + pa * lots(0, n)) / (lots(0, n) + lots(1, n)) - mid;
    const slope = (side: number): number =>
      lots(side, 10) / bps(Math.abs(this.top(side, 10)[this.top(side, 10).length - 1][0] - mid));
    const gap = (side: number): number => {
      const levels = this.top(side, 2);
      return levels.length < 2 ? 0 : bps(Math.abs(levels[0][0] - levels[1][0]));
    };
    return [
      bps(a - b),
      bps(micro(b, a, 1)),
      bps(micro(price5(0), price5(1), 5)),
      ...[1, 3, 5, 10].map((n) => share(lots(0, n), lots(1, n))),
      ...[1, 10].map((n) => share(orders(0, n), orders(1, n))),
      ...[1, 5, 10].flatMap((n) => [Math.log(1 + lots(0, n)), Math.log(1 + lots(1, n))]),
      Math.log(1 + slope(0)),
      Math.log(1 + slope(1)),
      Math.log(1 + (slope(0) + slope(1)) / 2),
      share(slope(0), slope(1)),
      gap(0),
      gap(1),
      Math.log(1 + lots(0, 1) / orders(0, 1)),
      Math.log(1 + lots(1, 1) / orders(1, 1)),
    ];
  }

  /** True when something in this tenth lies in the last seconds before now. */
  private within(tenths: number, now: number, seconds: number): boolean {
    return tenths < now && tenths >= now - seconds * 10;
  }

  private seen(now: number, seconds: number): boolean {
    return now - seconds * 10 >= this.first;
  }

  private facts(now: number, seconds: number): MarketFact[] {
    return this.groups
      .filter((group) => this.within(group.tenths, now, seconds))
      .flatMap((group) => group.facts);
  }

  private flow(now: number): number[] {
    const imbalance = (seconds: number): number => {
      if (!this.seen(now, seconds)) return Number.NaN;
      const flows = this.flows.filter((flow) => this.within(flow.tenths, now, seconds));
      const all = total(flows.map((flow) => Math.abs(flow.lots)));
      return all === 0 ? 0 : total(flows.map((flow) => flow.lots)) / all;
    };
    const count = (kind: string, seconds: number, side?: number): number => {
      if (!this.seen(now, seconds)) return Number.NaN;
      return this.facts(now, seconds).filter(
        (fact) =>
          fact.kind === kind && (side === undefined || ('side' in fact && fact.side === side)),
      ).length;
    };
    const both = count('add', 10) + count('cancel', 10);
    // A row's change counts from that row on.
    const moves = (which: 'bidMoved' | 'askMoved'): number =>
      this.seen(now, 10)
        ? this.quotes.filter((quote) => quote[which] && quote.tenths > now - 100).length / 10
        : Number.NaN;
    return [
      ...[1, 5, 30, 60].map(imbalance),
      count('add', 1),
      count('add', 10) / 10,
      count('cancel', 1),
      count('cancel', 10) / 10,
      count('cancel', 10) === 0 ? 0 : count('cancel', 10) / both,
      share(count('add', 10, 0), count('add', 10, 1)),
      share(count('cancel', 10, 0), count('cancel', 10, 1)),
      moves('bidMoved'),
      moves('askMoved'),
    ];
  }

  private trades(now: number): number[] {
    const trades = (seconds: number): { price: number; lots: number; taker: number }[] =>
      this.facts(now, seconds).filter((fact) => fact.kind === 'trade');
    const lots = (seconds: number, taker?: number): number =>
      total(
        trades(seconds)
          .filter((t) => taker === undefined || t.taker === taker)
          .map((t) => t.lots),
      );
    const known = (seconds: number, value: number): number =>
      this.seen(now, seconds) ? value : Number.NaN;
    const mid = this.mids.get(now) ?? Number.NaN;
    const all = trades(1e9);
    const last = all.at(-1);
    const vwap = total(trades(60).map((t) => t.price * t.lots)) / lots(60);
    return [
      ...[1, 5, 30, 60].map((s) => known(s, share(lots(s, 0), lots(s, 1)))),
      last === undefined || last.taker > 1 ? 0 : 1 - 2 * last.taker,
      known(1, trades(1).length),
      known(10, trades(10).length / 10),
      known(60, trades(60).length / 60),
      known(10, Math.log(1 + lots(10) / 10)),
      known(60, lots(60) === 0 ? 0 : Math.log(1 + lots(60) / trades(60).length)),
      known(60, lots(60) === 0 ? 0 : ((mid - vwap) / mid) * 1e4),
      last === undefined ? 0 : ((last.price - mid) / mid) * 1e4,
    ];
  }

  private prices(now: number): number[] {
    const at = (ago: number): number => this.mids.get(now - ago) ?? Number.NaN;
    const window = Array.from({ length: 601 }, (_, i) => at(i));
    const mean = total(window) / 601;
    const deviation = Math.sqrt(total(window.map((mid) => (mid - mean) ** 2)) / 601);
    const steps = (n: number): number =>
      Math.sqrt(total(Array.from({ length: n }, (_, i) => Math.log(at(i) / at(i + 1)) ** 2))) * 1e4;
    return [
      ...[10, 50, 100, 300, 600].map((ago) => (at(0) / at(ago) - 1) * 1e4),
      ...[50, 100, 300, 600].map(steps),
      ((Math.max(...window) - Math.min(...window)) / at(0)) * 1e4,
      deviation < 1e-6 ? 0 : (at(0) - mean) / deviation,
    ];
  }

  private times(now: number): number[] {
    const age = (tenths: number): number => Math.log(1 + tenths / 10);
    const moved = (which: 'bidMoved' | 'askMoved'): number =>
      now - (this.quotes.filter((quote) => quote[which]).at(-1)?.tenths ?? this.first);
    const traded = this.groups.filter(
      (group) => group.tenths < now && group.facts.some((fact) => fact.kind === 'trade'),
    );
    const angle = (2 * Math.PI * (now % 864_000)) / 864_000;
    return [
      age(moved('bidMoved')),
      age(moved('askMoved')),
      age(Math.max(0, now - 1 - (traded.at(-1)?.tenths ?? this.first))),
      Math.sin(angle),
      Math.cos(angle),
    ];
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0);
}

function share(x: number, y: number): number {
  return x + y === 0 ? 0 : (x - y) / (x + y);
}
