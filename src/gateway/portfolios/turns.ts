/** Lets pieces of asynchronous work that have a key in common run one after the other. */
export class Turns {
  private readonly last = new Map<number, Promise<unknown>>();

  /** Begins the work once all earlier work of the same key has ended, however it ended. */
  take<T>(key: number, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.last.set(key, mine);
    const leave = (): void => {
      if (this.last.get(key) === mine) this.last.delete(key);
    };
    mine.then(leave, leave);
    return mine;
  }
}
