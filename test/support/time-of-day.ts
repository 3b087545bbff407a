import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until no period of so many seconds (86 400: a day, UTC) ends within the time that a test takes,
 * so that what it says of "today" means one day from its first line to its last. Hardly ever waits.
 */
export async function clearOfPeriodEnd(periodSeconds: number, neededSeconds: number) {
  const leftMs = periodSeconds * 1000 - (Date.now() % (periodSeconds * 1000));
  if (leftMs < neededSeconds * 1000) await sleep(leftMs + 1);
}
