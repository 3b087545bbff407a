import { feeUnits } from '../domain/fees.ts';
import { fullFundingUnits, fundingPaymentUnits } from '../domain/funding.ts';
import type { FundingSettled, LiquidationStarted, MarginEvent } from '../domain/margin-events.ts';

/** What an entry says of itself that is not so, in sentences. */
export function marginProblems(event: MarginEvent): string[] {
  switch (event.kind) {
    case 'FundingSettled':
      return fundingProblems(event);
    case 'LiquidationStarted':
      return liquidationProblems(event);
    case 'LiquidationEnded': {
      const { feeUnits: fee, insuredUnits, uncoveredUnits } = event;
      const isSound = fee >= 0 && uncoveredUnits >= 0 && insuredUnits >= uncoveredUnits;
      return isSound ? [] : [`${describeEntry(event)}: its amounts contradict each other`];
    }
    default:
      return [];
  }
}

export function describeEntry(event: MarginEvent): string {
  switch (event.kind) {
    case 'FundingSettled':
      return `funding of market ${event.marketId} at ${event.intervalEndSeconds}`;
    case 'LiquidationStarted':
    case 'LiquidationEnded':
      return `${event.kind} of portfolio ${event.portfolioId} in ${event.asset}`;
    case 'CollateralMoved':
      return `collateral of portfolio ${event.portfolioId}`;
    default:
      return event.kind;
  }
}

/** Every payment follows from its position; whoever pays and gets is on the right side. */
function fundingProblems(event: FundingSettled): string[] {
  const problems: string[] = [];
  for (const [portfolioId, qtyLots, units] of event.payments) {
    const expected = fundingPaymentUnits(qtyLots, event);
    if (expected === units) continue;
    problems.push(
      `${describeEntry(event)}: portfolio ${portfolioId} got ${units}, its position of ` +
        `${qtyLots} lots leads to ${expected}`,
    );
  }
  const { payUnits, receiveUnits, payments, last } = event;
  if (!last || payments.length === 0) return problems;
  const sum = (pays: boolean): number =>
    payments
      .filter(([, qtyLots]) => (qtyLots > 0 === event.ratePpb > 0) === pays)
      .reduce((total, [, qtyLots]) => total + fullFundingUnits(qtyLots, event), 0);
  if (sum(true) > payUnits || sum(false) > receiveUnits) {
    problems.push(`${describeEntry(event)}: its sums are smaller than its payments`);
  }
  return problems;
}

function liquidationProblems(event: LiquidationStarted): string[] {
  const { balanceUnits, equityUnits, maintenanceUnits, positions } = event;
  let equity = balanceUnits;
  let maintenance = 0;
  for (const { qtyLots, markTicks, quoteUnitsPerTickLot, maintenancePpm } of positions) {
    const value = qtyLots * markTicks * quoteUnitsPerTickLot;
    equity += value;
    maintenance += feeUnits(Math.abs(value), maintenancePpm);
  }
  const where = describeEntry(event);
  if (equity !== equityUnits || maintenance !== maintenanceUnits) {
    return [
      `${where}: equity ${equityUnits} and maintenance ${maintenanceUnits}, its positions lead to ` +
        `${equity} and ${maintenance}`,
    ];
  }
  return equity < maintenance ? [] : [`${where}: its equity covers the maintenance margin`];
}
