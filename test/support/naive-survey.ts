import type { SurveyMessage } from './survey-messages.ts';

interface NaiveOrder {
  readonly id: bigint;
  readonly side: 0 | 1;
  readonly price: bigint;
  open: number;
}

/**
 * The survey's book written to be obviously right and nothing else: an array of the orders that
 * rest, in order of arrival, searched from end to end for whoever is next. It shares no code with the
 * engine or the replay, and counts prices and ids with `bigint`.
 */
export class NaiveSurvey {
  readonly lines: string[] = [];
  private resting: NaiveOrder[] = [];
  private index = -1;

  message(message: SurveyMessage): void {
    this.index += 1;
    const { index } = this;
    const id = BigInt(message.id);
    const resting = this.resting.find((order) => order.id === id);
    if (message.kind === 'new') {
      // An id that is in use is not taken, and the stream has no report that could say so.
      if (resting !== undefined) return;
      const { side, price, qty } = message;
      this.lines.push(`0,${index},${side},${id},${price},${qty}`);
      const left = this.arrive({ id, side, price: BigInt(price), open: qty }, message.ioc);
      if (left > 0 && message.ioc) this.lines.push(`2,${index},${side},${id},${price}`);
    } else if (resting === undefined) {
      this.lines.push(`${message.kind === 'cancel' ? 4 : 5},${index},${id}`);
    } else if (message.kind === 'cancel') {
      this.remove(resting);
      this.lines.push(`2,${index},${resting.side},${id},${resting.price}`);
    } else {
      const { side, price, qty } = message;
      this.remove(resting);
      this.arrive({ id, side, price: BigInt(price), open: qty }, false);
      this.lines.push(`3,${index},${side},${id},${price},${qty}`);
    }
  }

  text(): string {
    return this.lines.join('\n');
  }

  /** @returns what neither traded nor rests */
  private arrive(taker: NaiveOrder, ioc: boolean): number {
    while (taker.open > 0) {
      const maker = this.nextMaker(taker);
      if (maker === undefined) break;
      const qty = Math.min(maker.open, taker.open);
      maker.open -= qty;
      taker.open -= qty;
      if (maker.open === 0) this.remove(maker);
      this.lines.push(`1,${this.index},${maker.price},${qty},${maker.id},${taker.id}`);
    }
    if (taker.open > 0 && !ioc) this.resting.push(taker);
    return taker.open;
  }

  /** The best price first; at one price who came first. */
  private nextMaker(taker: NaiveOrder): NaiveOrder | undefined {
    let best: NaiveOrder | undefined;
    for (const order of this.resting) {
      if (order.side === taker.side) continue;
      const trades = taker.side === 0 ? order.price <= taker.price : order.price >= taker.price;
      if (!trades) continue;
      const better =
        best === undefined ||
        (taker.side === 0 ? order.price < best.price : order.price > best.price);
      if (better) best = order;
    }
    return best;
  }

  private remove(order: NaiveOrder): void {
    this.resting = this.resting.filter((other) => other !== order);
  }
}

export function naiveReports(messages: readonly SurveyMessage[]): string {
  const book = new NaiveSurvey();
  for (const message of messages) book.message(message);
  return book.text();
}
