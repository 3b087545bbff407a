import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';

/**
 * The order file of the public survey of matching engines (arXiv 2606.01183), little-endian:
 *
 * ```
 *  header    0 magic `100_WBEM`   8 u32 version 1   12 u32 number of messages
 *  message   0 u8 type  1 u8 side  2 u8 ioc  3 reserved  4 u32 quantity  8 u64 sequence number
 *           16 u64 order id  24 i64 price in ticks  32 reserved                     (40 bytes)
 * ```
 */
export const HEADER_BYTES = 16;
export const MESSAGE_BYTES = 40;
export const MAGIC = '100_WBEM';
export const VERSION = 1;

export const MESSAGE_NEW = 0;
export const MESSAGE_CANCEL = 1;
export const MESSAGE_MODIFY = 2;

/** A message seen as 4-byte words. The first one holds type, side and ioc. */
export const MESSAGE_WORDS = MESSAGE_BYTES / 4;
export const WORD_QTY = 1;
export const WORD_ID_LOW = 4;
export const WORD_ID_HIGH = 5;
export const WORD_PRICE_LOW = 6;
export const WORD_PRICE_HIGH = 7;

/** A file is held in memory: 2 GB. */
const MOST_MESSAGES = 50_000_000;
const GZIP_MAGIC = 0x8b1f;
const TWO_32 = 2 ** 32;

/** A checked order file, ready for the core. */
export interface OrderFile {
  /** Its messages, `MESSAGE_WORDS` each, without the header. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly messages: number;
  readonly newOrders: number;
  readonly cancels: number;
  readonly modifies: number;
  /** The largest quantity of an order: no order can fill more others than it has lots. */
  readonly largestQty: number;
  /** Added to every price, because the core's start at 1; 0 unless some are not positive. */
  readonly priceShift: number;
  /**
   * `null` when the core takes the file's order ids as they are. It could not tell ids beyond 2^53
   * apart, and its index looks at their lower 32 bits only, as a venue's ids rise one by one: a file
   * with longer ids is renumbered in `words`, and number n is the id at index n - 1 here.
   */
  readonly orderIds: readonly string[] | null;
}

/**
 * Reads an order file, plain or gzip (told by its first bytes).
 * @throws a sentence that names the place when it is not whole or not of this format
 */
export async function readOrderFile(path: string): Promise<OrderFile> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const source = await openPlain(path);
  try {
    for await (const chunk of source) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > HEADER_BYTES + MOST_MESSAGES * MESSAGE_BYTES) {
        throw new Error(`${path} has more than ${MOST_MESSAGES} messages`);
      }
    }
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('Z_') !== true) throw error;
    throw new Error(
      `${path} is a damaged gzip file (${(error as Error).message}): it unpacks to ${place(bytes)}`,
    );
  }
  return parseOrderFile(Buffer.concat(chunks, bytes), path);
}

async function openPlain(path: string): Promise<NodeJS.ReadableStream> {
  const head = Buffer.alloc(2);
  const file = await open(path, 'r');
  try {
    await file.read(head, 0, 2, 0);
  } finally {
    await file.close();
  }
  const raw = createReadStream(path, { highWaterMark: 1 << 20 });
  if (head.readUInt16LE(0) !== GZIP_MAGIC) return raw;
  const plain = createGunzip({ chunkSize: 1 << 20 });
  raw.on('error', (error) => plain.destroy(error));
  return raw.pipe(plain);
}

/** How far so many bytes of a file reach, in words. */
function place(bytes: number): string {
  if (bytes < HEADER_BYTES) return `${bytes} bytes, less than the header of ${HEADER_BYTES}`;
  const whole = Math.floor((bytes - HEADER_BYTES) / MESSAGE_BYTES);
  return `${whole} whole messages and ends at byte ${bytes}`;
}

/**
 * Checks a whole unpacked file.
 * @param name the file's name for the errors
 */
export function parseOrderFile(file: Buffer, name: string): OrderFile {
  const messages = checkHeader(file, name);
  const words = new Uint32Array(messages * MESSAGE_WORDS);
  new Uint8Array(words.buffer).set(file.subarray(HEADER_BYTES));
  const scan = new Scan(name, words);
  for (let index = 0; index < messages; index += 1) scan.message(index);
  return scan.result(messages);
}

function checkHeader(file: Buffer, name: string): number {
  if (file.length < HEADER_BYTES) throw new Error(`${name} has ${place(file.length)}`);
  if (file.toString('latin1', 0, 8) !== MAGIC) {
    throw new Error(`${name} is no order file of the survey: it does not begin with ${MAGIC}`);
  }
  const version = file.readUInt32LE(8);
  if (version !== VERSION) throw new Error(`${name} has version ${version}, not ${VERSION}`);
  const messages = file.readUInt32LE(12);
  const wanted = HEADER_BYTES + messages * MESSAGE_BYTES;
  if (file.length < wanted) {
    throw new Error(
      `${name} is cut short: its header says ${messages} messages, it has ${place(file.length)}`,
    );
  }
  if (file.length > wanted) {
    throw new Error(
      `${name} goes on after the ${messages} messages its header says: ` +
        `${file.length - wanted} bytes from byte ${wanted} on`,
    );
  }
  return messages;
}

/** Goes through the messages once before the clock starts. */
class Scan {
  private readonly name: string;
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly counts = [0, 0, 0];
  private largestQty = 0;
  private lowestPrice = 1;
  private highestPrice = 1;
  private wideIds = false;

  constructor(name: string, words: Uint32Array<ArrayBuffer>) {
    this.name = name;
    this.words = words;
  }

  message(index: number): void {
    const { words } = this;
    const at = index * MESSAGE_WORDS;
    const type = words[at] & 0xff;
    if (type > MESSAGE_MODIFY) throw this.refusal(index, `the type ${type}, which there is not`);
    this.counts[type] += 1;
    if (words[at + WORD_ID_HIGH] !== 0) this.wideIds = true;
    if (type === MESSAGE_CANCEL) return;
    const side = (words[at] >>> 8) & 0xff;
    if (side > 1) throw this.refusal(index, `the side ${side}; 0 is buy, 1 is sell`);
    const ioc = (words[at] >>> 16) & 0xff;
    if (type === MESSAGE_NEW && ioc > 1)
      throw this.refusal(index, `the ioc byte ${ioc}, not 0 or 1`);
    const qty = words[at + WORD_QTY];
    if (qty === 0) throw this.refusal(index, 'the quantity 0');
    this.largestQty = Math.max(this.largestQty, qty);
    const high = words[at + WORD_PRICE_HIGH] | 0;
    const price = high * TWO_32 + words[at + WORD_PRICE_LOW];
    if (!Number.isSafeInteger(price)) throw this.priceRefusal(index);
    this.lowestPrice = Math.min(this.lowestPrice, price);
    this.highestPrice = Math.max(this.highestPrice, price);
    if (this.highestPrice + this.priceShift() > Number.MAX_SAFE_INTEGER) {
      throw this.refusal(index, `the price ${price}: the file's prices span more than 2^53 ticks`);
    }
  }

  result(messages: number): OrderFile {
    const [newOrders, cancels, modifies] = this.counts;
    return {
      words: this.words,
      messages,
      newOrders,
      cancels,
      modifies,
      largestQty: this.largestQty,
      priceShift: this.priceShift(),
      orderIds: this.wideIds ? renumber(this.words) : null,
    };
  }

  private priceShift(): number {
    return this.lowestPrice > 0 ? 0 : 1 - this.lowestPrice;
  }

  private priceRefusal(index: number): Error {
    const at = HEADER_BYTES + index * MESSAGE_BYTES + WORD_PRICE_LOW * 4;
    const price = new BigInt64Array(this.words.buffer, at - HEADER_BYTES, 1)[0];
    return this.refusal(index, `the price ${price}; prices are exact here below 2^53 ticks only`);
  }

  private refusal(index: number, what: string): Error {
    const byte = HEADER_BYTES + index * MESSAGE_BYTES;
    return new Error(`${this.name}: message ${index} (from byte ${byte} on) has ${what}`);
  }
}

/** Gives every order id a number from 1 on, in order of appearance, and returns the ids. */
function renumber(words: Uint32Array<ArrayBuffer>): string[] {
  const ids = new BigUint64Array(words.buffer);
  const numbers = new Map<bigint, number>();
  const names: string[] = [];
  for (let at = WORD_ID_LOW / 2; at < ids.length; at += MESSAGE_WORDS / 2) {
    let number = numbers.get(ids[at]);
    if (number === undefined) {
      names.push(ids[at].toString());
      number = names.length;
      numbers.set(ids[at], number);
    }
    ids[at] = BigInt(number);
  }
  return names;
}
