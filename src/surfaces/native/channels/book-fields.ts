import { LIMITS } from '../../../config/limits.ts';
import { type RequestId, StreamRequestError } from '../requests.ts';

/** Levels of each side in the snapshot; as many as a snapshot may have when none is named. */
export function parseDepth(id: RequestId, depth: unknown): number {
  if (depth === undefined) return LIMITS.snapshotLevels;
  const valid =
    typeof depth === 'number' &&
    Number.isInteger(depth) &&
    depth >= 1 &&
    depth <= LIMITS.bookDepthLevels;
  if (valid) return depth;
  const message = `"depth" is a whole number from 1 to ${LIMITS.bookDepthLevels}`;
  throw new StreamRequestError(id, 'INVALID_DEPTH', message);
}

/** True when a slow client wants the newest book in place of what it has no time for. */
export function parseConflate(id: RequestId, conflate: unknown): boolean {
  if (conflate === undefined || conflate === false) return false;
  if (conflate === true) return true;
  const details = { parameter: 'conflate' };
  throw new StreamRequestError(id, 'INVALID_REQUEST', '"conflate" is true or false', details);
}
