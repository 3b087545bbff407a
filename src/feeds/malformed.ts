/** A frame or a reply that is not what its exchange's format says. It is counted and skipped. */
export class Malformed extends Error {}
