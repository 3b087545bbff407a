import type { Market } from '../domain/markets.ts';
import type { SessionWiring } from '../rings/roles.ts';

/** External portfolios the simulated traders trade for, by role; none of the lists may be empty. */
export interface SimulatorPortfolios {
  readonly marketMakers: readonly number[];
  readonly noise: readonly number[];
  readonly momentum: readonly number[];
  readonly value: readonly number[];
  readonly arbitrage: readonly number[];
}

/** A trader with a margin portfolio, as a start finds it. Amounts are whole quote units. */
export interface LeveragedTrader {
  readonly marketId: number;
  readonly portfolioId: number;
  /** What it began with, and is set back to. */
  readonly collateral: number;
  readonly wallet: number;
  /** Signed. */
  readonly lots: number;
  /** What the position cost, signed like it. */
  readonly cost: number;
}

/** An order of a former run that still rests in a book. */
export interface RecoveredOrder {
  readonly orderId: number;
  readonly portfolioId: number;
  readonly side: number;
  readonly priceTicks: number;
  readonly remainingLots: number;
  readonly clientOrderId: string;
}

/** `[priceTicks, qtyLots, orders]` */
export type RecoveredLevel = readonly [number, number, number];

/** What a market's journal left behind when the process starts. */
export interface RecoveredMarket {
  readonly marketId: number;
  /** Sequence of the newest durable event. */
  readonly seq: number;
  /** Price of the last trade, 0 when nothing has traded. */
  readonly lastPriceTicks: number;
  /** The open orders of the simulator's portfolios; others' orders show in the levels alone. */
  readonly orders: readonly RecoveredOrder[];
  /** Best first. */
  readonly bids: readonly RecoveredLevel[];
  /** Best first. */
  readonly asks: readonly RecoveredLevel[];
}

/** What the simulated market is made of, whoever runs it. */
export interface SimulationOptions {
  /** Markets of other sources than `simulated`, or without a start price, are left alone. */
  readonly markets: readonly Market[];
  /** Any 32-bit integer. Equal seeds, equal times and equal events give equal commands. */
  readonly seed: number;
  /** Commands per second over all markets in the mean; 0 sends nothing at all. */
  readonly ordersPerSecond: number;
  readonly portfolioIds: SimulatorPortfolios;
  /** Nobody, if absent. */
  readonly leveraged?: readonly LeveragedTrader[];
  /** Markets that were never traded are absent. */
  readonly recovered: readonly RecoveredMarket[];
}

/** `workerData` of `workers/simulator.ts`. */
export interface SimulatorWorkerData extends SimulationOptions {
  readonly wiring: SessionWiring;
}

/** The one message the simulator's thread posts: it is attached and about to send. */
export interface SimulatorReady {
  readonly type: 'ready';
}
