import { type CommandEnvelope, CommandWriter } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import type { Market } from '../../src/domain/markets.ts';
import {
  ORDER_TYPE_LIMIT,
  SIDE_BUY,
  SIDE_SELL,
  TIF_GTC,
  TIF_IOC,
} from '../../src/domain/orders.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { Accounts } from '../../src/gateway/accounts.ts';
import { Compaction, type Retention } from '../../src/gateway/compaction.ts';
import { VenueLog } from '../../src/gateway/venue-log.ts';
import { Committer } from '../../src/journal/committer.ts';
import { DerivedTables } from '../../src/journal/derived-tables.ts';
import { FactsTable } from '../../src/journal/facts.ts';
import { Failpoints } from '../../src/journal/failpoints.ts';
import { type MaintenanceWork, maintain } from '../../src/journal/maintenance.ts';
import { type JournalStore, openStore } from '../../src/journal/store.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { Prng } from '../../src/lib/prng.ts';
import { machineConfig } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { frameMarketId, frameType } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';

/** Portfolios: the user's, and those of simulated traders. */
export const USER_PORTFOLIO = 2;
const SESSION_PORTFOLIOS = [3, 4, 5];
const MIDDLE_TICKS = 20_000;
const COMMANDS_A_TURN = 256;

export interface MachineJournalOptions {
  readonly seed: number;
  /** About so many orders rest in each market. */
  readonly liveOrders?: number;
  readonly batchBytes?: number;
  /** What share of the orders is the user's. */
  readonly userShare?: number;
}

/** Time that a test moves. */
class SteppedClock implements Clock {
  seconds = 1_700_000_000;
  nanos = 0;

  tick(): void {
    this.nanos += 1_000_000;
    if (this.nanos < 1_000_000_000) return;
    this.nanos -= 1_000_000_000;
    this.seconds += 1;
  }

  nowMs(): number {
    return this.seconds * 1000;
  }
}

/**
 * A venue without threads: real machines match a seeded flow, and a real committer writes what they
 * say and the venue's facts. What it leaves is a journal like any server's.
 */
export class MachineJournal {
  readonly store: JournalStore;
  readonly committer: Committer;
  commands = 0;
  /** Records committed. */
  records = 0;
  /** Bytes of them. */
  bytes = 0;
  private readonly markets: readonly Market[];
  private readonly prng: Prng;
  private readonly liveOrders: number;
  private readonly userShare: number;
  private readonly clock = new SteppedClock();
  private readonly commandRing = Ring.create(1 << 20, 1);
  private readonly commandReader = new RingReader(this.commandRing, 0);
  private readonly commandProducer = new RingProducer(this.commandRing);
  private readonly writer = new CommandWriter(this.commandProducer);
  private readonly events = Ring.create(1 << 22, 2);
  private readonly eventProducer = new RingProducer(this.events);
  private readonly eventReader = new RingReader(this.events, 1);
  private readonly machines = new Map<number, SymbolMachine>();
  /** Resting orders by market: id and whose. */
  private readonly resting = new Map<number, Map<number, number>>();

  constructor(directory: string, markets: readonly Market[], options: MachineJournalOptions) {
    this.markets = markets;
    this.prng = new Prng(options.seed);
    this.liveOrders = options.liveOrders ?? 200;
    this.userShare = options.userShare ?? 0.05;
    this.store = openStore(directory, { readOnly: false, durability: 'commit' });
    const venueRing = Ring.create(1 << 16, 1);
    this.committer = new Committer({
      store: this.store,
      rings: [this.events, venueRing],
      tables: [
        DerivedTables.open(
          this.store,
          new Map(markets.map(({ id, quoteUnitsPerTickLot }) => [id, quoteUnitsPerTickLot])),
        ),
        new FactsTable(this.store),
      ],
      failpoints: new Failpoints(''),
      batchBytes: options.batchBytes,
    });
    for (const market of markets) {
      const { id: marketId } = market;
      const machine = new SymbolMachine(machineConfig(market), this.eventProducer);
      this.machines.set(marketId, machine);
      this.resting.set(marketId, new Map());
    }
    this.recordFacts(new VenueLog(new RingProducer(venueRing), new Doorbell(), this.clock, 0));
  }

  /** Runs so many commands and commits what they led to. */
  run(commands: number): void {
    for (let left = commands; left > 0; left -= COMMANDS_A_TURN) {
      for (let i = 0; i < Math.min(left, COMMANDS_A_TURN); i += 1) this.command();
      this.commandProducer.publish();
      this.match();
      this.commit();
    }
  }

  /** Commits what the rings hold. */
  commit(): void {
    for (let n = this.committer.commit(); n > 0; n = this.committer.commit()) {
      this.records += n;
      this.bytes += this.committer.lastFrameBytes;
    }
    for (let at = this.eventReader.next(); at !== RING_EMPTY; at = this.eventReader.next()) {
      this.follow(at);
    }
    this.eventReader.release();
  }

  /** A snapshot and what it lets go, each portion of work in a transaction of its own. */
  compaction(retention: Retention, before?: (work: MaintenanceWork) => void): Compaction {
    return new Compaction(this.store, this.markets, retention, async (work) => {
      before?.(work);
      this.maintain(work);
    });
  }

  /** Does work of the journal thread, all of it. */
  maintain(work: MaintenanceWork): void {
    for (let isDone = false; !isDone; ) {
      this.committer.commit({
        failpoint: undefined,
        run: () => {
          isDone = maintain(this.store, work);
        },
        done: () => undefined,
      });
    }
  }

  stateHash(marketId: number): string {
    return this.machines.get(marketId)?.stateHash() ?? '';
  }

  async close(): Promise<void> {
    this.committer.settle();
    await this.store.close();
  }

  private recordFacts(log: VenueLog): void {
    const facts: VenueEvent[] = [...new Accounts(new Ledger(this.markets)).unlisted(this.markets)];
    facts.push({
      kind: 'PortfolioOpened',
      portfolioId: 1,
      userId: 0,
      portfolioKind: 'external',
      name: 'venue',
    });
    for (const portfolioId of [USER_PORTFOLIO, ...SESSION_PORTFOLIOS]) {
      const isUsers = portfolioId === USER_PORTFOLIO;
      facts.push({
        kind: 'PortfolioOpened',
        portfolioId,
        userId: isUsers ? 1 : 0,
        portfolioKind: isUsers ? 'cash' : 'external',
        name: `portfolio-${portfolioId}`,
      });
    }
    for (const { base, quote } of this.markets) {
      // Enough that no seeded flow uses it up: nobody holds or refuses here.
      for (const { name } of [base, quote]) {
        facts.push({
          kind: 'FundsDeposited',
          portfolioId: USER_PORTFOLIO,
          asset: name,
          amountUnits: 10 ** 14,
        });
      }
    }
    for (const fact of facts) void log.record(fact);
    this.commit();
  }

  private command(): void {
    const { prng, markets } = this;
    const market = markets[prng.integer(0, markets.length - 1)];
    const resting = this.resting.get(market.id)!;
    this.clock.tick();
    this.commands += 1;
    const dice = prng.integer(0, 99);
    if (resting.size > this.liveOrders || (dice < 40 && resting.size > 10)) {
      const [[orderId, portfolioId]] = resting;
      resting.delete(orderId);
      const envelope = this.envelope(market.id, portfolioId, orderId);
      if (dice < 5) this.writer.amend(envelope, 0, MIDDLE_TICKS + prng.integer(-40, 40), 7);
      else this.writer.cancel(envelope);
      return;
    }
    const envelope = this.envelope(market.id, this.ownerOf(this.commands), this.commands);
    const side = prng.integer(SIDE_BUY, SIDE_SELL);
    const away = dice > 90 ? -5 : 1 + Math.floor(prng.exponential(20));
    const priceTicks = MIDDLE_TICKS + (side === SIDE_BUY ? -away : away);
    const tif = dice > 95 ? TIF_IOC : TIF_GTC;
    this.writer.place(envelope, side, ORDER_TYPE_LIMIT, tif, 0, priceTicks, prng.integer(1, 50));
  }

  private envelope(marketId: number, portfolioId: number, orderId: number): CommandEnvelope {
    const isUsers = portfolioId === USER_PORTFOLIO;
    return {
      marketId,
      requestId: this.commands,
      sessionId: isUsers ? 0 : 1,
      portfolioId,
      orderId,
      seconds: this.clock.seconds,
      nanos: this.clock.nanos,
      clientOrderId: isUsers ? `u-${orderId}` : '',
    };
  }

  /** Whose an order is, by its id alone: nothing needs to be remembered of a day of orders. */
  private ownerOf(orderId: number): number {
    const share = (Math.imul(orderId, 0x9e37_79b1) >>> 0) / 2 ** 32;
    return share < this.userShare ? USER_PORTFOLIO : SESSION_PORTFOLIOS[orderId % 3];
  }

  private match(): void {
    const { commandReader, commandRing } = this;
    for (let at = commandReader.next(); at !== RING_EMPTY; at = commandReader.next()) {
      const marketId = frameMarketId(commandRing.i32[(at + 4) >>> 2]);
      this.machines.get(marketId)!.apply(commandRing, at);
    }
    commandReader.release();
    this.eventProducer.publish();
  }

  private follow(at: number): void {
    const { i32, f64 } = this.events;
    const word = i32[(at + 4) >>> 2];
    const resting = this.resting.get(frameMarketId(word))!;
    const orderId = f64[(at + R.EVENT_ORDER_ID) >>> 3];
    const type = frameType(word);
    if (type === R.ORDER_RESTED) resting.set(orderId, this.ownerOf(orderId));
    const isFilled =
      type === R.TRADE_EXECUTED && f64[(at + R.TRADE_MAKER_REMAINING_LOTS) >>> 3] === 0;
    if (type === R.ORDER_CANCELLED || isFilled) resting.delete(orderId);
  }
}
