import fc from 'fast-check';
import * as O from '../../src/domain/orders.ts';
import type { MachineConfig } from '../../src/matching/machine-config.ts';
import { type Command, PLAIN_PLACE, type PlaceCommand, TRADED_BY_NOW } from './naive-command.ts';

/** A market in which random commands are given, and what they are made of. */
export interface Scene {
  readonly name: string;
  readonly config: Partial<MachineConfig>;
  readonly prices: fc.Arbitrary<number>;
  readonly qtys: fc.Arbitrary<number>;
  /** What icebergs show, where it is not any of the quantities. */
  readonly displays?: fc.Arbitrary<number>;
  /** Limit orders without terms, and little else: what the engine takes its shortest ways with. */
  readonly plain?: boolean;
  /** Every new order is dearer than the one before by so much, then cheaper, and so on. */
  readonly driftTicks?: number;
  /**
   * Of ten orders so many have a partner or a parent: the first of every four of a portfolio is the
   * others' parent, the third and the fourth have the one before them as partner.
   */
  readonly links?: number;
  readonly flags?: readonly number[];
  /** How often the market goes back before its opening, for 20 times that it opens. */
  readonly preOpens?: number;
  /** How many order ids there are, and the id of the n-th. */
  readonly ids: number;
  readonly idOf?: (n: number) => number;
}

/** Places where the ladder's window ends, moves or is left far behind. */
const FAR = [1, 2, 8_000, 16_384, 24_576, 32_767, 57_344, 100_000, 2 ** 31, 2 ** 40, 2 ** 52];

const integers = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const NEAR_AND_FAR = fc
  .tuple(fc.constantFrom(...FAR), integers(0, 40), fc.constantFrom(1, 700))
  .map(([base, offset, stride]) => base + offset * stride);

export const SCENES: readonly Scene[] = [
  {
    name: 'plain orders in a busy book',
    config: { maxFillsPerCommand: 4 },
    plain: true,
    prices: integers(95, 105),
    qtys: integers(1, 20),
    ids: 60,
  },
  {
    name: 'plain orders near and far, in small pools',
    config: { quoteUnitsPerTickLot: 1, maxFillsPerCommand: 50, maxOrders: 30, maxLevels: 20 },
    plain: true,
    prices: NEAR_AND_FAR,
    qtys: integers(1, 3),
    ids: 200,
  },
  {
    name: 'plain orders in a market that moves far',
    config: { quoteUnitsPerTickLot: 1, maxFillsPerCommand: 50 },
    plain: true,
    driftTicks: 900,
    prices: integers(1, 16_000),
    qtys: integers(1, 3),
    ids: 200,
  },
  {
    name: 'orders that hang on each other',
    config: { maxFillsPerCommand: 20 },
    links: 7,
    prices: integers(95, 105),
    qtys: integers(1, 6),
    ids: 60,
  },
  {
    name: 'orders that may only reduce',
    config: { maxFillsPerCommand: 5 },
    flags: [O.ORDER_FLAG_REDUCE_ONLY],
    preOpens: 8,
    prices: integers(95, 105),
    qtys: integers(1, 9),
    ids: 60,
  },
  {
    name: 'a busy book of few prices',
    config: { maxFillsPerCommand: 60 },
    prices: integers(95, 105),
    qtys: integers(1, 20),
    ids: 60,
  },
  {
    name: 'prices near and far',
    config: { quoteUnitsPerTickLot: 1, maxFillsPerCommand: 50 },
    prices: NEAR_AND_FAR,
    qtys: integers(1, 2),
    ids: 200,
  },
  {
    name: 'pools, levels and work at their limits',
    config: { maxOrders: 12, maxWaiting: 6, maxLevels: 7, maxFillsPerCommand: 3 },
    preOpens: 8,
    prices: integers(97, 103),
    qtys: integers(1, 6),
    ids: 40,
  },
  {
    name: 'one step of work at a time',
    config: { maxFillsPerCommand: 1 },
    preOpens: 12,
    prices: integers(97, 103),
    qtys: integers(1, 9),
    ids: 40,
  },
  {
    name: 'bands, halts and reference prices',
    config: {
      priceBandBps: 400,
      volatilityHaltBps: 300,
      referenceWindowSeconds: 4,
      maxFillsPerCommand: 60,
    },
    prices: integers(93, 108),
    qtys: integers(1, 12),
    ids: 60,
  },
  {
    name: 'ids that share their low bits, quantities beyond 32 bits',
    config: { quoteUnitsPerTickLot: 1, maxFillsPerCommand: 60 },
    prices: integers(99, 101),
    qtys: integers(1, 2 ** 40),
    // Not a few lots of billions: an auction would take them one after the other.
    displays: integers(2 ** 36, 2 ** 40),
    ids: 40,
    idOf: (n) => n * 2 ** 32 + 7,
  },
];

const FLAGS = [
  0,
  O.ORDER_FLAG_POST_ONLY,
  O.ORDER_FLAG_POST_ONLY_SLIDE,
  O.ORDER_FLAG_REDUCE_ONLY,
  O.ORDER_FLAG_REDUCE_ONLY,
  O.ORDER_FLAG_REDUCE_ONLY,
  O.ORDER_FLAG_ALL_OR_NONE,
  O.ORDER_FLAG_ALL_OR_NONE | O.ORDER_FLAG_POST_ONLY,
];

/** `chance` of ten times something, else `none`. */
function rarely<T>(chance: number, value: fc.Arbitrary<T>, none: T): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 10 - chance, arbitrary: fc.constant(none) },
    { weight: chance, arbitrary: value },
  );
}

/** So many portfolios give most of the orders, taking turns. */
const PORTFOLIOS = 3;

/** Which order a command speaks of: the new one (0), or so many before it. */
interface Ago {
  readonly ago: number;
}

/** A new order whose ids, and those of the orders it hangs on, are still numbers of turns. */
interface DrawnPlace extends Ago {
  readonly terms: PlaceCommand;
  readonly foreign: number | undefined;
  readonly oco: number;
  readonly parent: number;
  readonly replaces: number;
}

type Drawn = DrawnPlace | (Ago & { readonly spoken: Command }) | { readonly other: Command };

function places(scene: Scene): fc.Arbitrary<DrawnPlace> {
  const { prices, qtys, displays = qtys, flags = FLAGS, links = 2 } = scene;
  /** An order of the same portfolio, so many turns before. */
  const turns = integers(1, 5);
  const terms = fc
    .record({
      side: integers(0, 1),
      priceTicks: prices,
      qtyLots: qtys,
      orderType: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5),
      tif: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 2, 3, 4),
      flags: rarely(4, fc.constantFrom(...flags), 0),
      selfTrade: rarely(5, integers(1, 4), 0),
      triggerTicks: prices,
      trailOffset: integers(1, 300),
      trailUnit: integers(0, 1),
      displayLots: rarely(2, displays, 0),
      pegKind: integers(0, 1),
      pegOffsetTicks: integers(0, 3),
      expireMs: rarely(6, integers(-200, 9000), undefined as number | undefined),
      replacesTradedLots: rarely(1, qtys, TRADED_BY_NOW),
    })
    .map((drawn) => ({ ...PLAIN_PLACE, ...drawn }));
  return fc.record({
    terms,
    ago: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, integers(1, 8)),
    foreign: rarely(1, integers(0, 3), undefined as number | undefined),
    oco: rarely(links, turns, 0),
    parent: rarely(links, turns, 0),
    replaces: rarely(1, turns, 0),
  });
}

/** Gives orders their ids, one after the other, and the commands the ids of those they speak of. */
function resolved(drawn: readonly Drawn[], scene: Scene): Command[] {
  const { ids, idOf = same, plain, driftTicks = 0, links } = scene;
  let placed = 0;
  const id = (n: number): number => idOf(1 + ((n + ids * 1000) % ids));
  return drawn.map((command) => {
    if ('other' in command) return command.other;
    if ('spoken' in command) {
      return { ...command.spoken, orderId: id(placed - command.ago) } as Command;
    }
    const { terms, ago, foreign, oco, parent, replaces } = command;
    placed += 1;
    const n = placed - ago;
    const { side, qtyLots } = terms;
    const priceTicks = terms.priceTicks + driftTicks * Math.abs((placed % 60) - 30);
    const tif = terms.tif === O.TIF_IOC || terms.tif === O.TIF_FOK ? terms.tif : O.TIF_GTC;
    const usual = { orderId: id(n), portfolio: 1 + (((n % PORTFOLIOS) + PORTFOLIOS) % PORTFOLIOS) };
    if (plain) return { ...PLAIN_PLACE, ...usual, side, priceTicks, qtyLots, tif };
    const linked = (turns: number): number => (turns === 0 ? 0 : id(n - turns * PORTFOLIOS));
    const ofFour = Math.floor(placed / PORTFOLIOS) % 4;
    const [partner, first] = links === undefined ? [oco, parent] : [ofFour > 1 ? 1 : 0, ofFour];
    return sane({
      ...terms,
      ...usual,
      portfolio: foreign ?? usual.portfolio,
      ocoOrderId: linked(oco === 0 ? 0 : partner),
      parentOrderId: linked(parent === 0 ? 0 : first),
      replacesOrderId: linked(replaces),
    });
  });
}

const same = (n: number): number => n;

/** Leaves out what does not belong to an order's type, and what a gateway would not let through. */
function sane(order: PlaceCommand): PlaceCommand {
  const { orderType } = order;
  const isMarket = [O.ORDER_TYPE_MARKET, O.ORDER_TYPE_STOP, O.ORDER_TYPE_TRAILING_STOP].some(
    (type) => type === orderType,
  );
  const isPegged = orderType === O.ORDER_TYPE_PEGGED;
  const isTrailing = orderType === O.ORDER_TYPE_TRAILING_STOP;
  const hasTrigger = orderType === O.ORDER_TYPE_STOP || orderType === O.ORDER_TYPE_STOP_LIMIT;
  let { tif, flags, displayLots } = order;
  if (isPegged && (tif === O.TIF_IOC || tif === O.TIF_FOK)) tif = O.TIF_GTC;
  const acts = isMarket || tif === O.TIF_IOC || tif === O.TIF_FOK;
  if (acts) flags &= ~(O.ORDER_FLAG_POST_ONLY | O.ORDER_FLAG_POST_ONLY_SLIDE);
  if (isPegged) flags &= ~(O.ORDER_FLAG_POST_ONLY_SLIDE | O.ORDER_FLAG_ALL_OR_NONE);
  if (acts || isPegged) displayLots = 0;
  const expires = tif === O.TIF_GTD || tif === O.TIF_DAY;
  const least = order.pegKind === O.PEG_OPPOSITE ? 1 : 0;
  const replaces = order.replacesOrderId !== 0;
  return {
    ...order,
    tif,
    flags,
    displayLots,
    triggerTicks: hasTrigger ? order.triggerTicks : 0,
    trailOffset: isTrailing ? trailOf(order) : 0,
    trailUnit: isTrailing ? order.trailUnit : O.TRAIL_TICKS,
    pegKind: isPegged ? order.pegKind : O.PEG_PRIMARY,
    pegOffsetTicks: isPegged ? Math.max(least, order.pegOffsetTicks) : 0,
    expireMs: expires ? (order.expireMs ?? (tif === O.TIF_GTD ? 3000 : undefined)) : undefined,
    replacesTradedLots: replaces ? order.replacesTradedLots : 0,
  };
}

/** Up to five ticks, or any number of basis points drawn. */
function trailOf({ trailOffset, trailUnit }: PlaceCommand): number {
  return trailUnit === O.TRAIL_BPS ? trailOffset : 1 + (trailOffset % 5);
}

function rest({ prices, qtys, preOpens = 4 }: Scene): fc.Arbitrary<Drawn> {
  const portfolio = integers(0, 3);
  const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
  const zero = fc.constant(0);
  const ago = integers(0, 25);
  const cancel = fc.record({
    kind: kind('cancel'),
    orderId: zero,
    portfolio: fc.constantFrom(0, 0, 1),
  });
  const amend = fc.record({
    kind: kind('amend'),
    orderId: zero,
    mode: integers(0, 2),
    qty: fc.oneof(zero, qtys),
    price: fc.oneof(zero, prices),
    portfolio: zero,
  });
  // Mostly back to continuous, so that the market is not closed most of the time.
  const to = fc.oneof(
    { weight: 20, arbitrary: fc.constant(O.PHASE_CONTINUOUS) },
    { weight: preOpens, arbitrary: fc.constant(O.PHASE_PRE_OPEN) },
    { weight: 2, arbitrary: fc.constantFrom(O.PHASE_HALTED, O.PHASE_CLOSED) },
  );
  const side = fc.constantFrom(0, 1, O.SIDE_UNKNOWN);
  const others: fc.Arbitrary<Command> = fc.oneof(
    { weight: 60, arbitrary: fc.record({ kind: kind('phase'), to }) },
    { weight: 30, arbitrary: fc.record({ kind: kind('time'), ms: integers(0, 2500) }) },
    { weight: 10, arbitrary: fc.record({ kind: kind('print'), side, qty: qtys, price: prices }) },
    { weight: 4, arbitrary: fc.record({ kind: kind('cancel-all'), portfolio }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: kind('reference'),
        price: fc.oneof({ weight: 1, arbitrary: zero }, { weight: 4, arbitrary: prices }),
      }),
    },
  );
  return fc.oneof(
    { weight: 60, arbitrary: fc.record({ ago, spoken: cancel }) },
    { weight: 80, arbitrary: fc.record({ ago, spoken: amend }) },
    { weight: 110, arbitrary: fc.record({ other: others }) },
  );
}

/** Random command streams of a scene. */
export function commandStreams(scene: Scene, maxLength: number): fc.Arbitrary<Command[]> {
  const any: fc.Arbitrary<Drawn> = fc.oneof(
    { weight: 2, arbitrary: places(scene) },
    { weight: 1, arbitrary: rest(scene) },
  );
  return fc
    .array(any, { minLength: 1, maxLength, size: 'max' })
    .map((drawn) => resolved(drawn, scene));
}

/**
 * The shortest stream found that still fails: leaves out pieces, from halves down to single
 * commands. Cheaper than shrinking every value, and what remains reads well.
 */
export function shortened(
  stream: readonly Command[],
  fails: (stream: readonly Command[]) => boolean,
): readonly Command[] {
  let kept = stream;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : (size + 1) >> 1) {
    for (let at = 0; at < kept.length; ) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (rest.length > 0 && fails(rest)) kept = rest;
      else at += size;
    }
  }
  return kept;
}
