/**
 * Ids on this surface are UUIDs, as documented; what other surfaces know by number is in them, so one
 * can be told from the other. They are of version 8 (RFC 9562), whose content is the issuer's affair:
 *
 * ```
 *   706f7274-0000-8000-8000-00000000002a
 *   kind     part           the number, 60 bits
 * ```
 *
 * `kind` is four letters, `part` tells apart what has the same number: a market's position in a
 * portfolio. A number that stands alone is understood as an id, too.
 */
const KINDS = {
  portfolio: '706f7274',
  order: '6f726472',
  /** What a portfolio's orders in a market add up to: part is the market. */
  traded: '7472646e',
  /** What was transferred in: part is the market it is valued by. */
  transferred: '78666572',
  holding: '686f6c64',
  alert: '616c7274',
  transfer: '74726673',
  webhook: '686f6f6b',
} as const;
type Kind = keyof typeof KINDS;

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-8000-8([0-9a-f]{3})-([0-9a-f]{12})$/;
const DIGITS = /^[1-9]\d{0,15}$/;

/** @param part 16 bits */
function uuid(kind: Kind, id: number, part = 0): string {
  const digits = id.toString(16).padStart(15, '0');
  const middle = part.toString(16).padStart(4, '0');
  return `${KINDS[kind]}-${middle}-8000-8${digits.slice(0, 3)}-${digits.slice(3)}`;
}

interface Read {
  readonly kind: Kind;
  readonly id: number;
  readonly part: number;
}

function read(text: string): Read | undefined {
  const [, head, part, high, low] = UUID.exec(text.toLowerCase()) ?? [];
  const kind = (Object.keys(KINDS) as Kind[]).find((name) => KINDS[name] === head);
  const id = Number.parseInt(`${high}${low}`, 16);
  if (kind === undefined || !Number.isSafeInteger(id)) return undefined;
  return { kind, id, part: Number.parseInt(part, 16) };
}

function idOf(kind: Kind, text: string): number | undefined {
  if (DIGITS.test(text)) return Number(text);
  const found = read(text);
  return found?.kind === kind ? found.id : undefined;
}

export function portfolioUuid(portfolioId: number): string {
  return uuid('portfolio', portfolioId);
}

/** The portfolio that a UUID or a number names; `undefined` where it names none. */
export function portfolioIdOf(text: string): number | undefined {
  return idOf('portfolio', text);
}

export function orderUuid(orderId: number): string {
  return uuid('order', orderId);
}

export function orderIdOf(text: string): number | undefined {
  return idOf('order', text);
}

export function alertUuid(alertId: number): string {
  return uuid('alert', alertId);
}

export function alertIdOf(text: string): number | undefined {
  return idOf('alert', text);
}

export function webhookUuid(webhookId: number): string {
  return uuid('webhook', webhookId);
}

export function webhookIdOf(text: string): number | undefined {
  return idOf('webhook', text);
}

/** @param n the transfer's number within its portfolio */
export function transferUuid(portfolioId: number, n: number): string {
  return uuid('transfer', portfolioId * 2 ** 20 + n);
}

export function holdingUuid(holdingId: number): string {
  return uuid('holding', holdingId);
}

/** @param kind what the portfolio's orders add up to, or what was transferred */
export function positionUuid(
  kind: 'traded' | 'transferred',
  portfolioId: number,
  marketId: number,
): string {
  return uuid(kind, portfolioId, marketId);
}

/** A position's id: a recorded holding, or a portfolio's line in a market. */
export type PositionRef =
  | { readonly kind: 'holding'; readonly holdingId: number }
  | {
      readonly kind: 'traded' | 'transferred';
      readonly portfolioId: number;
      readonly marketId: number;
    };

export function positionOf(text: string): PositionRef | undefined {
  const found = read(text);
  if (found?.kind === 'holding') return { kind: 'holding', holdingId: found.id };
  if (found?.kind !== 'traded' && found?.kind !== 'transferred') return undefined;
  return { kind: found.kind, portfolioId: found.id, marketId: found.part };
}
