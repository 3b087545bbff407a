import { Balance } from '../../../codec/generated/openbell/stream/balance.ts';
import { Balances } from '../../../codec/generated/openbell/stream/balances.ts';
import { Body } from '../../../codec/generated/openbell/stream/body.ts';
import { Channel } from '../../../codec/generated/openbell/stream/channel.ts';
import type { AccountBalance } from '../../../gateway/account.ts';
import { formatScaled } from '../../../lib/fixed-point.ts';
import type { BinaryOut } from '../binary-out.ts';
import type { PrivateChannel } from './private-channel.ts';

// Field ids of table Balance.
const TOTAL_UNITS = 2;
const HELD_UNITS = 3;
const FREE_UNITS = 4;

/** What the portfolio has of every asset; each message is complete in itself. */
export const balancesReports: PrivateChannel<AccountBalance> = {
  name: 'balances',
  code: Channel.Balances,
  bodyType: Body.Balances,
  listName: 'balances',
  reportsState: true,
  state: (venue, _userId, portfolioId) => venue.account(portfolioId)?.balances ?? [],
  toJson: ({ asset, totalUnits, heldUnits, freeUnits }) => {
    const text = (units: number): string => formatScaled(units, asset.decimals, asset.decimals);
    return {
      asset: asset.name,
      total: text(totalUnits),
      held: text(heldUnits),
      free: text(freeUnits),
    };
  },
  toBinary: (out, kind, portfolioId, balances) => {
    const at = balances.map((balance) => balanceTable(out, balance));
    const list = Balances.createBalancesVector(out.builder, at);
    Balances.startBalances(out.builder);
    out.long.add(1, portfolioId);
    Balances.addBalances(out.builder, list);
    Balances.addKind(out.builder, kind);
    return Balances.endBalances(out.builder);
  },
};

function balanceTable({ builder, long }: BinaryOut, balance: AccountBalance): number {
  const name = builder.createString(balance.asset.name);
  Balance.startBalance(builder);
  long.add(TOTAL_UNITS, balance.totalUnits);
  long.add(HELD_UNITS, balance.heldUnits);
  long.add(FREE_UNITS, balance.freeUnits);
  Balance.addAsset(builder, name);
  Balance.addDecimals(builder, balance.asset.decimals);
  return Balance.endBalance(builder);
}
