import { priceText, quantityText } from '../../../codec/decimals.ts';
import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import { Position } from '../../../codec/generated/openbell/stream/position.ts';
import { Positions } from '../../../codec/generated/openbell/stream/positions.ts';
import { marketName } from '../../../domain/markets.ts';
import type { AccountPosition } from '../../../gateway/account.ts';
import { formatScaled } from '../../../lib/fixed-point.ts';
import type { BinaryOut } from '../binary-out.ts';
import type { PrivateChannel } from './private-channel.ts';

// Field ids of table Position.
const QTY_LOTS = 1;
const COST_UNITS = 2;
const REALISED_UNITS = 3;
const UNREALISED_UNITS = 4;
const MARK_PRICE_TICKS = 5;
const LIQUIDATION_PRICE_TICKS = 6;
const INITIAL_MARGIN_UNITS = 7;
const MAINTENANCE_MARGIN_UNITS = 9;
const FEE_UNITS = 10;
const FUNDING_UNITS = 11;

/** What the portfolio holds in every market it has traded in; each message is complete in itself. */
export const positionsReports: PrivateChannel<AccountPosition> = {
  name: 'positions',
  code: Channel.Positions,
  bodyType: Body.Positions,
  listName: 'positions',
  reportsState: true,
  state: (venue, _userId, portfolioId) => venue.account(portfolioId)?.positions ?? [],
  toJson: (position) => {
    const { market, qtyLots } = position;
    const money = (units: number): string =>
      formatScaled(units, market.quote.decimals, market.quote.decimals);
    const price = (ticks: number | null): string | null =>
      ticks === null || ticks === 0 ? null : priceText(market, ticks);
    return {
      market: marketName(market),
      quantity: quantityText(market, qtyLots),
      cost: money(position.costUnits),
      realised_pnl: money(position.realisedUnits),
      unrealised_pnl: money(position.unrealisedUnits),
      fees: money(position.feeUnits),
      funding: money(position.fundingUnits),
      mark_price: price(position.priceTicks),
      liquidation_price: price(position.liquidationTicks),
      leverage: position.leverage,
      initial_margin: money(position.initialMarginUnits),
      maintenance_margin: money(position.maintenanceMarginUnits),
    };
  },
  toBinary: (out, kind, portfolioId, positions) => {
    const at = positions.map((position) => positionTable(out, position));
    const list = Positions.createPositionsVector(out.builder, at);
    Positions.startPositions(out.builder);
    out.long.add(1, portfolioId);
    Positions.addPositions(out.builder, list);
    Positions.addKind(out.builder, kind);
    return Positions.endPositions(out.builder);
  },
};

function positionTable({ builder, long }: BinaryOut, position: AccountPosition): number {
  Position.startPosition(builder);
  long.add(QTY_LOTS, position.qtyLots);
  long.add(COST_UNITS, position.costUnits);
  long.add(REALISED_UNITS, position.realisedUnits);
  long.add(UNREALISED_UNITS, position.unrealisedUnits);
  long.add(MARK_PRICE_TICKS, position.priceTicks);
  long.add(LIQUIDATION_PRICE_TICKS, position.liquidationTicks ?? 0);
  long.add(INITIAL_MARGIN_UNITS, position.initialMarginUnits);
  long.add(MAINTENANCE_MARGIN_UNITS, position.maintenanceMarginUnits);
  long.add(FEE_UNITS, position.feeUnits);
  long.add(FUNDING_UNITS, position.fundingUnits);
  Position.addLeverage(builder, position.leverage);
  Position.addMarketId(builder, position.market.id);
  return Position.endPosition(builder);
}
