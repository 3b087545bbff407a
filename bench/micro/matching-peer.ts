import * as hft from 'hft-limit-order-book';
import * as nodejs from 'nodejs-order-book';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { mixFill } from './matching-core.ts';
import type { Flow } from './matching-flow.ts';

/** The part of a peer's order book that the flows use; both peers have the same interface. */
interface PeerBook {
  limit(options: PeerOrder): PeerReply;
  stopLimit(options: PeerOrder & { readonly stopPrice: number }): PeerReply;
  cancel(id: string): unknown;
}

interface PeerOrder {
  readonly id: string;
  readonly side: never;
  readonly size: number;
  readonly price: number;
  readonly timeInForce: never;
}

interface PeerReply {
  readonly done: readonly { readonly id: string; readonly size?: number }[];
  readonly partial: { readonly id: string } | null;
  readonly partialQuantityProcessed: number;
  readonly err: unknown;
}

export const PEERS = ['nodejs-order-book', 'hft-limit-order-book'] as const;
export type PeerName = (typeof PEERS)[number];

function makeBook(name: PeerName): PeerBook {
  const { OrderBook } = name === 'nodejs-order-book' ? nodejs : hft;
  return new OrderBook({ experimentalConditionalOrders: true }) as unknown as PeerBook;
}

interface PeerCommand {
  /** Id of the order to cancel, `null` for a new order. */
  readonly cancels: string | null;
  readonly places: PeerOrder;
  /** 0 for an order that does not wait. */
  readonly stopPrice: number;
}

export interface PeerRun {
  readonly seconds: number;
  readonly fills: number;
  readonly fillSum: number;
}

/**
 * The same flow through a peer. Its arguments are made beforehand, so only its own work is measured;
 * its replies are looked at only when asked for, as with the machine's events.
 */
export function runPeer(flow: Flow, name: PeerName, read: boolean): PeerRun {
  const commands = peerCommands(flow);
  const book = makeBook(name);
  let fills = 0;
  let fillSum = 0;
  const fill = (makerId: string, qtyLots: number): void => {
    fills += 1;
    fillSum = mixFill(fillSum, Number(makerId), qtyLots);
  };
  const carryOut = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      const { cancels, places, stopPrice } = commands[i];
      if (cancels !== null) {
        book.cancel(cancels);
        continue;
      }
      const reply = stopPrice === 0 ? book.limit(places) : book.stopLimit({ ...places, stopPrice });
      if (!read) continue;
      const { done, partial, partialQuantityProcessed } = reply;
      for (const order of done) {
        if (order.id !== places.id) fill(order.id, order.size as number);
      }
      if (partial !== null && partial.id !== places.id) fill(partial.id, partialQuantityProcessed);
    }
  };
  carryOut(0, flow.prefill);
  const start = performance.now();
  carryOut(flow.prefill, commands.length);
  return { seconds: (performance.now() - start) / 1000, fills, fillSum };
}

function peerCommands(flow: Flow): PeerCommand[] {
  return flow.commands.map((command) => ({
    cancels: command.kind === 'cancel' ? String(command.orderId) : null,
    stopPrice: command.triggerTicks,
    places: {
      id: String(command.orderId),
      side: (command.side === SIDE_BUY ? 'buy' : 'sell') as never,
      size: command.qtyLots,
      price: command.priceTicks,
      timeInForce: (command.kind === 'take' ? 'IOC' : 'GTC') as never,
    },
  }));
}
