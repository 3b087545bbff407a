import * as R from '../codec/records.ts';
import type { MarketRegistry } from '../config/markets.ts';
import type { VenueEvent } from '../domain/venue-events.ts';
import { type RecoverySummary, readFrames } from '../journal/recovery.ts';
import type { JournalStore } from '../journal/store.ts';
import { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import { BookFollower } from '../matching/book-follower.ts';
import { MarketViews } from '../projections/market-view.ts';
import { isClosedStatus, OrderTracker } from '../projections/order-tracker.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { Accounts } from './accounts.ts';
import { applyMarketRecord, type GatewayState } from './apply.ts';
import { readVenueEvent } from './venue-log.ts';

/** The gateway's whole state as the journal tells it, and the books for the market workers. */
export interface RecoveredState extends GatewayState {
  readonly accounts: Accounts;
  /** One per market that has events. */
  readonly books: ReadonlyMap<number, BookFollower>;
  /** Newest request id of an in-process session that became durable, by session id. */
  readonly lastRequestIds: ReadonlyMap<number, number>;
  readonly summary: RecoverySummary;
  readonly seconds: number;
}

/** Records between two clean-ups of what a live gateway would publish. */
const SETTLE_EVERY = 4096;

/**
 * Recovery: every event of the journal applied in order, without matching anything again. The same
 * code that applies live events is used, so both end in the same state.
 * @param onVenueEvent sees every fact of the venue, for rooms that keep their own state of them
 */
export function recover(
  store: JournalStore,
  markets: MarketRegistry,
  onVenueEvent: (event: VenueEvent) => void,
): RecoveredState {
  const started = performance.now();
  const ledger = new Ledger(markets.all);
  const accounts = new Accounts(ledger);
  const orders = new OrderTracker(
    new Map(markets.all.map((market) => [market.id, market.quoteUnitsPerTickLot])),
  );
  const views = new MarketViews(markets.all);
  const books = new Map<number, BookFollower>();
  const lastRequestIds = new Map<number, number>();
  const state = { ledger, orders, views };
  let records = 0;
  const summary = readFrames(store, undefined, (frame, at) => {
    const marketId = frameMarketId(frame.i32[(at + 4) >>> 2]);
    if (marketId === 0) {
      const event = readVenueEvent(frame, at);
      accounts.apply(event);
      onVenueEvent(event);
      return;
    }
    noteRequest(frame, at, lastRequestIds);
    applyMarketRecord(state, frame, at);
    let book = books.get(marketId);
    if (book === undefined) {
      book = new BookFollower(marketId);
      books.set(marketId, book);
    }
    book.apply(frame, at);
    records += 1;
    if (records % SETTLE_EVERY === 0) settle(state);
  });
  settle(state);
  restoreHolds(state, markets);
  const seconds = (performance.now() - started) / 1000;
  return { ...state, accounts, books, lastRequestIds, summary, seconds };
}

/** Nobody listens yet: what would be published or answered is forgotten. */
function settle(state: GatewayState): void {
  state.orders.takeChanged();
  for (const view of state.views.dirty) view.settle();
  state.views.clearChanges();
}

/** Holds follow from the open orders; they are not events of their own. */
function restoreHolds(state: GatewayState, markets: MarketRegistry): void {
  for (const order of state.orders.all()) {
    assert(!isClosedStatus(order.status), 'closed orders were taken out');
    const market = markets.get(order.marketId);
    assert(market !== undefined, `order ${order.orderId} is in a market that exists`);
    const remainingLots = order.qtyLots - order.filledLots;
    const { orderId, portfolioId, side, priceTicks, clientOrderId } = order;
    state.ledger.restoreHold(orderId, portfolioId, market, side, priceTicks, remainingLots);
    if (clientOrderId === '') continue;
    state.ledger.get(portfolioId).openByClientId.set(clientOrderId, orderId);
  }
}

function noteRequest(frame: FrameViews, at: number, last: Map<number, number>): void {
  if (frameType(frame.i32[(at + 4) >>> 2]) >= R.FIRST_EVENT_TYPE) return;
  const sessionId = frame.i32[(at + R.COMMAND_SESSION_ID) >>> 2];
  if (sessionId === 0) return;
  last.set(sessionId, frame.f64[(at + R.COMMAND_REQUEST_ID) >>> 3]);
}
