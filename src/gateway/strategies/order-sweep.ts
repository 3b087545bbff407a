import { setTimeout as sleep } from 'node:timers/promises';
import type { Venue } from '../venue.ts';
import type { Deployment } from './deployments.ts';

const LOOK_MS = 5;

/**
 * Cancels a deployment's orders, those on their way to the book too, and resolves when none is open.
 * @param underWay its commands without an outcome
 * @returns false when the time was over before
 */
export async function sweepOrders(
  deployment: Deployment,
  venue: Pick<Venue, 'cancel'>,
  underWay: () => number,
  timeoutMs: number,
): Promise<boolean> {
  const untilMs = performance.now() + timeoutMs;
  const { userId, openOrderIds } = deployment;
  while (underWay() > 0 || openOrderIds.size > 0) {
    if (performance.now() > untilMs) return false;
    if (underWay() === 0) {
      const cancel = (orderId: number): Promise<void> =>
        new Promise((resolve) => venue.cancel(userId, orderId, () => resolve()));
      await Promise.race([Promise.all([...openOrderIds].map(cancel)), sleep(timeoutMs)]);
    }
    // What came between is durable but may not be applied yet; or the command ring was full.
    if (openOrderIds.size > 0 || underWay() > 0) await sleep(LOOK_MS);
  }
  return true;
}
