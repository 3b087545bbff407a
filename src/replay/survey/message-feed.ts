import { CommandWriter } from '../../codec/commands.ts';
import * as R from '../../codec/records.ts';
import { ORDER_TYPE_LIMIT, SIDE_BUY, SIDE_SELL, TIF_GTC, TIF_IOC } from '../../domain/orders.ts';
import { assert } from '../../lib/assert.ts';
import { worstGroupBytes } from '../../matching/group-writer.ts';
import { UNBOUNDED_TERMS } from '../../matching/machine-config.ts';
import { SymbolMachine } from '../../matching/symbol-machine.ts';
import { Ring, RingProducer, RingReader } from '../../rings/ring.ts';
import * as F from './order-file.ts';

// Constants of the module cost nothing on use, imported ones are loaded and checked.
const { MESSAGE_WORDS, MESSAGE_NEW, MESSAGE_CANCEL } = F;
const { WORD_QTY, WORD_ID_LOW, WORD_ID_HIGH, WORD_PRICE_LOW, WORD_PRICE_HIGH } = F;
const COMMAND_REQUEST_ID = R.COMMAND_REQUEST_ID;
const COMMAND_ORDER_ID = R.COMMAND_ORDER_ID;
const PLACE_PRICE_TICKS = R.PLACE_PRICE_TICKS;
const PLACE_QTY_LOTS = R.PLACE_QTY_LOTS;
const TWO_32 = 2 ** 32;

/** Messages between two publications of the event ring, as in a market worker. */
const BATCH_MESSAGES = 256;
const MARKET_ID = 1;
/** Most orders and levels the core's pools can hold. */
const POOL_LIMIT = (1 << 24) - 1;
const LARGEST_RING_BYTES = 1 << 30;
/** Stays in the processor's cache; larger when one order's fills need it. */
const USUAL_RING_BYTES = 1 << 22;

/** What the command's request id says: 4 × message index + message type. */
export const REQUEST_TYPES = 4;

/** Fills one order of the file may cause: each takes a lot of it, and another order of the file. */
export function mostFills(file: F.OrderFile): number {
  const needed = Math.min(file.largestQty, file.newOrders) + 1;
  const fillBytes = worstGroupBytes(1) - worstGroupBytes(0);
  return Math.min(needed, Math.floor((LARGEST_RING_BYTES / 2 - worstGroupBytes(0)) / fillBytes));
}

/** A ring that takes the largest group of the file at least twice. */
export function createEventRing(file: F.OrderFile): Ring {
  let bytes = USUAL_RING_BYTES;
  while (bytes < 2 * worstGroupBytes(mostFills(file))) bytes *= 2;
  return Ring.create(bytes, 1);
}

/**
 * The matching thread's side: hands the messages of an order file to a new machine, one by one.
 *
 * A message is translated in the loop, as a struct's fields would be: id, price and quantity are
 * written into a prepared command record. A modification is a cancellation and a new order, because
 * in the survey it always loses its place.
 */
export class MessageFeed {
  readonly machine: SymbolMachine;
  private readonly producer: RingProducer;
  private readonly words: Uint32Array;
  private readonly messages: number;
  private readonly priceShift: number;
  private readonly waitForRoom: (bytes: number) => void;
  private readonly commands = Ring.create(1024, 1);
  private readonly cancelAt: number;
  /** Records of good-till-cancelled orders by side, then of immediate-or-cancel ones. */
  private readonly placeAt: Int32Array;

  /**
   * @param waitForRoom called when the ring has no room for so many bytes; returns when it has
   */
  constructor(file: F.OrderFile, producer: RingProducer, waitForRoom: (bytes: number) => void) {
    this.words = file.words;
    this.messages = file.messages;
    this.priceShift = file.priceShift;
    this.producer = producer;
    this.waitForRoom = waitForRoom;
    const most = Math.min(Math.max(file.newOrders, 1), POOL_LIMIT);
    this.machine = new SymbolMachine(
      {
        ...UNBOUNDED_TERMS,
        marketId: MARKET_ID,
        makerFeePpm: 0,
        takerFeePpm: 0,
        quoteUnitsPerTickLot: 1,
        maxOrders: most,
        maxWaiting: 1,
        maxLevels: most,
        maxFillsPerCommand: mostFills(file),
      },
      producer,
    );
    const at = writeTemplates(this.commands);
    this.placeAt = at.subarray(0, 4);
    this.cancelAt = at[4];
  }

  /** Carries out all messages. @param published called after every publication, each 256 messages */
  run(published: () => void): void {
    const { producer, messages } = this;
    for (let done = 0; done < messages; done += BATCH_MESSAGES) {
      this.feed(done, Math.min(messages, done + BATCH_MESSAGES));
      producer.publish();
      published();
    }
  }

  private feed(from: number, to: number): void {
    const { words } = this;
    for (let index = from; index < to; index += 1) {
      const type = words[index * MESSAGE_WORDS] & 0xff;
      if (type === MESSAGE_NEW) this.place(index, type);
      else if (this.cancel(index, type) && type !== MESSAGE_CANCEL) this.place(index, type);
    }
  }

  private place(index: number, type: number): void {
    const { words } = this;
    const { f64 } = this.commands;
    const word = index * MESSAGE_WORDS;
    const ioc = type === MESSAGE_NEW ? (words[word] >>> 16) & 1 : 0;
    const at = this.placeAt[(ioc << 1) | ((words[word] >>> 8) & 1)];
    const qty = words[word + WORD_QTY];
    const price = (words[word + WORD_PRICE_HIGH] | 0) * TWO_32 + words[word + WORD_PRICE_LOW];
    f64[(at + COMMAND_REQUEST_ID) >>> 3] = index * REQUEST_TYPES + type;
    f64[(at + COMMAND_ORDER_ID) >>> 3] =
      words[word + WORD_ID_HIGH] * TWO_32 + words[word + WORD_ID_LOW];
    f64[(at + PLACE_PRICE_TICKS) >>> 3] = price + this.priceShift;
    f64[(at + PLACE_QTY_LOTS) >>> 3] = qty;
    this.secureRoom(Math.min(qty, this.machine.openOrders));
    this.machine.apply(this.commands, at);
  }

  /** @returns true when the order rested */
  private cancel(index: number, type: number): boolean {
    const { words, machine, cancelAt } = this;
    const { f64 } = this.commands;
    const word = index * MESSAGE_WORDS;
    f64[(cancelAt + COMMAND_REQUEST_ID) >>> 3] = index * REQUEST_TYPES + type;
    f64[(cancelAt + COMMAND_ORDER_ID) >>> 3] =
      words[word + WORD_ID_HIGH] * TWO_32 + words[word + WORD_ID_LOW];
    this.secureRoom(0);
    const before = machine.openOrders;
    machine.apply(this.commands, cancelAt);
    return machine.openOrders < before;
  }

  private secureRoom(fills: number): void {
    const bytes = worstGroupBytes(fills);
    if (this.producer.canClaim(bytes)) return;
    this.producer.publish();
    this.waitForRoom(bytes);
  }
}

/** Byte offsets of five records: place buy, sell, buy ioc, sell ioc; cancel. */
function writeTemplates(ring: Ring): Int32Array {
  const producer = new RingProducer(ring);
  const writer = new CommandWriter(producer);
  const envelope = {
    marketId: MARKET_ID,
    requestId: 0,
    sessionId: 0,
    portfolioId: 0,
    orderId: 0,
    seconds: 0,
    nanos: 0,
    clientOrderId: '',
  };
  for (const tif of [TIF_GTC, TIF_IOC]) {
    for (const side of [SIDE_BUY, SIDE_SELL]) {
      assert(writer.place(envelope, side, ORDER_TYPE_LIMIT, tif, 0, 1, 1), 'room for five records');
    }
  }
  assert(writer.cancel(envelope), 'room for five records');
  producer.publish();
  const reader = new RingReader(ring, 0);
  return Int32Array.from({ length: 5 }, () => reader.next());
}
