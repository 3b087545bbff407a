import { SIDE_BUY } from '../domain/orders.ts';
import { FarLevels } from './far-levels.ts';
import * as L from './layout.ts';
import type { LevelPool } from './level-pool.ts';
import type { OrderPool } from './order-pool.ts';
import { BITMAP_TICKS, TickBitmap } from './tick-bitmap.ts';

const { F_PRICE } = L.COLD;
const NONE = L.NONE;

/** Ticks the window spans. */
const WINDOW = BITMAP_TICKS;
/** Where in a newly placed window the best price lies: most levels lie behind it. */
const ANCHOR = (WINDOW / 4) * 3;
/** A level nearer than this to the best price belongs into the window, which moves for it. */
const NEAR = WINDOW / 2;

/** The key of an empty side: worse than any price. */
const NO_KEY = Number.NEGATIVE_INFINITY;

/**
 * The levels of one side. Prices are looked up by *key*, which is the price for bids and its
 * negative for asks: on both sides the best level is the one with the highest key.
 *
 * Levels around the best price are found by index in a window of ticks, with a bitmap for the next
 * best; what lies further behind is in a sorted array. The best level is always in the window:
 * the window moves when a price better than all of it arrives, or when it runs empty.
 */
export class PriceLadder {
  private readonly orders: OrderPool;
  private readonly levels: LevelPool;
  private readonly side: number;
  /** 1 for bids, -1 for asks: price × sign = key, and key × sign = price. */
  readonly sign: number;
  /** The best level, or `NONE`. */
  best: number = NONE;
  /** Its key. */
  bestKey = NO_KEY;
  /** Key of the window's first tick. NaN before the first level: no price is in the window then. */
  private base = Number.NaN;
  /**
   * By tick, a level's number with its bits inverted: `~NONE` is 0, so an empty window is untouched
   * memory, which costs nothing until a price comes near.
   */
  private readonly window = new Int32Array(WINDOW);
  private readonly ticks = new TickBitmap();
  private readonly far = new FarLevels();

  constructor(side: number, orders: OrderPool, levels: LevelPool) {
    this.orders = orders;
    this.levels = levels;
    this.side = side;
    this.sign = side === SIDE_BUY ? 1 : -1;
  }

  /** The level with the best price, or `NONE`. */
  bestLevel(): number {
    return this.best;
  }

  /** Best price in ticks, or 0 when the side is empty. */
  bestPrice(): number {
    return this.best === NONE ? 0 : this.bestKey * this.sign;
  }

  /** True when this side's best price would trade with an order of the other side at this limit. */
  crosses(limitTicks: number): boolean {
    return this.bestKey >= limitTicks * this.sign;
  }

  /** True when a level trades with an order of the other side at this limit. */
  levelCrosses(level: number, limitTicks: number): boolean {
    return this.levels.price(level) * this.sign >= limitTicks * this.sign;
  }

  /** The level at this price, or `NONE`. */
  find(priceTicks: number): number {
    const key = priceTicks * this.sign;
    const tick = key - this.base;
    return tick >= 0 && tick < WINDOW ? ~this.window[tick | 0] : this.far.find(key);
  }

  /** The level at an order's price; a new, empty one when there is none. */
  obtain(slot: number): number {
    const priceTicks = this.orders.cold64[(slot << 2) + F_PRICE];
    const tick = priceTicks * this.sign - this.base;
    if (tick >= 0 && tick < WINDOW) {
      const level = ~this.window[tick | 0];
      return level === NONE ? this.create(priceTicks) : level;
    }
    return this.obtainOutside(priceTicks);
  }

  /** The level at this price; a new, empty one when there is none. */
  obtainAt(priceTicks: number): number {
    const level = this.find(priceTicks);
    if (level !== NONE) return level;
    const tick = priceTicks * this.sign - this.base;
    return tick >= 0 && tick < WINDOW ? this.create(priceTicks) : this.obtainOutside(priceTicks);
  }

  /** Takes an empty level out and gives its record back. */
  remove(level: number): void {
    const key = this.levels.price(level) * this.sign;
    const tick = key - this.base;
    this.levels.free(level);
    if (tick >= 0 && tick < WINDOW) {
      this.window[tick | 0] = 0;
      this.ticks.remove(tick | 0);
      if (level === this.best) this.findBest();
    } else {
      this.far.remove(key);
    }
  }

  /** The level with the next worse price, or `NONE`. */
  nextWorse(level: number): number {
    const key = this.levels.price(level) * this.sign;
    const tick = key - this.base;
    if (tick >= 0 && tick < WINDOW) {
      const next = this.ticks.below(tick | 0);
      if (next !== NONE) return ~this.window[next];
    }
    return this.far.below(key);
  }

  /** A new level at a price that is in the window. */
  private create(priceTicks: number): number {
    const level = this.levels.take(this.side, priceTicks);
    this.place(level, priceTicks * this.sign);
    return level;
  }

  private place(level: number, key: number): void {
    const tick = (key - this.base) | 0;
    this.window[tick] = ~level;
    this.ticks.add(tick);
    if (key > this.bestKey) {
      this.bestKey = key;
      this.best = level;
    }
  }

  /** The price is not in the window: moves the window there, or goes to the far levels. */
  private obtainOutside(priceTicks: number): number {
    const key = priceTicks * this.sign;
    if (key > this.bestKey) {
      this.moveWindow(key);
      return this.create(priceTicks);
    }
    if (this.bestKey - key < NEAR) {
      this.moveWindow(this.bestKey);
      return this.obtainAt(priceTicks);
    }
    const found = this.far.find(key);
    if (found !== NONE) return found;
    const level = this.levels.take(this.side, priceTicks);
    this.far.insert(key, level);
    return level;
  }

  private findBest(): void {
    const tick = this.ticks.highest();
    if (tick !== NONE) {
      this.best = ~this.window[tick];
      this.bestKey = this.levels.price(this.best) * this.sign;
      return;
    }
    this.best = NONE;
    this.bestKey = NO_KEY;
    if (this.far.size > 0) this.moveWindow(this.far.bestKey());
  }

  /** Places the window so that this key, the best there is or is about to be, is at its anchor. */
  private moveWindow(bestKey: number): void {
    if (this.ticks.highest() !== NONE) this.emptyWindow();
    const { far } = this;
    this.base = bestKey - ANCHOR;
    while (far.size > 0 && far.bestKey() >= this.base) {
      const key = far.bestKey();
      this.place(far.takeBest(), key);
    }
  }

  private emptyWindow(): void {
    const { levels, far, window, ticks, sign } = this;
    // All of them are better than what is far already; only their own order is the wrong way round.
    const from = far.size;
    for (let tick = ticks.highest(); tick !== NONE; tick = ticks.highest()) {
      const level = ~window[tick];
      far.append(levels.price(level) * sign, level);
      window[tick] = 0;
      ticks.remove(tick);
    }
    far.reverseLast(from);
  }
}
