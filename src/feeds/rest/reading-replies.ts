import { Malformed } from '../malformed.ts';
import type { FeedRecord } from '../normalised.ts';
import type { RestReply } from './client.ts';
import { failure, type RestResult } from './result.ts';

/**
 * Turns a reply into records. Its shape has been checked; that each number is one is found out here,
 * and a reply with a number that is none is a bad reply.
 */
export function readReply<A, B>(
  result: RestResult<RestReply<A>>,
  read: (value: A, receivedMs: number) => B,
): RestResult<B> {
  if (!result.isOk) return result;
  try {
    return { ...result, value: read(result.value.value, result.receivedMs) };
  } catch (error) {
    if (error instanceof Malformed) return failure('BAD_REPLY', error.message);
    throw error;
  }
}

export function unsupported(what: string): Promise<RestResult<never>> {
  return Promise.resolve(failure('UNSUPPORTED', what));
}

/** The records of one kind. */
export function every<R extends FeedRecord>(
  records: RestResult<readonly FeedRecord[]>,
  kind: R['kind'],
): RestResult<readonly R[]> {
  if (!records.isOk) return records;
  return { ...records, value: records.value.filter((each): each is R => each.kind === kind) };
}

/** The record of one kind of one symbol; without it the symbol is not listed. */
export function one<R extends FeedRecord>(
  records: RestResult<readonly FeedRecord[]>,
  symbol: string,
  kind: R['kind'],
): RestResult<R> {
  const all = every<R>(records, kind);
  if (!all.isOk) return all;
  const found = all.value.find((each) => each.symbol === symbol);
  if (found === undefined) return failure('REFUSED', `nothing is told of ${symbol}`);
  return { ...all, value: found };
}
