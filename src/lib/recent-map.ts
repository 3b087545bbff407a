/**
 * A map in bounded memory that forgets what was not used for longest, at constant cost per call
 * whatever an attacker does to it. It holds two generations: when the young one is full it becomes
 * the old one and what the old one held is dropped; a value that is still used moves over. So it
 * holds at most `2 × generationMax` entries, and a value in use survives as long as fewer than
 * `generationMax` other keys are used between two of its uses.
 */
export class RecentMap<V> {
  private readonly generationMax: number;
  private young = new Map<string, V>();
  private old = new Map<string, V>();

  constructor(generationMax: number) {
    this.generationMax = generationMax;
  }

  /** Entries held, including those that a use would still find in the old generation. */
  get size(): number {
    return this.young.size + this.old.size;
  }

  /** Finds a value and counts as a use of it. */
  get(key: string): V | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const older = this.old.get(key);
    if (older === undefined) return undefined;
    this.old.delete(key);
    this.set(key, older);
    return older;
  }

  set(key: string, value: V): void {
    if (this.young.size >= this.generationMax && !this.young.has(key)) this.turn();
    this.young.set(key, value);
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  /** Begins a new generation: what is not used until the next turn is dropped then. */
  turn(): void {
    this.old = this.young;
    this.young = new Map();
  }
}
