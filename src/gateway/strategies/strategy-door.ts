import { readClientId } from '../../codec/commands.ts';
import * as R from '../../codec/records.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import * as C from '../../domain/result-codes.ts';
import { assert } from '../../lib/assert.ts';
import { frameMarketId, frameType } from '../../rings/frame.ts';
import { RING_EMPTY, type RingReader } from '../../rings/ring.ts';
import type { Denial } from '../../strategies/denials.ts';
import type { RequestDoor } from '../session-door.ts';
import type { OrderReply, Venue } from '../venue.ts';
import type { Deployment } from './deployments.ts';

export interface StrategyDoorParts {
  readonly markets: MarketRegistry;
  readonly venue: Pick<Venue, 'place' | 'cancel' | 'amend' | 'isOpen'>;
  /** A deployment that may trade now; `undefined` when what it asks for is to be dropped. */
  readonly trading: (deploymentId: number) => Deployment | undefined;
  /** Tells the thread what was denied before the book. */
  readonly deny: (denial: Denial) => void;
}

/**
 * Takes in what the strategies' thread asks for and asks the venue for it on behalf of the
 * deployment's user, exactly as a surface does for a client: the same checks, holds and codes.
 */
export class StrategyDoor implements RequestDoor {
  private readonly parts: StrategyDoorParts;
  private readonly reader: RingReader;
  /** The request that named an order the gateway has not heard of yet, or `RING_EMPTY`. */
  private stalledAt = RING_EMPTY;
  private requests = 0;
  /** Commands without an outcome, by deployment. */
  private readonly underWay = new Map<number, number>();

  constructor(parts: StrategyDoorParts, reader: RingReader) {
    this.parts = parts;
    this.reader = reader;
  }

  hasWork(): boolean {
    return this.stalledAt !== RING_EMPTY || this.reader.hasNext();
  }

  get requestsTotal(): number {
    return this.requests;
  }

  /** Commands of a deployment whose outcome is not durable yet. */
  underWayOf(deploymentId: number): number {
    return this.underWay.get(deploymentId) ?? 0;
  }

  pump(): boolean {
    let moved = false;
    for (;;) {
      const isRetry = this.stalledAt !== RING_EMPTY;
      const at = isRetry ? this.stalledAt : this.reader.next();
      if (at === RING_EMPTY) break;
      if (!isRetry && this.isAhead(at)) {
        this.stalledAt = at;
        return true;
      }
      this.stalledAt = RING_EMPTY;
      this.ask(at);
      this.requests += 1;
      moved = true;
    }
    if (moved) this.reader.release();
    return moved;
  }

  /**
   * The thread may have read of an order before the gateway did; then one more turn of the gateway,
   * which reads all that is durable, comes first.
   */
  private isAhead(at: number): boolean {
    const { i32, f64 } = this.reader.ring;
    if (frameType(i32[(at + 4) >>> 2]) === R.PLACE_ORDER) return false;
    return !this.parts.venue.isOpen(f64[(at + R.COMMAND_ORDER_ID) >>> 3]);
  }

  private ask(at: number): void {
    const { i32, f64, u8 } = this.reader.ring;
    const word = i32[(at + 4) >>> 2];
    const type = frameType(word);
    const deploymentId = i32[(at + R.COMMAND_SESSION_ID) >>> 2];
    const orderNumber = f64[(at + R.COMMAND_REQUEST_ID) >>> 3];
    const orderId = f64[(at + R.COMMAND_ORDER_ID) >>> 3];
    const deployment = this.parts.trading(deploymentId);
    if (deployment === undefined) return;
    const { userId, portfolioId } = deployment;
    const { venue } = this.parts;
    const done = this.begin(deploymentId, orderNumber, type === R.PLACE_ORDER);
    if (type === R.CANCEL_ORDER) return venue.cancel(userId, orderId, done);
    if (type === R.AMEND_ORDER) {
      return venue.amend(
        {
          userId,
          orderId,
          mode: u8[at + R.AMEND_MODE],
          priceTicks: f64[(at + R.AMEND_PRICE_TICKS) >>> 3],
          qtyLots: f64[(at + R.AMEND_QTY_LOTS) >>> 3],
        },
        done,
      );
    }
    assert(type === R.PLACE_ORDER, 'a strategy places, cancels and amends');
    const market = this.parts.markets.get(frameMarketId(word));
    assert(market !== undefined, 'a strategy names a market that exists');
    venue.place(
      {
        market,
        userId,
        portfolioId,
        side: u8[at + R.PLACE_SIDE],
        orderType: u8[at + R.PLACE_ORDER_TYPE],
        tif: u8[at + R.PLACE_TIF],
        flags: u8[at + R.PLACE_FLAGS],
        selfTrade: u8[at + R.PLACE_SELF_TRADE],
        priceTicks: f64[(at + R.PLACE_PRICE_TICKS) >>> 3],
        qtyLots: f64[(at + R.PLACE_QTY_LOTS) >>> 3],
        clientOrderId: readClientId(u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID),
      },
      done,
    );
  }

  private begin(
    deploymentId: number,
    orderNumber: number,
    isPlacement: boolean,
  ): (reply: OrderReply) => void {
    this.underWay.set(deploymentId, this.underWayOf(deploymentId) + 1);
    return ({ code, order }) => {
      const left = this.underWayOf(deploymentId) - 1;
      if (left > 0) this.underWay.set(deploymentId, left);
      else this.underWay.delete(deploymentId);
      // An order that got to its book is told of by events; so is what the book refused.
      const isDenied = code !== C.OK && code < C.MARKET_HALTED && (order === null || !isPlacement);
      if (isDenied) this.parts.deny({ deploymentId, orderNumber, isPlacement, code });
    };
  }
}
