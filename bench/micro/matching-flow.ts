import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import {
  ORDER_TYPE_LIMIT,
  ORDER_TYPE_STOP_LIMIT,
  PLAIN_TERMS,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import { Prng } from '../../src/lib/prng.ts';
import { UNBOUNDED_TERMS } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { type FrameViews, frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';

/** Seeded order flow: what share of commands adds, cancels, takes, around how many live orders. */
export interface FlowConfig {
  readonly seed: number;
  readonly liveOrders: number;
  readonly commands: number;
  readonly addShare: number;
  readonly takeShare: number;
  /** Mean size of a taking order, in resting orders. */
  readonly takeOrders?: number;
  /** Share of stop-limit orders; cancellations then name these as well. */
  readonly stopShare?: number;
  /** Mean distance of a new order from the middle price, ticks (exponential). */
  readonly meanOffsetTicks: number;
}

/** A command as the peers that know no records take it. */
export interface FlowCommand {
  readonly kind: 'add' | 'cancel' | 'take' | 'stop';
  readonly orderId: number;
  readonly side: number;
  readonly priceTicks: number;
  readonly qtyLots: number;
  /** Where a stop-limit order acts; 0 for others. */
  readonly triggerTicks: number;
}

export interface Flow {
  /** All commands as records; the first `prefill` of them only fill the book. */
  readonly ring: Ring;
  readonly commands: readonly FlowCommand[];
  readonly prefill: number;
}

export const MACHINE_CONFIG = {
  ...UNBOUNDED_TERMS,
  marketId: 1,
  makerFeePpm: 200,
  takerFeePpm: 500,
  quoteUnitsPerTickLot: 1,
  maxOrders: 1 << 20,
  maxWaiting: 1 << 17,
  maxLevels: 1 << 18,
  maxFillsPerCommand: 20_000,
} as const;

const MIDDLE_TICKS = 1_000_000;
const MAX_QTY_LOTS = 100;
/** Beyond what an order that takes may reach. */
const STOP_OFFSET_TICKS = 1100;
const STOP_REACH_TICKS = 20;

/**
 * Makes the flow. A machine runs along, so that cancellations name orders that still rest: without
 * it most would miss, and a miss costs nothing.
 */
export function makeFlow(config: FlowConfig): Flow {
  const total = config.liveOrders + config.commands;
  const ring = Ring.create(
    2 ** Math.ceil(Math.log2(total * (config.stopShare === undefined ? 80 : 110))),
    1,
  );
  const producer = new RingProducer(ring);
  const writer = new CommandWriter(producer);
  const reader = new RingReader(ring, 0);
  const random = new Prng(config.seed);
  const live = new LiveOrders();
  const commands: FlowCommand[] = [];
  let middle = MIDDLE_TICKS;
  for (let i = 0; i < total; i += 1) {
    const prefilling = i < config.liveOrders;
    const dice = random.uniform();
    // Drift keeps new orders from piling up at one price; it is slow, as levels are many.
    if (random.chance(0.01)) middle += random.integer(-1, 1);
    if (prefilling || dice < config.addShare) {
      commands.push(add(config, random, live, middle, i + 1));
    } else if (dice < config.addShare + config.takeShare) {
      commands.push(take(config, random, middle, i + 1));
    } else if (dice < config.addShare + config.takeShare + (config.stopShare ?? 0)) {
      commands.push(stop(config, random, middle, i + 1));
    } else {
      commands.push(cancel(random, live, i + 1));
    }
    write(writer, commands[i]);
    producer.publish();
    live.follow(ring, reader.next());
  }
  return { ring, commands, prefill: config.liveOrders };
}

function add(
  config: FlowConfig,
  random: Prng,
  live: LiveOrders,
  middle: number,
  orderId: number,
): FlowCommand {
  const side = random.integer(SIDE_BUY, SIDE_SELL);
  const offset = 1 + Math.floor(random.exponential(config.meanOffsetTicks));
  const wanted = side === SIDE_BUY ? middle - offset : middle + offset;
  // An addition adds: it never trades.
  const priceTicks =
    side === SIDE_BUY ? Math.min(wanted, live.bestAsk() - 1) : Math.max(wanted, live.bestBid() + 1);
  const qtyLots = random.integer(1, MAX_QTY_LOTS);
  return { kind: 'add', orderId, side, priceTicks, qtyLots, triggerTicks: 0 };
}

/** Waits, and may be cancelled; nothing triggers it, because each peer has another rule for that. */
function stop(config: FlowConfig, random: Prng, middle: number, orderId: number): FlowCommand {
  const side = random.integer(SIDE_BUY, SIDE_SELL);
  const offset = STOP_OFFSET_TICKS + Math.floor(random.exponential(config.meanOffsetTicks));
  const direction = side === SIDE_BUY ? 1 : -1;
  const triggerTicks = middle + direction * offset;
  const qtyLots = random.integer(1, MAX_QTY_LOTS);
  return {
    kind: 'stop',
    orderId,
    side,
    priceTicks: triggerTicks + direction * STOP_REACH_TICKS,
    qtyLots,
    triggerTicks,
  };
}

function take(
  { takeOrders = 3 }: FlowConfig,
  random: Prng,
  middle: number,
  orderId: number,
): FlowCommand {
  const side = random.integer(SIDE_BUY, SIDE_SELL);
  const reach = side === SIDE_BUY ? 1000 : -1000;
  const qtyLots = random.integer(1, takeOrders * MAX_QTY_LOTS);
  return { kind: 'take', orderId, side, priceTicks: middle + reach, qtyLots, triggerTicks: 0 };
}

function cancel(random: Prng, live: LiveOrders, fallbackId: number): FlowCommand {
  const orderId = live.pick(random) ?? fallbackId;
  return { kind: 'cancel', orderId, side: 0, priceTicks: 0, qtyLots: 0, triggerTicks: 0 };
}

const ENVELOPE: CommandEnvelope = {
  marketId: MACHINE_CONFIG.marketId,
  requestId: 0,
  sessionId: 0,
  portfolioId: 0,
  orderId: 0,
  seconds: 1_700_000_000,
  nanos: 0,
  clientOrderId: '',
};

function write(writer: CommandWriter, command: FlowCommand): void {
  ENVELOPE.requestId += 1;
  ENVELOPE.portfolioId = 1 + (command.orderId % 100);
  ENVELOPE.orderId = command.orderId;
  if (command.kind === 'cancel') {
    ENVELOPE.portfolioId = 0;
    writer.cancel(ENVELOPE);
    return;
  }
  if (command.kind === 'stop') {
    writer.placeTerms(ENVELOPE, {
      ...PLAIN_TERMS,
      ...command,
      orderType: ORDER_TYPE_STOP_LIMIT,
      tif: TIF_GTC,
      flags: 0,
    });
    return;
  }
  const tif = command.kind === 'add' ? TIF_GTC : TIF_IOC;
  const { side, priceTicks, qtyLots } = command;
  writer.place(ENVELOPE, side, ORDER_TYPE_LIMIT, tif, 0, priceTicks, qtyLots);
}

/** One command with the continued work it leaves, as a market worker does it. */
export function carryOut(machine: SymbolMachine, views: FrameViews, at: number): void {
  machine.apply(views, at);
  while (machine.hasWork()) machine.continueWork();
}

/**
 * So many commands, which must be in the ring, with the work that they leave, as a market worker does
 * it while there is ample room in the event ring. Nothing expires in the flows.
 */
export function carryOutBatch(
  machine: SymbolMachine,
  producer: RingProducer,
  commands: RingReader,
  most: number,
): void {
  for (let done = 0; done < most; ) {
    if (!producer.canClaim(machine.worstRunBytes)) throw new Error('the event ring is too small');
    const at = commands.peek();
    done += machine.applyRun(commands.ring, at, commands.rowEnd(), most - done);
    commands.skipTo(machine.ranTo);
    while (machine.hasWork()) machine.continueWork();
  }
}

/** Which orders rest or wait, learnt from a machine that carries out the flow while it is made. */
class LiveOrders {
  private readonly events = Ring.create(1 << 23, 1);
  private readonly producer = new RingProducer(this.events);
  private readonly reader = new RingReader(this.events, 0);
  private readonly machine = new SymbolMachine(MACHINE_CONFIG, this.producer);
  private readonly ids: number[] = [];
  private readonly places = new Map<number, number>();

  follow(ring: Ring, at: number): void {
    carryOut(this.machine, ring, at);
    this.producer.publish();
    const { i32, f64 } = this.events;
    for (let event = this.reader.next(); event !== RING_EMPTY; event = this.reader.next()) {
      const type = frameType(i32[(event >>> 2) + 1]);
      const orderId = f64[(event + R.EVENT_ORDER_ID) >>> 3];
      if (type === R.ORDER_RESTED || type === R.ORDER_HELD) this.insert(orderId);
      if (type === R.ORDER_CANCELLED || type === R.ORDER_TRIGGERED) this.remove(orderId);
      if (type === R.TRADE_EXECUTED && f64[(event + R.TRADE_MAKER_REMAINING_LOTS) >>> 3] === 0) {
        this.remove(orderId);
      }
    }
    this.reader.release();
  }

  pick(random: Prng): number | undefined {
    return this.ids.length === 0 ? undefined : this.ids[random.integer(0, this.ids.length - 1)];
  }

  bestBid(): number {
    return this.machine.bestBidTicks() || 1;
  }

  bestAsk(): number {
    return this.machine.bestAskTicks() || 2 * MIDDLE_TICKS;
  }

  private insert(orderId: number): void {
    this.places.set(orderId, this.ids.length);
    this.ids.push(orderId);
  }

  private remove(orderId: number): void {
    const place = this.places.get(orderId);
    // An order that was cancelled on arrival was never live.
    if (place === undefined) return;
    const last = this.ids.pop() as number;
    this.places.delete(orderId);
    if (last === orderId) return;
    this.ids[place] = last;
    this.places.set(last, place);
  }
}
