import * as O from '../../src/domain/orders.ts';

/** A new order: its terms, and how long after the command it expires (`undefined`: never). */
export interface PlaceCommand extends Omit<O.OrderTerms, 'expireSeconds' | 'expireNanos'> {
  readonly kind: 'place';
  readonly orderId: number;
  readonly portfolio: number;
  readonly expireMs: number | undefined;
}

/** A command as an object; `commandOf` makes it from a short line, `textOf` turns it back. */
export type Command =
  | PlaceCommand
  | { readonly kind: 'cancel'; readonly orderId: number; readonly portfolio: number }
  | {
      readonly kind: 'amend';
      readonly orderId: number;
      readonly mode: number;
      readonly qty: number;
      readonly price: number;
      readonly portfolio: number;
    }
  | { readonly kind: 'phase'; readonly to: number }
  | { readonly kind: 'print'; readonly side: number; readonly qty: number; readonly price: number }
  | { readonly kind: 'cancel-all'; readonly portfolio: number }
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'reference'; readonly price: number };

const { expireSeconds: _seconds, expireNanos: _nanos, ...PLAIN } = O.PLAIN_TERMS;
/** A limit order without any special terms. */
export const PLAIN_PLACE: PlaceCommand = {
  ...PLAIN,
  kind: 'place',
  orderId: 0,
  portfolio: 0,
  side: O.SIDE_BUY,
  orderType: O.ORDER_TYPE_LIMIT,
  tif: O.TIF_GTC,
  flags: 0,
  priceTicks: 0,
  qtyLots: 0,
  expireMs: undefined,
};

const TYPE_WORDS = ['limit', 'market', 'stop', 'stop-limit', 'trailing', 'pegged'];
const TIF_WORDS = ['gtc', 'ioc', 'fok', 'gtd', 'day'];
const MODE_WORDS = ['total', 'remaining', 'reduce'];
const PEG_WORDS = ['primary', 'opposite'];
const FLAG_WORDS: readonly (readonly [string, number])[] = [
  ['post', O.ORDER_FLAG_POST_ONLY],
  ['slide', O.ORDER_FLAG_POST_ONLY_SLIDE],
  ['reduce', O.ORDER_FLAG_REDUCE_ONLY],
  ['aon', O.ORDER_FLAG_ALL_OR_NONE],
];
/** Words `name=5` and the term each of them sets. */
const NUMBER_WORDS = [
  ['trigger', 'triggerTicks'],
  ['iceberg', 'displayLots'],
  ['oco', 'ocoOrderId'],
  ['child-of', 'parentOrderId'],
] as const;

/** Instead of a quantity: whatever the order to replace has traded when the command is given. */
export const TRADED_BY_NOW = -1;

/**
 * Reads one line of the case language:
 *
 * ```
 * [TYPE] buy 1 10@100 [TERM]... [pf=7]   order 1 of portfolio 7 (else 0) buys 10 lots at 100 ticks
 *   TYPE   limit (when nothing is said) · market · stop · stop-limit · trailing · pegged;
 *          the price is the limit, of what acts as a market order its protective limit
 *   TERM   ioc · fok · day · day=+5s · gtd=+5s    good for so long from this command on
 *          post · slide · reduce · aon            post-only(-slide), reduce-only, all-or-none
 *          trigger=103 · trail=5 · trail=50bps    of a stop, of a trailing stop
 *          iceberg=3                              shows 3 lots at a time
 *          peg=primary · peg=opposite:2           follows a side's best price, 2 ticks behind
 *          stp=decrement                          or expire_taker, expire_maker, expire_both
 *          oco=2 · child-of=2                     another order's id
 *          replaces=2 · replaces=2:5              which has traded what it has by now, or 5 lots
 * amend 1 total|remaining|reduce 5[@101] [pf=7]   quantity 0 and price 0 mean unchanged
 * cancel 1 [pf=7] · cancel-all [pf=7]
 * phase continuous|halted|pre_open|closed
 * reference 100 · print sell 5@100 · time +5s
 * ```
 *
 * Time stands still but for `time`. What a line causes is written below it, indented, in the language
 * of `lineOf`; a group that the market gave to itself begins with `work KIND [order]`.
 */
export function commandOf(line: string): Command {
  const portfolio = Number(/ pf=(\d+)/.exec(line)?.[1] ?? 0);
  const words = line.split(/\s+/).filter((word) => !word.startsWith('pf='));
  const [verb, first, second, third] = words;
  switch (verb) {
    case 'cancel':
      return { kind: 'cancel', orderId: Number(first), portfolio };
    case 'amend': {
      const [qty, price = 0] = third.split('@').map(Number);
      const mode = indexOf(MODE_WORDS, second, line);
      return { kind: 'amend', orderId: Number(first), mode, qty, price, portfolio };
    }
    case 'phase':
      return { kind: 'phase', to: indexOf(O.PHASE_NAMES, first, line) };
    case 'print': {
      const [qty, price] = second.split('@').map(Number);
      const side = first === 'unknown' ? O.SIDE_UNKNOWN : indexOf(O.SIDE_NAMES, first, line);
      return { kind: 'print', side, qty, price };
    }
    case 'cancel-all':
      return { kind: 'cancel-all', portfolio };
    case 'time':
      return { kind: 'time', ms: msOf(first) };
    case 'reference':
      return { kind: 'reference', price: Number(first) };
    default:
      return placeOf(words, portfolio, line);
  }
}

function placeOf(words: readonly string[], portfolio: number, line: string): PlaceCommand {
  const typed = TYPE_WORDS.includes(words[0]) ? words : ['limit', ...words];
  const [type, sideWord, orderId, amount, ...terms] = typed;
  const [qtyLots, priceTicks] = amount.split('@').map(Number);
  const plain: PlaceCommand = {
    ...PLAIN_PLACE,
    orderId: Number(orderId),
    portfolio,
    side: indexOf(O.SIDE_NAMES, sideWord, line),
    orderType: TYPE_WORDS.indexOf(type),
    priceTicks,
    qtyLots,
  };
  return terms.reduce((made, word) => Object.assign(made, termOf(made, word, line)), plain);
}

/** What one word of an order's terms sets. */
function termOf(made: PlaceCommand, word: string, line: string): Partial<PlaceCommand> {
  const [name, value] = word.split('=');
  const flag = FLAG_WORDS.find(([text]) => text === word);
  if (flag !== undefined) return { flags: made.flags | flag[1] };
  if (TIF_WORDS.includes(name)) {
    return {
      tif: TIF_WORDS.indexOf(name),
      expireMs: value === undefined ? undefined : msOf(value),
    };
  }
  const number = NUMBER_WORDS.find(([text]) => text === name);
  if (number !== undefined) return { [number[1]]: Number(value) };
  if (name === 'stp') return { selfTrade: indexOf(O.SELF_TRADE_NAMES, value, line) };
  if (name === 'trail') {
    const trailUnit = value.endsWith('bps') ? O.TRAIL_BPS : O.TRAIL_TICKS;
    return { trailUnit, trailOffset: Number.parseInt(value, 10) };
  }
  if (name === 'replaces') {
    const [id, traded = TRADED_BY_NOW] = value.split(':');
    return { replacesOrderId: Number(id), replacesTradedLots: Number(traded) };
  }
  if (name === 'peg') {
    const [kind, offset = '0'] = value.split(':');
    return { pegKind: indexOf(PEG_WORDS, kind, line), pegOffsetTicks: Number(offset) };
  }
  throw new Error(`no term ${word}: ${line}`);
}

function indexOf(words: readonly string[], word: string, line: string): number {
  const at = words.indexOf(word);
  if (at < 0) throw new Error(`${word} is none of ${words.join(', ')}: ${line}`);
  return at;
}

function msOf(text: string): number {
  const seconds = /^([+-]\d+(?:\.\d+)?)s$/.exec(text)?.[1];
  if (seconds === undefined) throw new Error(`no time such as +5s: ${text}`);
  return Math.round(Number(seconds) * 1000);
}

const timeText = (ms: number): string => `${ms < 0 ? '-' : '+'}${Math.abs(ms) / 1000}s`;

/** The line that `commandOf` reads as this command: a failing property can be pasted into a table. */
export function textOf(command: Command): string {
  const pf = 'portfolio' in command && command.portfolio !== 0 ? ` pf=${command.portfolio}` : '';
  switch (command.kind) {
    case 'place':
      return placeText(command) + pf;
    case 'cancel':
      return `cancel ${command.orderId}${pf}`;
    case 'amend': {
      const price = command.price === 0 ? '' : `@${command.price}`;
      return `amend ${command.orderId} ${MODE_WORDS[command.mode]} ${command.qty}${price}${pf}`;
    }
    case 'phase':
      return `phase ${O.PHASE_NAMES[command.to]}`;
    case 'print':
      return `print ${O.SIDE_NAMES[command.side] ?? 'unknown'} ${command.qty}@${command.price}`;
    case 'cancel-all':
      return `cancel-all${pf}`;
    case 'time':
      return `time ${timeText(command.ms)}`;
    case 'reference':
      return `reference ${command.price}`;
  }
}

function placeText(order: PlaceCommand): string {
  const { tif, expireMs } = order;
  const type = order.orderType === O.ORDER_TYPE_LIMIT ? [] : [TYPE_WORDS[order.orderType]];
  const words: (string | number)[] = [
    ...type,
    O.SIDE_NAMES[order.side],
    order.orderId,
    `${order.qtyLots}@${order.priceTicks}`,
  ];
  if (tif !== O.TIF_GTC) {
    words.push(TIF_WORDS[tif] + (expireMs === undefined ? '' : `=${timeText(expireMs)}`));
  }
  for (const [word, flag] of FLAG_WORDS) if ((order.flags & flag) !== 0) words.push(word);
  for (const [word, term] of NUMBER_WORDS) {
    if (order[term] !== 0) words.push(`${word}=${order[term]}`);
  }
  if (order.replacesOrderId !== 0) {
    const { replacesTradedLots: traded } = order;
    words.push(`replaces=${order.replacesOrderId}${traded === TRADED_BY_NOW ? '' : `:${traded}`}`);
  }
  if (order.trailOffset !== 0) {
    words.push(`trail=${order.trailOffset}${order.trailUnit === O.TRAIL_BPS ? 'bps' : ''}`);
  }
  if (order.orderType === O.ORDER_TYPE_PEGGED) {
    words.push(`peg=${PEG_WORDS[order.pegKind]}:${order.pegOffsetTicks}`);
  }
  if (order.selfTrade !== 0) words.push(`stp=${O.SELF_TRADE_NAMES[order.selfTrade]}`);
  return words.join(' ');
}
