import { SIDE_BUY } from '../domain/orders.ts';
import { FarLevels } from './far-levels.ts';
import * as L from './layout.ts';
import type { LevelPool } from './level-pool.ts';
import type { OrderPool } from './order-pool.ts';
import { BITMAP_TICKS, BITMAP_WORDS, TickBitmap } from './tick-bitmap.ts';

const { F_PRICE } = L.COLD;
const NONE = L.NONE;

/** Ticks the window spans. */
export const LADDER_TICKS = BITMAP_TICKS;
const WINDOW = LADDER_TICKS;
/** Where in a newly placed window the best price lies: most levels lie behind it. */
const ANCHOR = (WINDOW / 4) * 3;
/** A level nearer than this to the best price belongs into the window, which moves for it. */
const NEAR = WINDOW / 2;

/** The key of an empty side: worse than any price. */
const NO_KEY = Number.NEGATIVE_INFINITY;

/**
 * The memory of two ladders, one of either side, in common arrays: for who works on it without them
 * (see plain-run.ts) the side is an offset and no branch, which the processor could only guess.
 */
export class LadderMemory {
  /**
   * By side × `LADDER_TICKS` + tick, a level's number with its bits inverted: `~NONE` is 0, so an
   * empty window is untouched memory, which costs nothing until a price comes near.
   */
  readonly window = new Int32Array(2 * WINDOW);
  /** From side × `BITMAP_WORDS` on, the set of ticks in the window that have a level. */
  readonly words = new Int32Array(2 * BITMAP_WORDS);
  /** By side, the best level, or `NONE`. */
  readonly best = new Int32Array([NONE, NONE]);
  /**
   * By side × 2, the best level's key; after it, that of the window's first tick, which is NaN before
   * the first level: no price is in the window then.
   */
  readonly keys = new Float64Array([NO_KEY, Number.NaN, NO_KEY, Number.NaN]);
}

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
  private readonly memory: LadderMemory;
  /** Where in the memory this side's ticks and keys begin. */
  private readonly firstTick: number;
  private readonly firstKey: number;
  private readonly ticks: TickBitmap;
  private readonly far = new FarLevels();

  /** @param memory shared with the ladder of the other side, and nobody else */
  constructor(side: number, orders: OrderPool, levels: LevelPool, memory: LadderMemory) {
    this.orders = orders;
    this.levels = levels;
    this.side = side;
    this.sign = side === SIDE_BUY ? 1 : -1;
    this.memory = memory;
    this.firstTick = side * WINDOW;
    this.firstKey = side * 2;
    this.ticks = new TickBitmap(memory.words, side * BITMAP_WORDS);
  }

  /** The best level's key. */
  get bestKey(): number {
    return this.memory.keys[this.firstKey];
  }

  /** The level with the best price, or `NONE`. */
  bestLevel(): number {
    return this.memory.best[this.side];
  }

  /** Best price in ticks, or 0 when the side is empty. */
  bestPrice(): number {
    return this.bestLevel() === NONE ? 0 : this.bestKey * this.sign;
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
    const tick = this.tick(key);
    return tick >= 0 && tick < WINDOW ? this.at(tick | 0) : this.far.find(key);
  }

  /** The level at an order's price; a new, empty one when there is none. */
  obtain(slot: number): number {
    const priceTicks = this.orders.cold64[(slot << 2) + F_PRICE];
    const tick = this.tick(priceTicks * this.sign);
    if (tick >= 0 && tick < WINDOW) {
      const level = this.at(tick | 0);
      return level === NONE ? this.create(priceTicks) : level;
    }
    return this.obtainOutside(priceTicks);
  }

  /** The level at this price; a new, empty one when there is none. */
  obtainAt(priceTicks: number): number {
    const level = this.find(priceTicks);
    if (level !== NONE) return level;
    const tick = this.tick(priceTicks * this.sign);
    return tick >= 0 && tick < WINDOW ? this.create(priceTicks) : this.obtainOutside(priceTicks);
  }

  /** Takes an empty level out and gives its record back. */
  remove(level: number): void {
    const key = this.levels.price(level) * this.sign;
    const tick = this.tick(key);
    this.levels.free(level);
    if (tick >= 0 && tick < WINDOW) {
      this.memory.window[this.firstTick + (tick | 0)] = 0;
      this.ticks.remove(tick | 0);
      if (level === this.bestLevel()) this.findBest();
    } else {
      this.far.remove(key);
    }
  }

  /** The level with the next worse price, or `NONE`. */
  nextWorse(level: number): number {
    const key = this.levels.price(level) * this.sign;
    const tick = this.tick(key);
    if (tick >= 0 && tick < WINDOW) {
      const next = this.ticks.below(tick | 0);
      if (next !== NONE) return this.at(next);
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
    const tick = this.tick(key) | 0;
    this.memory.window[this.firstTick + tick] = ~level;
    this.ticks.add(tick);
    if (key > this.bestKey) this.setBest(level, key);
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
      const level = this.at(tick);
      this.setBest(level, this.levels.price(level) * this.sign);
      return;
    }
    this.setBest(NONE, NO_KEY);
    this.refill();
  }

  /** The window has run empty, and no level is the best: it moves to what is further behind. */
  refill(): void {
    if (this.far.size > 0) this.moveWindow(this.far.bestKey());
  }

  private setBest(level: number, key: number): void {
    this.memory.best[this.side] = level;
    this.memory.keys[this.firstKey] = key;
  }

  private tick(key: number): number {
    return key - this.memory.keys[this.firstKey + 1];
  }

  /** The level at a tick of the window, or `NONE`. */
  private at(tick: number): number {
    return ~this.memory.window[this.firstTick + tick];
  }

  /** Places the window so that this key, the best there is or is about to be, is at its anchor. */
  private moveWindow(bestKey: number): void {
    if (this.ticks.highest() !== NONE) this.emptyWindow();
    const { far } = this;
    const base = bestKey - ANCHOR;
    this.memory.keys[this.firstKey + 1] = base;
    while (far.size > 0 && far.bestKey() >= base) {
      const key = far.bestKey();
      this.place(far.takeBest(), key);
    }
  }

  private emptyWindow(): void {
    const { levels, far, ticks, sign } = this;
    // All of them are better than what is far already; only their own order is the wrong way round.
    const from = far.size;
    for (let tick = ticks.highest(); tick !== NONE; tick = ticks.highest()) {
      const level = this.at(tick);
      far.append(levels.price(level) * sign, level);
      this.memory.window[this.firstTick + tick] = 0;
      ticks.remove(tick);
    }
    far.reverseLast(from);
  }
}
