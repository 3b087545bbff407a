import { balancesReports } from './balances.ts';
import { fillsReports } from './fills.ts';
import { ordersReports } from './orders.ts';
import { positionsReports } from './positions.ts';
import type { PrivateChannel } from './private-channel.ts';

/** Every channel of a portfolio's own data, in the order in which a drain's reports go out. */
export const PRIVATE_CHANNELS: readonly PrivateChannel<unknown>[] = [
  ordersReports,
  fillsReports,
  balancesReports,
  positionsReports,
];
