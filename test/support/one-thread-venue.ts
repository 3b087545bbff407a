import { CommandWriter } from '../../src/codec/commands.ts';
import { LIMITS } from '../../src/config/limits.ts';
import type { MarketRegistry } from '../../src/config/markets.ts';
import { AMEND_REMAINING } from '../../src/domain/orders.ts';
import { OK } from '../../src/domain/result-codes.ts';
import type { VenueEvent } from '../../src/domain/venue-events.ts';
import { Accounts } from '../../src/gateway/accounts.ts';
import { CandleDesk, NO_BARS } from '../../src/gateway/candle-desk.ts';
import { ClientOrderIndex } from '../../src/gateway/client-order-index.ts';
import type { MarketRoute } from '../../src/gateway/command-gate.ts';
import { Engine } from '../../src/gateway/engine.ts';
import { OrderDoor } from '../../src/gateway/order-door.ts';
import { OrderHistory } from '../../src/gateway/order-history.ts';

import type { RequestDoor } from '../../src/gateway/session-door.ts';
import { Deployments } from '../../src/gateway/strategies/deployments.ts';
import type { OrderView, VenueStatus } from '../../src/gateway/venue.ts';
import { VenueLog } from '../../src/gateway/venue-log.ts';
import { WebhookState } from '../../src/gateway/webhooks/webhook-state.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { machineConfig } from '../../src/matching/machine-config.ts';
import { SymbolMachine } from '../../src/matching/symbol-machine.ts';
import { MarketViews } from '../../src/projections/market-view.ts';
import { OrderTracker, type TrackedOrder } from '../../src/projections/order-tracker.ts';
import { Doorbell } from '../../src/rings/doorbell.ts';
import { frameMarketId } from '../../src/rings/frame.ts';
import { RING_EMPTY, Ring, RingProducer, RingReader } from '../../src/rings/ring.ts';
import { READER_GATEWAY, READER_JOURNAL } from '../../src/rings/roles.ts';
import { NewsArchive } from '../../src/sentiment/news-archive.ts';

/** A clock that stands still until told. */
export class StandingClock implements Clock {
  seconds = 1_700_000_000;
  nanos = 0;
  tick(): void {
    this.nanos += 1;
  }
  nowMs(): number {
    return this.seconds * 1000;
  }
}

export interface OneThreadOptions {
  readonly commandRingBytes?: number;
  readonly openingCollateral?: ReadonlyMap<string, string>;
  readonly balances?: Readonly<Record<string, number>>;
  readonly users?: number;
  readonly sessions?: readonly RequestDoor[];
  /** Founded with these too. */
  readonly facts?: readonly VenueEvent[];
}

/**
 * The whole way of an order on real components in one thread and in steps: door, command ring,
 * matching, event ring, a journal that only remembers the bytes, engine. Users 1, 2, … have
 * portfolios 2, 3, …
 */
export class OneThreadVenue {
  readonly ledger: Ledger;
  readonly engine: Engine;
  readonly door: OrderDoor;
  readonly machines = new Map<number, SymbolMachine>();
  readonly orders: OrderTracker;
  readonly views: MarketViews;
  readonly clock = new StandingClock();
  readonly userOrders: OrderView[] = [];
  /** Every durable frame in journal order. */
  readonly journal: Uint8Array[] = [];
  healthy = true;
  spaceLow = false;
  /** What the venue was founded with; these lie before the journal's first frame. */
  readonly facts: readonly VenueEvent[];
  /** Records a fact or an entry; resolves when it is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  /** Facts and entries that became durable. */
  readonly recorded: VenueEvent[] = [];
  private readonly route: MarketRoute;
  private nextAmendment = 1_000_000;
  private readonly commandReader: RingReader;
  private readonly eventProducer: RingProducer;
  private readonly journalReaders: RingReader[];

  constructor(markets: MarketRegistry, options: OneThreadOptions = {}) {
    const commands = Ring.create(options.commandRingBytes ?? 1 << 16, 1);
    const events = Ring.create(LIMITS.eventRingBytes, 2);
    const venueRing = Ring.create(1 << 16, 2);
    const { clock } = this;
    this.ledger = new Ledger(markets.all);
    this.views = new MarketViews(markets.all);
    const accounts = new Accounts(this.ledger);
    const facts: VenueEvent[] = [
      {
        kind: 'PortfolioOpened',
        portfolioId: 1,
        userId: 0,
        portfolioKind: 'external',
        name: 'venue',
      },
    ];
    for (let userId = 1; userId <= (options.users ?? 2); userId += 1) {
      const portfolioId = userId + 1;
      facts.push({
        kind: 'PortfolioOpened',
        portfolioId,
        userId,
        portfolioKind: 'cash',
        name: 'p',
      });
      for (const [asset, amountUnits] of Object.entries(options.balances ?? {})) {
        facts.push({ kind: 'FundsDeposited', portfolioId, asset, amountUnits });
      }
    }
    facts.push(...(options.facts ?? []));
    for (const fact of facts) accounts.apply(fact);
    this.facts = facts;
    const closed = new Map<number, TrackedOrder>();
    this.orders = new OrderTracker(
      new Map(markets.all.map(({ id, quoteUnitsPerTickLot }) => [id, quoteUnitsPerTickLot])),
    );
    const venueLog = new VenueLog(new RingProducer(venueRing), new Doorbell(), clock, 0);
    this.record = (event) => venueLog.record(event);
    this.engine = new Engine({
      markets,
      ledger: this.ledger,
      accounts,
      orders: this.orders,
      views: this.views,
      candles: new CandleDesk({ views: this.views, store: NO_BARS, clock }),
      deployments: new Deployments(markets.all),
      webhooks: new WebhookState(),
      tradingRefusal: () => OK,
      news: new NewsArchive(),
      clientOrderIndex: new ClientOrderIndex(1024, 1),
      orderHistory: new OrderHistory(),
      venueLog,
      eventReaders: [events, venueRing].map(
        (ring) => new RingReader(ring, READER_GATEWAY, READER_JOURNAL),
      ),
      readClosedOrder: (orderId) => closed.get(orderId),
      keepClosedOrder: (order) => void closed.set(order.orderId, order),
      status: () => ({}) as VenueStatus,
      healthy: () => this.healthy,
      spaceLow: () => this.spaceLow,
      openingCollateral: options.openingCollateral,
    });
    this.commandReader = new RingReader(commands, 0);
    this.eventProducer = new RingProducer(events);
    this.journalReaders = [events, venueRing].map((ring) => new RingReader(ring, READER_JOURNAL));
    const producer = new RingProducer(commands);
    const route: MarketRoute = {
      producer,
      writer: new CommandWriter(producer),
      bell: new Doorbell(),
    };
    this.route = route;
    const routes = new Map(markets.all.map(({ id }) => [id, route]));
    this.door = new OrderDoor(markets, this.ledger, routes, this.engine, clock, 0);
    this.engine.open(this.door, options.sessions ?? [], {
      onVenueEvent: (event) => void this.recorded.push(event),
      onUserOrder: (_userId, order) => {
        this.userOrders.push(order);
        closed.set(order.orderId, asTracked(order));
      },
      onDrained: () => undefined,
    });
    for (const market of markets.all) {
      const config = machineConfig(market, {
        maxOrders: 10_000,
        maxWaiting: 1000,
        maxLevels: 10_000,
        maxFillsPerCommand: 1000,
      });
      this.machines.set(market.id, new SymbolMachine(config, this.eventProducer));
    }
  }

  /** Amends an order's price and what remains of it, as an in-process session does. */
  amend(marketId: number, portfolioId: number, orderId: number, price: number, lots: number): void {
    this.nextAmendment += 1;
    const stamp = { seconds: 1_700_000_000, nanos: 0, sessionId: 9, requestId: this.nextAmendment };
    const envelope = { ...stamp, marketId, portfolioId, orderId, clientOrderId: '' };
    this.route.writer.amend(envelope, AMEND_REMAINING, price, lots);
    this.route.producer.publish();
  }

  /** Matches what the command ring holds; the events are written but not durable. */
  match(): void {
    this.door.flush();
    for (let at = this.commandReader.next(); at !== RING_EMPTY; at = this.commandReader.next()) {
      const { ring } = this.commandReader;
      const machine = this.machines.get(frameMarketId(ring.i32[(at + 4) >>> 2]));
      while (machine?.isDue(ring, at)) machine.expire(ring, at);
      machine?.apply(ring, at);
      while (machine?.hasWork()) machine.continueWork();
    }
    this.commandReader.release();
    this.eventProducer.publish();
  }

  /** The journal syncs: what was matched becomes durable. */
  commit(): void {
    for (const reader of this.journalReaders) {
      for (let at = reader.next(); at !== RING_EMPTY; at = reader.next()) {
        const { ring } = reader;
        this.journal.push(ring.u8.slice(at, at + ring.i32[at >>> 2]));
      }
      reader.release();
    }
  }

  /** Match, commit, settle and answer. */
  settle(): void {
    this.match();
    this.commit();
    this.engine.turn();
  }
}

function asTracked(order: OrderView): TrackedOrder {
  return { ...(order as unknown as TrackedOrder), marketId: order.market.id, changed: false };
}
