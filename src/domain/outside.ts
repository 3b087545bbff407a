/** Why the book of a market from outside cannot be trusted, by the number that the journal has. */
export const STALE_NAMES: readonly string[] = [
  '',
  'disconnected',
  'gap',
  'crossed',
  'off_grid',
  'silent',
  'unlisted',
  'overrun',
];
export const STALE_DISCONNECTED = 1;
/** More came in than could be kept: the book is told anew as soon as there is room. */
export const STALE_OVERRUN = 7;
