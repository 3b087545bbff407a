import { ByteBuffer } from 'flatbuffers';
import { Balances } from '../../codec/generated/openbell/stream/balances.ts';
import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Candles } from '../../codec/generated/openbell/stream/candles.ts';
import { Fills } from '../../codec/generated/openbell/stream/fills.ts';
import { Message } from '../../codec/generated/openbell/stream/message.ts';
import { Orders } from '../../codec/generated/openbell/stream/orders.ts';
import { Positions } from '../../codec/generated/openbell/stream/positions.ts';

/** Which stream a message of ours belongs to, and where in it. */
export interface StreamPlace {
  /** The channel's name, or the type of the body in the binary form. */
  readonly channel: string | number;
  /** The market's name or id, or the portfolio's id: as the codec has it. */
  readonly of: string | number;
  /** The interval of candles: its name or its number; else `''`. */
  readonly variant: string | number;
  readonly prevSeq: number;
}

const HEAD_BYTES = 400;
const HEAD =
  /^\{"channel":"(\w+)","type":"\w+","(?:market|portfolio_id)":"([^"]+)"(?:,"interval":"(\w+)")?,"epoch":\d+,"seq":\d+,"prev_seq":(\d+)/;

/** Reads where a message of ours was to go; `undefined` for what belongs to no stream. */
export function placeOf(message: Uint8Array, isBinary: boolean): StreamPlace | undefined {
  if (isBinary) return binaryPlace(message);
  const head = Buffer.from(message.subarray(0, HEAD_BYTES)).toString('latin1');
  const match = HEAD.exec(head);
  if (match === null) return undefined;
  const [, channel, of, variant = '', prevSeq] = match;
  return { channel, of, variant, prevSeq: Number(prevSeq) };
}

function binaryPlace(bytes: Uint8Array): StreamPlace | undefined {
  const buffer = new ByteBuffer(bytes);
  if (!Message.bufferHasIdentifier(buffer)) return undefined;
  const message = Message.getRootAsMessage(buffer);
  const channel = message.bodyType();
  const prevSeq = Number(message.prevSeq());
  const portfolioId = portfolioOf(message);
  if (portfolioId !== undefined) return { channel, of: portfolioId, variant: '', prevSeq };
  const variant = channel === Body.Candles ? message.body(new Candles())!.interval() : '';
  return { channel, of: message.marketId(), variant, prevSeq };
}

function portfolioOf(message: Message): number | undefined {
  switch (message.bodyType()) {
    case Body.Orders:
      return Number(message.body(new Orders())!.portfolioId());
    case Body.Fills:
      return Number(message.body(new Fills())!.portfolioId());
    case Body.Balances:
      return Number(message.body(new Balances())!.portfolioId());
    case Body.Positions:
      return Number(message.body(new Positions())!.portfolioId());
    default:
      return undefined;
  }
}
