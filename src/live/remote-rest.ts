import { failure, type RestResult } from '../feeds/rest/result.ts';
import type {
  CandleQuery,
  HistoryQuery,
  InterestHistoryQuery,
  RawReply,
} from '../feeds/venue-adapter.ts';
import type { RestMethod, VenueQuestions } from './live-messages.ts';

/** Questions that may be under way at once; the exchange's own limits are far lower. */
export const QUESTIONS_MAX = 512;

type Ask = (method: RestMethod, args: readonly unknown[]) => Promise<RestResult<unknown>>;

/** An exchange over HTTP as the gateway sees it: every question goes to the feeds thread. */
export class RemoteRest implements VenueQuestions {
  private readonly ask: Ask;

  constructor(ask: Ask) {
    this.ask = ask;
  }

  instruments() {
    return this.typed<VenueQuestions['instruments']>('instruments');
  }

  candles(query: CandleQuery) {
    return this.typed<VenueQuestions['candles']>('candles', query);
  }

  openInterest(symbol: string) {
    return this.typed<VenueQuestions['openInterest']>('openInterest', symbol);
  }

  openInterestHistory(query: InterestHistoryQuery) {
    return this.typed<VenueQuestions['openInterestHistory']>('openInterestHistory', query);
  }

  mark(symbol: string) {
    return this.typed<VenueQuestions['mark']>('mark', symbol);
  }

  marks() {
    return this.typed<VenueQuestions['marks']>('marks');
  }

  fundingHistory(query: HistoryQuery) {
    return this.typed<VenueQuestions['fundingHistory']>('fundingHistory', query);
  }

  predictedFunding() {
    return this.typed<VenueQuestions['predictedFunding']>('predictedFunding');
  }

  tickers() {
    return this.typed<VenueQuestions['tickers']>('tickers');
  }

  bookSnapshot(symbol: string) {
    return this.typed<VenueQuestions['bookSnapshot']>('bookSnapshot', symbol);
  }

  raw(reply: RawReply, query: Readonly<Record<string, string | number>>) {
    return this.typed<VenueQuestions['raw']>('raw', reply, query);
  }

  /** The thread answers with what the method of the same name on its side gave. */
  private typed<Method extends (...args: never[]) => Promise<RestResult<unknown>>>(
    method: RestMethod,
    ...args: unknown[]
  ): ReturnType<Method> {
    return this.ask(method, args) as ReturnType<Method>;
  }
}

/** Questions under way to one thread, answered by their numbers. */
export class Questions {
  private readonly waiting = new Map<number, (result: RestResult<unknown>) => void>();
  private lastId = 0;

  /** @param send gives the question its number and sends it */
  ask(send: (id: number) => void): Promise<RestResult<unknown>> {
    if (this.waiting.size >= QUESTIONS_MAX) {
      const detail = 'too many requests to exchanges are under way';
      return Promise.resolve(failure('RATE_LIMITED', detail, { retryAfterMs: 1_000 }));
    }
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      send(id);
    });
  }

  answered(id: number, result: RestResult<unknown>): void {
    this.waiting.get(id)?.(result);
    this.waiting.delete(id);
  }

  /** The thread has ended: nobody will answer. */
  abandon(): void {
    const failed = failure('UNREACHABLE', 'the feeds thread has ended', { retryAfterMs: 1_000 });
    for (const resolve of this.waiting.values()) resolve(failed);
    this.waiting.clear();
  }
}
