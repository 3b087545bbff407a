/**
 * Why a connection of ours ends, as its close frame says it: RFC 6455 up to 2999, our own from 4000,
 * where the last three digits are those of the HTTP status that says the same. A client sees 1006,
 * which no frame carries, where a connection was cut off or simply broke.
 */

/** Everything was told; the client may leave, too. */
export const CLOSE_ENDED = 1000;
/** The server stops; another one, or the next start, serves on. */
export const CLOSE_GOING_AWAY = 1001;
/** A fault of ours: a thread failed, or a credential could not be looked at. */
export const CLOSE_FAILED = 1011;
/** What is served begins anew: connect again, and start from a snapshot. */
export const CLOSE_RESTART = 1012;
/** More waited to be read than may; the backlog was delivered before this. */
export const CLOSE_SLOW_CONSUMER = 4008;
/** No credential, not a good one, none in time, or it has ended. */
export const CLOSE_UNAUTHENTICATED = 4401;
/** There is nothing to tell under this path: no such market, or no such data of it. */
export const CLOSE_NOT_FOUND = 4404;
/** Sent on above its rate, or failed to log in too often. */
export const CLOSE_RATE_LIMITED = 4429;
