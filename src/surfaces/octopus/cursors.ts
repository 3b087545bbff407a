import { Buffer } from 'node:buffer';
import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';

/**
 * A cursor says behind which number a list goes on. Numbers grow with time, so what is added meanwhile
 * neither shifts a page nor shows up in it twice.
 */
export function cursorOf(list: string, number: number): string {
  return Buffer.from(`${list}:${number}`, 'utf8').toString('base64url');
}

/** @param list which list the cursor must be of; without a cursor, from the newest on */
export function readCursor(list: string, cursor: string | undefined): number | Refusal {
  if (cursor === undefined) return Number.POSITIVE_INFINITY;
  const [name, digits, ...others] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  const isOne = name === list && others.length === 0 && /^[1-9]\d{0,15}$/.test(digits ?? '');
  return isOne
    ? Number(digits)
    : invalidParameter('cursor', cursor, 'cursor must be the next_cursor of a page of this list');
}
