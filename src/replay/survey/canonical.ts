import { createHash } from 'node:crypto';
import type { OrderFile } from './order-file.ts';
import * as S from './report-store.ts';

const { R_HEAD, R_ORDER_ID, R_PRICE, R_QTY, R_TAKER_ID, REPORT_WORDS } = S;
/** Reports whose lines are joined before they are hashed and written. */
const BATCH_REPORTS = 8192;

/** What of an order file its reports need in order to name prices and orders as the file does. */
export type Naming = Pick<OrderFile, 'priceShift' | 'orderIds'>;

export interface Canonical {
  /** SHA-256 of the canonical report stream, hexadecimal. */
  readonly sha256: string;
  /** By the names of the report types. */
  readonly counts: Record<(typeof S.REPORT_NAMES)[number], number>;
}

/**
 * Formats the reports as the survey's canonical text (lines joined by `\n`, none at the end),
 * hashes it, and hands it on piece by piece.
 */
export function canonicalStream(
  store: S.ReportStore,
  naming: Naming,
  onText: (text: string) => void = () => {},
): Canonical {
  const hash = createHash('sha256');
  const counts = new Array<number>(S.REPORT_NAMES.length).fill(0);
  const pending: string[] = [];
  let isFirst = true;
  const flush = (): void => {
    if (pending.length === 0) return;
    const text = (isFirst ? '' : '\n') + pending.join('\n');
    isFirst = false;
    pending.length = 0;
    hash.update(text);
    onText(text);
  };
  for (const piece of store.pieces()) {
    for (let word = 0; word < piece.length; word += REPORT_WORDS) {
      counts[piece[word + R_HEAD] % 8] += 1;
      if (pending.push(lineOf(piece, word, naming)) === BATCH_REPORTS) flush();
    }
  }
  flush();
  const named = S.REPORT_NAMES.map((name, type) => [name, counts[type]] as const);
  return { sha256: hash.digest('hex'), counts: Object.fromEntries(named) as Canonical['counts'] };
}

/** SHA-256 of the reports as they lie in memory: equal for equal reports, and quickly made. */
export function memoryHash(store: S.ReportStore): string {
  const hash = createHash('sha256');
  for (const piece of store.pieces()) hash.update(piece);
  return hash.digest('hex');
}

function lineOf(piece: Float64Array, word: number, { priceShift, orderIds }: Naming): string {
  const head = piece[word + R_HEAD];
  const type = head % 8;
  const side = Math.floor(head / 8) % 2;
  const index = Math.floor(head / 16);
  const orderId = idOf(piece[word + R_ORDER_ID], orderIds);
  const price = piece[word + R_PRICE] - priceShift;
  const qty = piece[word + R_QTY];
  switch (type) {
    case S.REPORT_TRADE:
      return `1,${index},${price},${qty},${orderId},${idOf(piece[word + R_TAKER_ID], orderIds)}`;
    case S.REPORT_CANCELLED:
      return `2,${index},${side},${orderId},${price}`;
    case S.REPORT_CANCEL_REJECTED:
    case S.REPORT_MODIFY_REJECTED:
      return `${type},${index},${orderId}`;
    default:
      return `${type},${index},${side},${orderId},${price},${qty}`;
  }
}

function idOf(number: number, orderIds: readonly string[] | null): string {
  return orderIds === null ? String(number) : orderIds[number - 1];
}
