import type { Desk } from '../desk.ts';

/** A kind of trader in one market. It keeps what it must remember and sends through the desk. */
export interface Agent {
  /** @returns true when it sent anything; false leaves the turn to somebody else */
  act(desk: Desk): boolean;
}
