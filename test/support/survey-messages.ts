import { writeFileSync } from 'node:fs';
import {
  HEADER_BYTES,
  MAGIC,
  MESSAGE_BYTES,
  MESSAGE_CANCEL,
  MESSAGE_MODIFY,
  MESSAGE_NEW,
  VERSION,
} from '../../src/replay/survey/order-file.ts';

type Whole = number | bigint;

/** One message of the survey's order file; sides are 0 buy, 1 sell. */
export type SurveyMessage =
  | { kind: 'new'; id: Whole; side: 0 | 1; qty: number; price: Whole; ioc: boolean }
  | { kind: 'modify'; id: Whole; side: 0 | 1; qty: number; price: Whole }
  | { kind: 'cancel'; id: Whole };

export const buy = (id: Whole, qty: number, price: Whole): SurveyMessage => {
  return { kind: 'new', id, side: 0, qty, price, ioc: false };
};
export const sell = (id: Whole, qty: number, price: Whole): SurveyMessage => {
  return { kind: 'new', id, side: 1, qty, price, ioc: false };
};
export const buyNow = (id: Whole, qty: number, price: Whole): SurveyMessage => {
  return { kind: 'new', id, side: 0, qty, price, ioc: true };
};
export const sellNow = (id: Whole, qty: number, price: Whole): SurveyMessage => {
  return { kind: 'new', id, side: 1, qty, price, ioc: true };
};
export const modify = (id: Whole, side: 0 | 1, qty: number, price: Whole): SurveyMessage => {
  return { kind: 'modify', id, side, qty, price };
};
export const cancel = (id: Whole): SurveyMessage => ({ kind: 'cancel', id });

const TYPES = { new: MESSAGE_NEW, cancel: MESSAGE_CANCEL, modify: MESSAGE_MODIFY } as const;

/** The order file of these messages. */
export function orderFileBytes(messages: readonly SurveyMessage[]): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + messages.length * MESSAGE_BYTES);
  file.write(MAGIC, 'latin1');
  file.writeUInt32LE(VERSION, 8);
  file.writeUInt32LE(messages.length, 12);
  messages.forEach((message, index) => {
    const at = HEADER_BYTES + index * MESSAGE_BYTES;
    file[at] = TYPES[message.kind];
    file.writeBigUInt64LE(BigInt(index), at + 8);
    file.writeBigUInt64LE(BigInt(message.id), at + 16);
    if (message.kind === 'cancel') return;
    file[at + 1] = message.side;
    file.writeUInt32LE(message.qty, at + 4);
    file.writeBigInt64LE(BigInt(message.price), at + 24);
    if (message.kind === 'new' && message.ioc) file[at + 2] = 1;
  });
  return file;
}

export function writeOrderFile(path: string, messages: readonly SurveyMessage[]): string {
  writeFileSync(path, orderFileBytes(messages));
  return path;
}
