import type { FeedTimers } from '../connector-types.ts';
import { failure, type RestFailure } from './result.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text of a POST. */
  readonly body?: string;
}

/** What came back, whatever it says. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The longest reply that is read: Binance describes all its symbols in some 3 MB. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;

/** One request, with one time limit over all of it: the connection, the headers and the body. */
export async function attempt(
  request: HttpRequest,
  timeoutMs: number,
  timers: FeedTimers,
  fetchReply: typeof fetch,
): Promise<HttpReply | RestFailure> {
  const abort = new AbortController();
  let isTimeUp = false;
  const cancel = timers.after(timeoutMs, () => {
    isTimeUp = true;
    abort.abort();
  });
  try {
    const reply = await fetchReply(request.url, {
      method: request.method,
      headers: { accept: 'application/json', ...request.headers },
      body: request.body,
      redirect: 'error',
      signal: abort.signal,
    });
    const text = await bodyOf(reply);
    if (text === undefined) return failure('BAD_REPLY', 'the reply is too long');
    return { status: reply.status, headers: reply.headers, text };
  } catch (error) {
    if (isTimeUp) return failure('TIMEOUT', `no reply within ${timeoutMs} ms`);
    return failure('UNREACHABLE', reasonOf(error));
  } finally {
    cancel();
  }
}

/** @returns `undefined` when it is longer than any reply of an exchange */
async function bodyOf(reply: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (reply.body === null) return '';
  for await (const chunk of reply.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > REPLY_BYTES_MAX) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

/** `Retry-After` in milliseconds, in seconds or as a date; `undefined` where it is absent. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after');
  if (text === null || text === '') return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
