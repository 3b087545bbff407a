import { FlatBufferReader, MalformedBuffer } from '../../codec/flatbuffer-reader.ts';
import { Command } from '../../codec/generated/openbell/request/command.ts';
import {
  ORDER_TYPE_NAMES,
  PEG_NAMES,
  SELF_TRADE_NAMES,
  SIDE_NAMES,
  TIF_NAMES,
  TRAIL_UNIT_NAMES,
} from '../../domain/orders.ts';
import { BinaryRequestId, MarketNumber, Steps, TimePoint } from './binary-values.ts';
import { checkFields, type Envelope, StreamRequestError } from './requests.ts';

/** `schemas/binary/openbell-requests.fbs`. */
const IDENTIFIER = 'OBQ1';
const REQUEST_ID = 0;
const REQUEST_COMMAND_TYPE = 1;
const REQUEST_COMMAND = 2;
/** More than any text may have; what is longer is cut, and refused as too long. */
const TEXT_BYTES = 128;
/** One more than an order may have. */
const CHILDREN_READ = 5;
/** A child's partner is the deepest order that there is. */
const DEEPEST = 2;
const POST_ONLY_VALUES = [false, true, 'slide'] as const;
const BILLION = 1_000_000_000n;

type Body = Record<string, unknown>;

/** Reads one field's value. @param depth of the order it belongs to, 0 for the one asked for */
type Read = (reader: FlatBufferReader, at: number, depth: number) => unknown;
/** In place of a value: a table whose fields belong to those around it. */
const JOINED = undefined;

interface FieldSpec {
  readonly id: number;
  /** The field's name in JSON. */
  readonly name: string;
  /** Inside the table. */
  readonly bytes: number;
  readonly read: Read | typeof JOINED;
}

/** Fields of a table by their ids; no more of it is read. */
const fieldsOf = (...specs: readonly [string, number, FieldSpec['read']][]): readonly FieldSpec[] =>
  specs.map(([name, bytes, read], id) => ({ id, name, bytes, read }));

const id64: Read = (reader, at) => reader.integer(at);
const steps: Read = (reader, at) => new Steps(reader.integer(at));
const text: Read = (reader, at) => reader.text(at, TEXT_BYTES);
const flag: Read = (reader, at) => reader.u8(at) !== 0;
const market: Read = (reader, at) => new MarketNumber(reader.u16(at));
/** A value that has no name stays a number, which the field's own check refuses. */
const named =
  (names: readonly unknown[]): Read =>
  (reader, at) => {
    const value = reader.u8(at);
    return value < names.length ? names[value] : value;
  };
const time: Read = (reader, at) => {
  const nanos = reader.time(at);
  return new TimePoint(Number(nanos / BILLION), Number(nanos % BILLION));
};
/** Deeper than an order may stand there is no reading on: that it is there is refused by itself. */
const partner: Read = (reader, at, depth) =>
  depth < DEEPEST ? readTerms(reader, reader.table(at), depth + 1) : null;
const children: Read = (reader, at, depth) => {
  if (depth >= DEEPEST) return null;
  const count = Math.min(reader.tables(at), CHILDREN_READ);
  return Array.from({ length: count }, (_, i) =>
    readTerms(reader, reader.tableOf(at, i), depth + 1),
  );
};

const TERMS = fieldsOf(
  ['side', 1, named(SIDE_NAMES)],
  ['type', 1, named(ORDER_TYPE_NAMES)],
  ['quantity', 8, steps],
  ['price', 8, steps],
  ['time_in_force', 1, named(TIF_NAMES)],
  ['expire_at', 8, time],
  ['post_only', 1, named(POST_ONLY_VALUES)],
  ['reduce_only', 1, flag],
  ['all_or_none', 1, flag],
  ['self_trade_prevention', 1, named(SELF_TRADE_NAMES)],
  ['stop_price', 8, steps],
  ['trail_offset', 8, steps],
  ['trail_unit', 1, named(TRAIL_UNIT_NAMES)],
  ['display_quantity', 8, steps],
  ['peg', 1, named(PEG_NAMES)],
  ['peg_offset', 8, steps],
  ['client_order_id', 4, text],
  ['oco', 4, partner],
  ['children', 4, children],
);
const REPLACE = 'order.replace';

/** Operation and fields by the command's type. */
const COMMANDS: ReadonlyMap<
  number,
  { readonly op: string; readonly fields: readonly FieldSpec[] }
> = new Map([
  [
    Command.PlaceOrder,
    {
      op: 'order.place',
      fields: fieldsOf(
        ['market', 2, market],
        ['terms', 4, JOINED],
        ['portfolio_id', 8, id64],
        ['oco_order_id', 8, id64],
        ['parent_order_id', 8, id64],
      ),
    },
  ],
  [Command.CancelOrder, { op: 'order.cancel', fields: fieldsOf(['order_id', 8, id64]) }],
  [
    Command.AmendOrder,
    {
      op: 'order.amend',
      fields: fieldsOf(
        ['order_id', 8, id64],
        ['price', 8, steps],
        ['quantity', 8, steps],
        ['remaining_quantity', 8, steps],
        ['reduce_by', 8, steps],
      ),
    },
  ],
  [
    Command.ReplaceOrder,
    { op: REPLACE, fields: fieldsOf(['order_id', 8, id64], ['terms', 4, JOINED]) },
  ],
  [
    Command.OrderStatus,
    {
      op: 'order.status',
      fields: fieldsOf(
        ['order_id', 8, id64],
        ['client_order_id', 4, text],
        ['portfolio_id', 8, id64],
      ),
    },
  ],
  [
    Command.CancelAll,
    { op: 'order.cancel_all', fields: fieldsOf(['market', 2, market], ['portfolio_id', 8, id64]) },
  ],
]);

/**
 * Reads a binary request into the same form as its JSON twin; everything behind this is one way for
 * both. Throws a `StreamRequestError` with the request's id as far as that could be read.
 */
export function readBinaryRequest(bytes: Uint8Array): Envelope {
  let id = new BinaryRequestId(0);
  try {
    const reader = new FlatBufferReader(bytes);
    const root = reader.root(IDENTIFIER);
    id = readId(reader, root);
    const type = reader.field(root, REQUEST_COMMAND_TYPE, 1);
    const at = reader.field(root, REQUEST_COMMAND, 4);
    const command = type === 0 ? undefined : COMMANDS.get(reader.u8(type));
    if (command === undefined || at === 0) {
      throw new StreamRequestError(id, 'UNKNOWN_OP', 'the request has no command known here');
    }
    const { op, fields } = command;
    const body: Body = {};
    readFields(reader, reader.table(at), fields, 0, body);
    // An order that takes another's place has not all terms; the other tables have no more than JSON.
    if (op === REPLACE) checkFields(op, id, body);
    return { op, id, body };
  } catch (error) {
    if (!(error instanceof MalformedBuffer)) throw error;
    const message = `the frame is no FlatBuffer of a request: ${error.message}`;
    throw new StreamRequestError(id, 'INVALID_FLATBUFFER', message);
  }
}

/** The id that a refusal of an unread request carries. */
export function binaryRequestId(bytes: Uint8Array): BinaryRequestId {
  try {
    const reader = new FlatBufferReader(bytes);
    return readId(reader, reader.root(IDENTIFIER));
  } catch (error) {
    if (!(error instanceof MalformedBuffer)) throw error;
    return new BinaryRequestId(0);
  }
}

function readId(reader: FlatBufferReader, root: number): BinaryRequestId {
  const at = reader.field(root, REQUEST_ID, 8);
  const value = at === 0 ? 0 : reader.integer(at);
  if (!Number.isNaN(value)) return new BinaryRequestId(value);
  const message = 'the "id" of a request is an integer that a double holds';
  throw new StreamRequestError(new BinaryRequestId(0), 'INVALID_REQUEST', message);
}

function readTerms(reader: FlatBufferReader, table: number, depth: number): Body {
  const body: Body = {};
  readFields(reader, table, TERMS, depth, body);
  return body;
}

function readFields(
  reader: FlatBufferReader,
  table: number,
  fields: readonly FieldSpec[],
  depth: number,
  body: Body,
): void {
  const count = Math.min(fields.length, reader.fieldCount(table));
  for (let i = 0; i < count; i += 1) {
    const { id, name, bytes, read } = fields[i];
    const at = reader.field(table, id, bytes);
    if (at === 0) continue;
    if (read === JOINED) readFields(reader, reader.table(at), TERMS, depth, body);
    else body[name] = read(reader, at, depth);
  }
}
