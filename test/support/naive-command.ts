import {
  AMEND_REDUCE_BY,
  AMEND_REMAINING,
  AMEND_TOTAL,
  ORDER_FLAG_POST_ONLY,
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_MARKET,
  PHASE_CONTINUOUS,
  PHASE_HALTED,
  SIDE_BUY,
  SIDE_SELL,
  TIF_FOK,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';

/** A command as an object; `commandOf` makes it from a short line, `textOf` turns it back. */
export type Command =
  | {
      kind: 'place';
      orderId: number;
      side: number;
      qty: number;
      price: number;
      orderType: number;
      tif: number;
      flags: number;
      portfolio: number;
    }
  | { kind: 'cancel'; orderId: number; portfolio: number }
  | {
      kind: 'amend';
      orderId: number;
      mode: number;
      qty: number;
      price: number;
      portfolio: number;
    }
  | { kind: 'phase'; to: number }
  | { kind: 'print'; side: number; qty: number; price: number }
  | { kind: 'cancel-all'; portfolio: number };

const SIDES = new Map([
  ['buy', SIDE_BUY],
  ['sell', SIDE_SELL],
]);
const MODES = new Map([
  ['total', AMEND_TOTAL],
  ['remaining', AMEND_REMAINING],
  ['reduce', AMEND_REDUCE_BY],
]);

/**
 * Reads one line:
 *
 * ```
 * buy 1 10@100 [ioc|fok|post|market]... [pf=7]    order 1 buys 10 lots at 100 ticks
 * cancel 1 [pf=7]
 * amend 1 total|remaining|reduce 5[@101] [pf=7]   quantity 0 and price 0 mean unchanged
 * halt · resume · print sell 5@100 · cancel-all [pf=7]
 * ```
 */
export function commandOf(line: string): Command {
  const words = line.split(/\s+/).filter((word) => !word.startsWith('pf='));
  const portfolio = Number(/pf=(\d+)/.exec(line)?.[1] ?? 0);
  const [verb, first, second, third] = words;
  switch (verb) {
    case 'buy':
    case 'sell': {
      const [qty, price] = second.split('@').map(Number);
      const terms = new Set(words.slice(3));
      return {
        kind: 'place',
        orderId: Number(first),
        side: SIDES.get(verb) as number,
        qty,
        price,
        orderType: terms.has('market') ? ORDER_TYPE_MARKET : ORDER_TYPE_LIMIT,
        tif: terms.has('ioc') ? TIF_IOC : terms.has('fok') ? TIF_FOK : TIF_GTC,
        flags: terms.has('post') ? ORDER_FLAG_POST_ONLY : 0,
        portfolio,
      };
    }
    case 'cancel':
      return { kind: 'cancel', orderId: Number(first), portfolio };
    case 'amend': {
      const [qty, price = 0] = third.split('@').map(Number);
      const mode = MODES.get(second);
      if (mode === undefined) throw new Error(`no amend mode: ${line}`);
      return { kind: 'amend', orderId: Number(first), mode, qty, price, portfolio };
    }
    case 'halt':
      return { kind: 'phase', to: PHASE_HALTED };
    case 'resume':
      return { kind: 'phase', to: PHASE_CONTINUOUS };
    case 'print': {
      const [qty, price] = second.split('@').map(Number);
      return { kind: 'print', side: SIDES.get(first) ?? 255, qty, price };
    }
    case 'cancel-all':
      return { kind: 'cancel-all', portfolio };
    default:
      throw new Error(`no command: ${line}`);
  }
}

/** The line that `commandOf` reads as this command: so a failing property can be pasted into a test. */
export function textOf(command: Command): string {
  const pf = 'portfolio' in command && command.portfolio !== 0 ? ` pf=${command.portfolio}` : '';
  switch (command.kind) {
    case 'place': {
      const { side, orderId, qty, price, orderType, tif, flags } = command;
      const terms =
        (orderType === ORDER_TYPE_MARKET ? ' market' : '') +
        (['', ' ioc', ' fok'][tif] ?? '') +
        (flags === ORDER_FLAG_POST_ONLY ? ' post' : '');
      return `${side === SIDE_BUY ? 'buy' : 'sell'} ${orderId} ${qty}@${price}${terms}${pf}`;
    }
    case 'cancel':
      return `cancel ${command.orderId}${pf}`;
    case 'amend': {
      const mode = ['total', 'remaining', 'reduce'][command.mode];
      return `amend ${command.orderId} ${mode} ${command.qty}@${command.price}${pf}`;
    }
    case 'phase':
      return command.to === PHASE_HALTED ? 'halt' : 'resume';
    case 'print':
      return `print ${['buy', 'sell'][command.side] ?? 'unknown'} ${command.qty}@${command.price}`;
    case 'cancel-all':
      return `cancel-all${pf}`;
  }
}
