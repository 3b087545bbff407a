import type { MarginEvent } from '../domain/margin-events.ts';
import { SIDE_BUY } from '../domain/orders.ts';
import { assert } from '../lib/assert.ts';
import type { Hold } from './holds.ts';
import type { Counted, MarginState } from './margin-state.ts';
import type { Portfolio } from './portfolio.ts';

interface Portfolios {
  get(portfolioId: number): Portfolio;
}

/** What an entry changes besides balances. */
export function marginState(ledger: Portfolios, event: MarginEvent): void {
  switch (event.kind) {
    case 'LeverageSet':
      marginOf(ledger, event.portfolioId).leverages.set(event.marketId, event.leverage);
      return;
    case 'FundingSettled':
      for (const [portfolioId, , units] of event.payments) {
        ledger.get(portfolioId).position(event.marketId).fundingUnits += units;
      }
      return;
    case 'LiquidationStarted':
      marginOf(ledger, event.portfolioId).liquidations.set(event.asset, {
        closedUnits: 0,
        feePpm: event.feePpm,
      });
      return;
    case 'LiquidationEnded':
      marginOf(ledger, event.portfolioId).liquidations.delete(event.asset);
      return;
    default:
  }
}

/** Counts an order for as much as this in its market's exposure, instead of what it counted for. */
export function count(hold: Hold, counted: Counted | undefined): void {
  const { margin } = hold.portfolio;
  assert(margin !== undefined, 'only orders of margin portfolios are counted');
  const exposure = margin.exposure(hold.market.id);
  const former = hold.counted;
  const lots = (counted?.lots ?? 0) - (former?.lots ?? 0);
  const units = (counted?.units ?? 0) - (former?.units ?? 0);
  if (hold.side === SIDE_BUY) {
    exposure.buyLots += lots;
    exposure.buyUnits += units;
  } else {
    exposure.sellLots += lots;
    exposure.sellUnits += units;
  }
  exposure.feeUnits += (counted?.feeUnits ?? 0) - (former?.feeUnits ?? 0);
  hold.counted = counted;
}

function marginOf(ledger: Portfolios, portfolioId: number): MarginState {
  const { margin } = ledger.get(portfolioId);
  assert(margin !== undefined, `portfolio ${portfolioId} is a margin portfolio`);
  return margin;
}
