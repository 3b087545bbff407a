import { readClientId } from '../codec/commands.ts';
import * as R from '../codec/records.ts';
import type { MarketRegistry } from '../config/markets.ts';
import { ORDER_FLAG_EXTENDED } from '../domain/orders.ts';
import * as C from '../domain/result-codes.ts';
import type { HoldTerms } from '../ledger/holds.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { assert } from '../lib/assert.ts';
import { readExtension } from '../projections/order-extension.ts';
import { type FrameViews, frameMarketId, frameType } from '../rings/frame.ts';
import { RING_FULL } from '../rings/ring.ts';
import type { CommandGate } from './command-gate.ts';

/**
 * Commands of in-process sessions on their way to the markets: simulated traders and recordings,
 * whose portfolios stand for the world outside or trade on margin.
 */
export class SessionCommands {
  private readonly gate: CommandGate;
  private readonly markets: MarketRegistry;
  private readonly ledger: Ledger;
  /** Orders of simulated traders that their margin does not allow. */
  denied = 0;

  constructor(gate: CommandGate, markets: MarketRegistry, ledger: Ledger) {
    this.gate = gate;
    this.markets = markets;
    this.ledger = ledger;
  }

  /**
   * Passes on a command record that an in-process session wrote: issues or resolves the order id
   * and stamps the venue time unless the session brought its own (a recording does).
   * @returns false when the market's command ring is full and nothing was done
   */
  forward(views: FrameViews, at: number): boolean {
    const { i32, f64, u8 } = views;
    const word = i32[(at + 4) >>> 2];
    const route = this.gate.route(frameMarketId(word));
    const lengthBytes = i32[at >>> 2];
    const portfolioId = i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2];
    let marginOrderId = 0;
    if (frameType(word) === R.PLACE_ORDER && this.ledger.get(portfolioId).margin !== undefined) {
      marginOrderId = this.admitSessionOrder(views, at, portfolioId);
      if (marginOrderId === 0) return true;
    }
    const to = route.producer.claim(lengthBytes, word);
    if (to === RING_FULL) {
      if (marginOrderId !== 0) this.ledger.release(marginOrderId);
      return false;
    }
    const ring = route.producer.ring;
    ring.u8.set(u8.subarray(at + 8, at + lengthBytes), to + 8);
    if (i32[(at + R.RECORD_SECONDS) >>> 2] === 0 && i32[(at + R.RECORD_NANOS) >>> 2] === 0) {
      const { clock } = this.gate;
      clock.tick();
      ring.i32[(to + R.RECORD_SECONDS) >>> 2] = clock.seconds;
      ring.i32[(to + R.RECORD_NANOS) >>> 2] = clock.nanos;
    }
    const orderIdField = (to + R.COMMAND_ORDER_ID) >>> 3;
    switch (frameType(word)) {
      case R.PLACE_ORDER:
        ring.f64[orderIdField] = marginOrderId || this.admitSessionOrder(views, at, portfolioId);
        break;
      case R.CANCEL_ORDER:
        if (f64[(at + R.COMMAND_ORDER_ID) >>> 3] === 0) {
          const clientId = readClientId(
            u8,
            at + R.CANCEL_CLIENT_ID_LENGTH,
            at + R.CANCEL_CLIENT_ID,
          );
          ring.f64[orderIdField] = this.openOrderId(portfolioId, clientId);
        }
        break;
      case R.AMEND_ORDER:
        if (f64[(at + R.COMMAND_ORDER_ID) >>> 3] === 0) {
          const clientId = readClientId(u8, at + R.AMEND_CLIENT_ID_LENGTH, at + R.AMEND_CLIENT_ID);
          ring.f64[orderIdField] = this.openOrderId(portfolioId, clientId);
        }
        break;
      default:
    }
    route.producer.endGroup();
    this.gate.written(route);
    return true;
  }

  /** 0 when a margin portfolio may not place it: then it is dropped, and the session sees no echo. */
  private admitSessionOrder(views: FrameViews, at: number, portfolioId: number): number {
    const { f64, i32, u8 } = views;
    const isExtended = (u8[at + R.PLACE_FLAGS] & ORDER_FLAG_EXTENDED) !== 0;
    const market = this.markets.get(frameMarketId(i32[(at + 4) >>> 2]));
    const portfolio = this.ledger.get(portfolioId);
    assert(market !== undefined, 'a session names a market that exists');
    assert(portfolio.kind !== 'cash', 'a session trades for the world outside, or on margin');
    const orderId = this.gate.issueOrderId();
    const held = this.ledger.hold(
      orderId,
      portfolio,
      market,
      u8[at + R.PLACE_SIDE],
      f64[(at + R.PLACE_PRICE_TICKS) >>> 3],
      f64[(at + R.PLACE_QTY_LOTS) >>> 3],
      isExtended ? recordedTerms(views, at) : undefined,
    );
    if (portfolio.margin !== undefined && held !== C.OK) {
      this.denied += 1;
      return 0;
    }
    assert(held === C.OK, `a session's order is within the ledger's range: ${C.resultName(held)}`);
    const clientId = readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
    if (clientId !== '') portfolio.openByClientId.set(clientId, orderId);
    return orderId;
  }

  /** 0 when there is none, which the book answers with `ORDER_NOT_IN_BOOK`. */
  private openOrderId(portfolioId: number, clientId: string): number {
    return this.ledger.get(portfolioId).openByClientId.get(clientId) ?? 0;
  }
}

/** What a session's order says that matters for its hold. */
function recordedTerms(views: FrameViews, at: number): HoldTerms {
  const { u8 } = views;
  return {
    ...readExtension(views, at),
    orderType: u8[at + R.PLACE_ORDER_TYPE],
    flags: u8[at + R.PLACE_FLAGS],
    selfTrade: u8[at + R.PLACE_SELF_TRADE],
  };
}
