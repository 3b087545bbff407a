import type { VenueQuestions, VenueState } from '../live/live-messages.ts';

/** What the gateway may ask of exchanges that are followed live. */
export interface LiveVenues {
  /** How an exchange is doing; `undefined` where it is not followed. */
  state(exchange: string): VenueState | undefined;
  /** The exchange over HTTP, asked on the feeds thread; `undefined` where it is not followed. */
  rest(exchange: string): VenueQuestions | undefined;
}

/** A venue that follows nobody. */
export const NO_LIVE_VENUES: LiveVenues = { state: () => undefined, rest: () => undefined };
