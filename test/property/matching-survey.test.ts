import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { ORDER_TYPE_LIMIT, TIF_GTC, TIF_IOC } from '../../src/domain/orders.ts';
import { UNBOUNDED_TERMS } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { recordingPath, skipWithout } from '../support/recordings.ts';

/*
 * A public survey of matching engines gives one order file and the SHA-256 of the reports that a
 * right engine makes of it (arXiv 2606.01183, scenario `normal`, seed 23): about two million
 * messages that somebody else's oracle has judged.
 */
const EXPECTED = 'e9b2e3926854410b01a035aeb25dd05f1e597c233be8263de9eb49b6713d367e';
const FILE = 'survey/normal-seed23.bin.gz';
const HEADER_BYTES = 16;
const MESSAGE_BYTES = 40;
const NEW = 0;
const CANCEL = 1;

it('makes of a public order file the reports that its oracle makes', {
  skip: skipWithout(FILE),
}, () => {
  const file = gunzipSync(readFileSync(recordingPath(FILE)));
  const survey = new Survey();
  const count = file.readUInt32LE(12);
  for (let i = 0; i < count; i += 1) survey.message(file, HEADER_BYTES + i * MESSAGE_BYTES, i);
  assert.equal(survey.digest(), EXPECTED);
});

/** Turns the survey's messages into commands, and the events into its reports. */
class Survey {
  private readonly commands = Ring.create(1 << 16, 1);
  private readonly commandProducer = new RingProducer(this.commands);
  private readonly writer = new CommandWriter(this.commandProducer);
  private readonly commandReader = new RingReader(this.commands, 0);
  private readonly events = Ring.create(1 << 22, 1);
  private readonly producer = new RingProducer(this.events);
  private readonly reader = new RingReader(this.events, 0);
  private readonly machine = new SymbolMachine(
    {
      ...UNBOUNDED_TERMS,
      marketId: 1,
      makerFeePpm: 0,
      takerFeePpm: 0,
      quoteUnitsPerTickLot: 1,
      maxOrders: 1 << 22,
      maxWaiting: 1,
      maxLevels: 1 << 20,
      maxFillsPerCommand: 10_000,
    },
    this.producer,
  );
  private readonly hash = createHash('sha256');
  private pending: string[] = [];
  private first = true;
  private readonly envelope: CommandEnvelope = {
    marketId: 1,
    requestId: 0,
    sessionId: 0,
    portfolioId: 0,
    orderId: 0,
    seconds: 0,
    nanos: 0,
    clientOrderId: '',
  };

  message(file: Buffer, at: number, seq: number): void {
    const type = file[at];
    const side = file[at + 1];
    const qty = file.readUInt32LE(at + 4);
    const orderId = Number(file.readBigUInt64LE(at + 16));
    const price = Number(file.readBigInt64LE(at + 24));
    this.envelope.orderId = orderId;
    if (type === NEW) {
      const tif = file[at + 2] === 1 ? TIF_IOC : TIF_GTC;
      this.report(`0,${seq},${side},${orderId},${price},${qty}`);
      this.writer.place(this.envelope, side, ORDER_TYPE_LIMIT, tif, 0, price, qty);
      this.apply(seq, true);
      return;
    }
    this.writer.cancel(this.envelope);
    const found = this.apply(seq, type === CANCEL);
    if (!found) this.report(`${type === CANCEL ? 4 : 5},${seq},${orderId}`);
    if (!found || type === CANCEL) return;
    // The survey's modification always loses its place: it is a cancellation and a new order.
    this.writer.place(this.envelope, side, ORDER_TYPE_LIMIT, TIF_GTC, 0, price, qty);
    this.apply(seq, true);
    this.report(`3,${seq},${side},${orderId},${price},${qty}`);
  }

  digest(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  /** @returns false when the book refused the command */
  private apply(seq: number, reportCancels: boolean): boolean {
    this.commandProducer.publish();
    this.machine.apply(this.commands, this.commandReader.next());
    this.commandReader.release();
    this.producer.publish();
    const { f64, i32, u8 } = this.events;
    let taken = true;
    for (let at = this.reader.next(); at !== RING_EMPTY; at = this.reader.next()) {
      const f = (offset: number): number => f64[(at + offset) >>> 3];
      const type = frameType(i32[(at >>> 2) + 1]);
      if (type === R.COMMAND_REJECTED) taken = false;
      if (type === R.TRADE_EXECUTED) {
        const [price, qty] = [f(R.TRADE_PRICE_TICKS), f(R.TRADE_QTY_LOTS)];
        const [maker, taker] = [f(R.TRADE_MAKER_ORDER_ID), f(R.TRADE_TAKER_ORDER_ID)];
        this.report(`1,${seq},${price},${qty},${maker},${taker}`);
      }
      if (type === R.ORDER_CANCELLED && reportCancels) {
        const side = u8[at + R.CANCELLED_SIDE];
        this.report(`2,${seq},${side},${f(R.EVENT_ORDER_ID)},${f(R.CANCELLED_PRICE_TICKS)}`);
      }
    }
    this.reader.release();
    return taken;
  }

  private report(line: string): void {
    this.pending.push(line);
    if (this.pending.length === 10_000) this.flush();
  }

  private flush(): void {
    if (this.pending.length === 0) return;
    this.hash.update((this.first ? '' : '\n') + this.pending.join('\n'));
    this.first = false;
    this.pending = [];
  }
}
