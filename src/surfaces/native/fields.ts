import { lotsOf, ticksOf } from '../../codec/decimals.ts';
import type { Market } from '../../domain/markets.ts';
import { PRICE_OFF_TICK, QUANTITY_OFF_LOT } from '../../domain/result-codes.ts';
import { type Refusal, valueText } from '../../gateway/http/refusal.ts';
import { refusalOfResult } from '../../gateway/http/result-refusal.ts';
import { Steps } from './binary-values.ts';
import { type RequestId, StreamRequestError } from './requests.ts';

/** Ids are whole numbers that a JavaScript number holds exactly, as text or as a JSON number. */
const ID = /^[1-9]\d{0,14}$/;
const CLIENT_ORDER_ID = /^[ -~]{1,36}$/;
/** Decimal text is plain, and no longer than any price or quantity can be. */
const DECIMAL_TEXT = /^-?\d{1,24}(?:\.\d{1,24})?$/;

/** A request's fields, with the id its refusals carry. */
export class Fields {
  readonly id: RequestId;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(id: RequestId, body: Readonly<Record<string, unknown>>) {
    this.id = id;
    this.body = body;
  }

  has(name: string): boolean {
    return this.body[name] !== undefined && this.body[name] !== null;
  }

  invalid(parameter: string, message: string): StreamRequestError {
    const value = valueText(this.body[parameter]);
    return new StreamRequestError(this.id, 'INVALID_REQUEST', message, { parameter, value });
  }

  /** Throws when the field is there. */
  absent(name: string, message: string): void {
    if (this.has(name)) throw this.invalid(name, message);
  }

  /** Index of the field's value among the names. */
  oneOf(name: string, names: readonly string[]): number {
    const found = (names as readonly unknown[]).indexOf(this.body[name]);
    if (found >= 0) return found;
    throw this.invalid(name, `"${name}" is one of ${names.join(', ')}`);
  }

  flag(name: string): boolean {
    const value = this.body[name];
    if (value === undefined || value === false) return false;
    if (value === true) return true;
    throw this.invalid(name, `"${name}" is true or false`);
  }

  /** An id of ours. */
  orderId(name = 'order_id'): number {
    return parseId(this.id, name, this.body[name]);
  }

  optionalId(name: string): number | undefined {
    return this.has(name) ? this.orderId(name) : undefined;
  }

  clientOrderId(): string {
    const value = this.body.client_order_id;
    if (value === undefined || value === null) return '';
    if (typeof value === 'string' && CLIENT_ORDER_ID.test(value)) return value;
    throw this.invalid(
      'client_order_id',
      '"client_order_id" is 1 to 36 printable ASCII characters',
    );
  }

  /** A price, or a difference of prices, in ticks. */
  ticks(name: string, market: Market): number {
    const found = counted(this.body[name], market.tickUnits) ?? ticksOf(market, this.decimal(name));
    if (found === undefined) throw this.off(name, PRICE_OFF_TICK);
    return found;
  }

  /** A quantity in lots. */
  lots(name: string, market: Market): number {
    const found = counted(this.body[name], market.lotUnits) ?? lotsOf(market, this.decimal(name));
    if (found === undefined) throw this.off(name, QUANTITY_OFF_LOT);
    return found;
  }

  /** A whole number within bounds, as a JSON number or as text. */
  whole(name: string, least: number, most: number): number {
    const given = this.body[name];
    const value = given instanceof Steps ? given.count : given;
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number)) {
      if (number >= least && number <= most) return number;
    }
    throw this.invalid(name, `"${name}" is a whole number from ${least} to ${most}`);
  }

  /** A JSON number's shortest text is what the client wrote. */
  private decimal(name: string): string {
    const value = this.body[name];
    // Steps that are none of the market's: as decimals they are none either.
    if (value instanceof Steps) return '0';
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string' && DECIMAL_TEXT.test(value)) return value;
    throw this.invalid(name, `"${name}" is a decimal number as text, like "150.50"`);
  }

  /** The refusal for a price or quantity between the steps, which names the field it stood in. */
  private off(name: string, code: number): StreamRequestError {
    const refusal = ofResult(this.id, code, {});
    const step = code === PRICE_OFF_TICK ? 'tick' : 'lot';
    const message = `${name} must be a positive multiple of the market's ${step}`;
    const value = valueText(this.body[name]);
    const details = { parameter: name, value, reason: refusal.code };
    return new StreamRequestError(this.id, refusal.code, message, details);
  }
}

/** Reads an id of ours. */
export function parseId(id: RequestId, parameter: string, value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && ID.test(text)) return Number(text);
  const details = { parameter, value: valueText(value) };
  const message = `"${parameter}" is the id it was answered with, as text`;
  throw new StreamRequestError(id, 'INVALID_REQUEST', message, details);
}

/** The refusal for a result code, in this stream's form. */
export function ofResult(
  id: RequestId,
  code: number,
  given: Parameters<typeof refusalOfResult>[1],
): StreamRequestError {
  return ofRefusal(id, refusalOfResult(code, given));
}

/** A refusal of the gateway's, in this stream's form. */
export function ofRefusal(id: RequestId, refusal: Refusal): StreamRequestError {
  const { code, message, details, retryAfterSeconds } = refusal;
  return new StreamRequestError(
    id,
    code,
    message,
    retryAfterSeconds === undefined
      ? details
      : { ...details, retry_after_seconds: retryAfterSeconds },
  );
}

/** Steps that a binary request gives as such; `undefined` when they are not, or cannot be. */
function counted(value: unknown, stepUnits: number): number | undefined {
  if (!(value instanceof Steps)) return undefined;
  return value.count > 0 && Number.isSafeInteger(value.count * stepUnits) ? value.count : undefined;
}
