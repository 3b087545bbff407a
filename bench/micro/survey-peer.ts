import { OrderBook, Side } from 'nodejs-order-book';
import type { SurveyMessage } from '../../test/support/survey-messages.ts';
import { mixFill } from './matching-core.ts';

type LimitOptions = Parameters<OrderBook['limit']>[0];
type TimeInForce = NonNullable<LimitOptions['timeInForce']>;

export interface SurveyFills {
  readonly fills: number;
  /** Order-dependent sum over makers and quantities. */
  readonly fillSum: number;
}

interface PeerMessage {
  /** Id of the order to cancel first, `null` for a new order. */
  readonly cancels: string | null;
  /** The order to place then; `null` for a mere cancellation. */
  readonly places: LimitOptions | null;
}

/** The same messages through `nodejs-order-book`; its replies are looked at only when asked for. */
export function runSurveyPeer(
  messages: readonly SurveyMessage[],
  read: boolean,
): SurveyFills & { seconds: number } {
  const prepared = messages.map(peerMessage);
  const book = new OrderBook();
  let fills = 0;
  let fillSum = 0;
  const fill = (makerId: string, qtyLots: number): void => {
    fills += 1;
    fillSum = mixFill(fillSum, Number(makerId), qtyLots);
  };
  const start = performance.now();
  for (const { cancels, places } of prepared) {
    if (cancels !== null && book.cancel(cancels) === undefined) continue;
    if (places === null) continue;
    const { done, partial, partialQuantityProcessed } = book.limit(places);
    if (!read) continue;
    for (const order of done) {
      if (order.id !== places.id) fill(order.id, (order as { size: number }).size);
    }
    if (partial !== null && partial.id !== places.id) fill(partial.id, partialQuantityProcessed);
  }
  return { seconds: (performance.now() - start) / 1000, fills, fillSum };
}

/** The fills of a canonical report stream. */
export function tradesOf(text: string): SurveyFills {
  let fills = 0;
  let fillSum = 0;
  for (const line of text.split('\n')) {
    const [type, , , qty, makerId] = line.split(',');
    if (type !== '1') continue;
    fills += 1;
    fillSum = mixFill(fillSum, Number(makerId), Number(qty));
  }
  return { fills, fillSum };
}

function peerMessage(message: SurveyMessage): PeerMessage {
  const id = String(message.id);
  if (message.kind === 'cancel') return { cancels: id, places: null };
  const ioc = message.kind === 'new' && message.ioc;
  const places = {
    id,
    side: message.side === 0 ? Side.BUY : Side.SELL,
    size: message.qty,
    price: Number(message.price),
    timeInForce: (ioc ? 'IOC' : 'GTC') as TimeInForce,
  };
  return { cancels: message.kind === 'modify' ? id : null, places };
}
