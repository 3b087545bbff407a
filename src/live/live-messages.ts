import type { ExchangeEndpoints, FollowedExchange } from '../config/exchange-settings.ts';
import type { Market } from '../domain/markets.ts';
import type { RestResult } from '../feeds/rest/result.ts';
import type { VenueRest } from '../feeds/venue-adapter.ts';
import type { DropCounters } from './live-market.ts';

/** What the feeds thread is given. */
export interface FeedsWiring {
  readonly venues: readonly LiveVenue[];
  /** Facts of all live markets. */
  readonly ring: SharedArrayBuffer;
  readonly ringReaders: number;
  readonly journalBell: SharedArrayBuffer;
}

/** An exchange to be followed, and where its markets go on. */
export interface LiveVenue {
  readonly exchange: FollowedExchange;
  readonly endpoints: ExchangeEndpoints;
  readonly markets: readonly LiveStart[];
}

export interface LiveStart {
  readonly market: Market;
  /** Of its newest record. */
  readonly seq: number;
  /** Of its newest trade. */
  readonly tradeId: number;
  /** The newest minute that there is a bar of, or the first one wanted. */
  readonly minuteSeconds: number;
}

/** How an exchange that is followed is doing; sums are those since the thread began. */
export interface VenueState {
  readonly exchange: string;
  /** Every socket is up and has brought data a short while ago. */
  readonly isFresh: boolean;
  /** Our clock when data came last; `null` before the first. */
  readonly lastDataMs: number | null;
  /** Markets whose book is not to be trusted now. */
  readonly staleMarketIds: readonly number[];
  /** Symbols that the exchange does not have, or no longer. */
  readonly unlisted: readonly string[];
  readonly counters: VenueCounters;
}

export interface VenueCounters {
  readonly frames: number;
  readonly malformed: number;
  readonly refused: number;
  readonly dials: number;
  readonly disconnects: number;
  readonly idleDisconnects: number;
  readonly gaps: number;
  readonly resyncs: number;
  readonly offGrid: number;
  /** Minutes whose bars are as they were seen, because the exchange did not tell them. */
  readonly unconfirmedMinutes: number;
  readonly drops: Readonly<DropCounters>;
}

/** What an exchange answers over HTTP, wherever it is asked. */
export type VenueQuestions = Omit<VenueRest, 'client'>;
export type RestMethod = keyof VenueQuestions;

/** A question of the gateway to an exchange. */
export interface RestRequest {
  readonly type: 'rest';
  readonly id: number;
  readonly exchange: string;
  readonly method: RestMethod;
  readonly args: readonly unknown[];
}

export type ToFeeds = RestRequest | { readonly type: 'stop' };

export type FromFeeds =
  | { readonly type: 'ready' }
  | { readonly type: 'rest'; readonly id: number; readonly result: RestResult<unknown> }
  | { readonly type: 'state'; readonly venues: readonly VenueState[] }
  | {
      readonly type: 'notice';
      readonly level: 'info' | 'warn';
      readonly fields: object;
      readonly message: string;
    }
  | { readonly type: 'stopped' };
