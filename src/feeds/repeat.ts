import type { FeedTimers } from './connector-types.ts';

/** Calls again and again until taken back. @returns what takes it back */
export function repeat(timers: FeedTimers, everyMs: number, act: () => void): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    cancel = timers.after(everyMs, () => {
      again();
      act();
    });
  };
  again();
  return () => cancel();
}
