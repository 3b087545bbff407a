import { OrderBook, Side } from 'nodejs-order-book';
import { SIDE_BUY } from '../../src/domain/orders.ts';
import { mixFill } from './matching-core.ts';
import type { Flow } from './matching-flow.ts';

type LimitOptions = Parameters<OrderBook['limit']>[0];
type TimeInForce = NonNullable<LimitOptions['timeInForce']>;

interface PeerCommand {
  /** Id of the order to cancel, `null` for a new order. */
  readonly cancels: string | null;
  readonly places: LimitOptions;
}

export interface PeerRun {
  readonly seconds: number;
  readonly fills: number;
  readonly fillSum: number;
}

/**
 * The same flow through `nodejs-order-book`. Its arguments are made beforehand, so only its own work
 * is measured; its replies are looked at only when asked for, as with the machine's events.
 */
export function runPeer(flow: Flow, read: boolean): PeerRun {
  const commands = peerCommands(flow);
  const book = new OrderBook();
  let fills = 0;
  let fillSum = 0;
  const fill = (makerId: string, qtyLots: number): void => {
    fills += 1;
    fillSum = mixFill(fillSum, Number(makerId), qtyLots);
  };
  const carryOut = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) {
      const { cancels, places } = commands[i];
      if (cancels !== null) {
        book.cancel(cancels);
        continue;
      }
      const { done, partial, partialQuantityProcessed } = book.limit(places);
      if (!read) continue;
      for (const order of done) {
        if (order.id !== places.id) fill(order.id, (order as { size: number }).size);
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
    places: {
      id: String(command.orderId),
      side: command.side === SIDE_BUY ? Side.BUY : Side.SELL,
      size: command.qtyLots,
      price: command.priceTicks,
      timeInForce: (command.kind === 'take' ? 'IOC' : 'GTC') as TimeInForce,
    },
  }));
}
