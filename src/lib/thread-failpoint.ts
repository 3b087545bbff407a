/**
 * Ways for a test to let a thread die from inside, beside the journal's own places to be killed at
 * (`src/journal/failpoints.ts`). Armed by `OPENBELL_FAILPOINT=<thread>.<way>` or `….<way>:<n>` for
 * the n-th time the thread has work; threads are `market`, `journal`, `strategies` and `feeds`.
 */
const WAYS = ['throw', 'exit', 'out_of_memory', 'hang'] as const;
const NAME = new RegExp(
  `^(market|journal|strategies|feeds)\\.(${WAYS.join('|')})(?::([1-9]\\d*))?$`,
);

/** The exit code of a thread that ends itself. */
export const FAILPOINT_EXIT_CODE = 33;

/** True for text that arms a thread's failpoint. */
export function isThreadFailpoint(spec: string): boolean {
  return NAME.test(spec);
}

export class ThreadFailpoint {
  private readonly way: string | undefined;
  private remaining: number;

  /** @param spec as in the environment variable; what names another thread arms nothing here */
  constructor(thread: 'market' | 'journal' | 'strategies' | 'feeds', spec: string) {
    const [, named, way, count] = NAME.exec(spec) ?? [];
    this.way = named === thread ? way : undefined;
    this.remaining = Number(count ?? 1);
  }

  /** Does nothing, or never returns. */
  reach(): void {
    if (this.way === undefined) return;
    this.remaining -= 1;
    if (this.remaining > 0) return;
    if (this.way === 'throw') throw new Error('a failpoint threw this');
    if (this.way === 'exit') process.exit(FAILPOINT_EXIT_CODE);
    while (this.way === 'hang');
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array<number>(1 << 16).fill(hoard.length + 0.5));
  }
}
