import type { FundingSettled } from './margin-events.ts';

const PPB = 1_000_000_000n;
/** Interest of eight hours, 0.01 %, and how far it may pull the premium, 0.05 %. */
const INTEREST_PPB = 100_000;
const PULL_PPB = 500_000;
const BASE_SECONDS = 8 * 3600;

/**
 * Rate of an interval from its mean premium, as perpetuals compute it: the premium, drawn towards
 * the interest by at most 0.05 %, for eight hours; shorter intervals have their share.
 * @param premiumPpb mean of (book − index) / index
 */
export function fundingRatePpb(
  premiumPpb: number,
  intervalSeconds: number,
  capPpb: number,
): number {
  const pull = Math.max(-PULL_PPB, Math.min(PULL_PPB, INTEREST_PPB - premiumPpb));
  const rate = Math.round(((premiumPpb + pull) * intervalSeconds) / BASE_SECONDS);
  return Math.max(-capPpb, Math.min(capPpb, rate)) + 0;
}

/** What a position of this size would pay or get at the rate, towards zero; never negative. */
export function fullFundingUnits(
  qtyLots: number,
  { markTicks, quoteUnitsPerTickLot, ratePpb }: FundingTermsOf,
): number {
  const notional = BigInt(Math.abs(qtyLots)) * BigInt(markTicks) * BigInt(quoteUnitsPerTickLot);
  return Number((notional * BigInt(Math.abs(ratePpb))) / PPB);
}

type FundingTermsOf = Pick<FundingSettled, 'markTicks' | 'quoteUnitsPerTickLot' | 'ratePpb'>;
type Shares = Pick<FundingSettled, 'payUnits' | 'receiveUnits'>;

/**
 * What the position gets (positive) or pays: both sides scaled to the smaller of the two sums, a
 * payer's part rounded up and a receiver's down, so that the fund in between never loses.
 */
export function fundingPaymentUnits(qtyLots: number, terms: FundingTermsOf & Shares): number {
  const full = BigInt(fullFundingUnits(qtyLots, terms));
  if (full === 0n) return 0;
  const pays = qtyLots > 0 === terms.ratePpb > 0;
  const side = BigInt(pays ? terms.payUnits : terms.receiveUnits);
  const moved = BigInt(Math.min(terms.payUnits, terms.receiveUnits));
  if (side === 0n || moved === 0n) return 0;
  const product = full * moved;
  if (!pays) return Number(product / side);
  const part = (product + side - 1n) / side;
  return -Number(part);
}
