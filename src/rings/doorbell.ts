/**
 * How a thread waits for work, and how others wake it: one doorbell a thread.
 *
 * ```
 *  Int32 0: bell      counts rings; the futex word
 *  Int32 1: sleeping  1 while the owner is about to wait or waits
 * ```
 *
 * Lost wake-ups are impossible: the owner stores `sleeping = 1`, then looks for work once more,
 * then waits; the other side publishes its work, then loads `sleeping`. Atomics are sequentially
 * consistent, so at least one of the two sees the other.
 */
const BELL_INDEX = 0;
const SLEEPING_INDEX = 1;

export class Doorbell {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(128)) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
  }

  /** Wakes the owner if it sleeps; costs one load if it does not. Call after publishing. */
  ring(): void {
    if (Atomics.load(this.words, SLEEPING_INDEX) === 0) return;
    if (Atomics.exchange(this.words, SLEEPING_INDEX, 0) === 0) return;
    Atomics.add(this.words, BELL_INDEX, 1);
    Atomics.notify(this.words, BELL_INDEX);
  }

  /**
   * Blocks the owner's thread until the bell rings, `hasWork()` turns true or the time is over.
   * @param spins times to look for work before sleeping; a sleep costs a wake-up of 20 to 50 µs
   */
  wait(hasWork: () => boolean, timeoutMs: number, spins = 0): void {
    for (let spin = 0; spin < spins; spin += 1) if (hasWork()) return;
    const bell = Atomics.load(this.words, BELL_INDEX);
    Atomics.store(this.words, SLEEPING_INDEX, 1);
    if (!hasWork()) Atomics.wait(this.words, BELL_INDEX, bell, timeoutMs);
    Atomics.store(this.words, SLEEPING_INDEX, 0);
  }

  /**
   * The same for a thread with an event loop, which must not block: resolves when the bell rings or
   * the time is over, at once when there is work.
   */
  async waitAsync(hasWork: () => boolean, timeoutMs: number): Promise<void> {
    const bell = Atomics.load(this.words, BELL_INDEX);
    Atomics.store(this.words, SLEEPING_INDEX, 1);
    if (!hasWork()) await Atomics.waitAsync(this.words, BELL_INDEX, bell, timeoutMs).value;
    Atomics.store(this.words, SLEEPING_INDEX, 0);
  }
}
