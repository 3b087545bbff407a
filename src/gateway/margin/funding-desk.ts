import { fullFundingUnits, fundingPaymentUnits, fundingRatePpb } from '../../domain/funding.ts';
import type { FundingPayment, FundingSettled, MarginEvent } from '../../domain/margin-events.ts';
import type { FundingTerms, Market } from '../../domain/markets.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Derivatives, SAMPLE_SECONDS } from '../../projections/derivatives.ts';
import type { MarketViews } from '../../projections/market-view.ts';

/** Payments of one event: a settlement of more positions is several. */
const PAYMENTS_PER_EVENT = 1000;

export interface FundingParts {
  readonly markets: readonly Market[];
  readonly ledger: Ledger;
  readonly views: MarketViews;
  readonly fundPortfolioId: number;
  /** Resolves when the entry is durable and applied. */
  readonly record: (event: MarginEvent) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A sample of a live market is of its moment, or it is none. */
const LATE_SECONDS = 20;

interface Perpetual {
  readonly market: Market;
  readonly terms: FundingTerms;
  readonly derivatives: Derivatives;
  /** An entry of this market is on its way to the journal. */
  busy: boolean;
}

/**
 * Funding of all perpetuals, and the samples of their standing that the journal gets every five
 * minutes. When an interval ends is in the journal, so it is settled once, whatever the clock does:
 * an interval whose end passed while nothing ran is settled late with the premiums that were
 * seen of it; intervals nobody saw anything of are skipped by an entry that says so. Reads no clock.
 */
export class FundingDesk {
  private readonly parts: FundingParts;
  private readonly perpetuals: readonly Perpetual[];
  private sampledSeconds = 0;
  private sampling = false;

  constructor(parts: FundingParts) {
    this.parts = parts;
    this.perpetuals = parts.markets.flatMap((market) => {
      const terms = market.margin?.funding ?? undefined;
      const derivatives = parts.views.get(market.id)?.derivatives;
      if (terms === undefined || derivatives === undefined) return [];
      derivatives.fundingIntervalSeconds = terms.intervalSeconds;
      return [{ market, terms, derivatives, busy: false }];
    });
    const newest = this.perpetuals.map(({ derivatives }) => derivatives.interestPoints.at(-1));
    this.sampledSeconds = Math.max(0, ...newest.map((point) => point?.seconds ?? 0));
  }

  /** Records and settles what is due. */
  step(nowSeconds: number): void {
    this.sample(nowSeconds);
    for (const one of this.perpetuals) {
      const { derivatives, market, terms } = one;
      // What an exchange tells of its own is not ours to work out, nor is its funding ours to settle.
      if (market.source === 'live') continue;
      derivatives.openInterestLots = this.parts.ledger.interest.lots(market.id);
      const due = derivatives.nextFundingSeconds;
      // What is seen after an interval's end says nothing about the interval.
      if (derivatives.premiumPpb !== undefined && nowSeconds < due) {
        derivatives.premiumSumPpb += derivatives.premiumPpb;
        derivatives.premiumSamples += 1;
      }
      derivatives.predictedRatePpb = rate(derivatives, terms);
      if (one.busy || due === 0 || nowSeconds < due) continue;
      if (derivatives.openSettlement !== undefined) void this.run(one, () => this.goOn(one));
      else if (derivatives.premiumSamples > 0) void this.run(one, () => this.settle(one));
      else void this.run(one, () => this.skip(one, nowSeconds));
    }
  }

  private sample(nowSeconds: number): void {
    const slot = Math.floor(nowSeconds / SAMPLE_SECONDS) * SAMPLE_SECONDS;
    const isNew = this.perpetuals.some(({ derivatives }) => derivatives.nextFundingSeconds === 0);
    if (this.sampling || (slot <= this.sampledSeconds && !isNew)) return;
    const samples = this.perpetuals
      .filter(({ derivatives }) => derivatives.markTicks !== 0)
      // Of an exchange its own history tells what was; later figures would pass for those of then.
      .filter(({ market }) => market.source !== 'live' || nowSeconds - slot <= LATE_SECONDS)
      .map(({ market, terms, derivatives }) => ({
        marketId: market.id,
        markTicks: derivatives.markTicks,
        indexTicks: derivatives.indexTicks,
        openInterestLots: this.interestLots(market, derivatives),
        premiumSumPpb: derivatives.premiumSumPpb,
        premiumSamples: derivatives.premiumSamples,
        nextFundingSeconds:
          derivatives.nextFundingSeconds || nextEnd(nowSeconds, terms.intervalSeconds),
      }))
      .filter(({ marketId }) => slot > this.sampledSeconds || this.isNew(marketId));
    if (samples.length === 0) return;
    this.sampling = true;
    this.parts.record({ kind: 'MarketsSampled', seconds: slot, samples }).then(
      () => {
        this.sampling = false;
        this.sampledSeconds = slot;
      },
      (error: unknown) => {
        this.sampling = false;
        this.parts.onError(error);
      },
    );
  }

  private interestLots({ id, source }: Market, { openInterestLots }: Derivatives): number {
    return source === 'live' ? openInterestLots : this.parts.ledger.interest.lots(id);
  }

  private isNew(marketId: number): boolean {
    return this.parts.views.get(marketId)?.derivatives.nextFundingSeconds === 0;
  }

  private async run(one: Perpetual, work: () => Promise<void>): Promise<void> {
    one.busy = true;
    try {
      await work();
    } catch (error) {
      this.parts.onError(error);
    }
    one.busy = false;
  }

  private async settle({ market, terms, derivatives }: Perpetual): Promise<void> {
    const ratePpb = rate(derivatives, terms);
    const { markTicks, nextFundingSeconds } = derivatives;
    const { quoteUnitsPerTickLot } = market;
    const fixed = { markTicks, quoteUnitsPerTickLot, ratePpb };
    const held = [...this.holders(market.id)];
    const sum = (pays: boolean): number =>
      held
        .filter(([, qtyLots]) => (qtyLots > 0 === ratePpb > 0) === pays)
        .reduce((total, [, qtyLots]) => total + fullFundingUnits(qtyLots, fixed), 0);
    await this.pay(held, {
      kind: 'FundingSettled',
      marketId: market.id,
      asset: market.quote.name,
      fundPortfolioId: this.parts.fundPortfolioId,
      intervalEndSeconds: nextFundingSeconds,
      nextSeconds: nextFundingSeconds + terms.intervalSeconds,
      ...fixed,
      payUnits: ratePpb === 0 ? 0 : sum(true),
      receiveUnits: ratePpb === 0 ? 0 : sum(false),
    });
  }

  /** A settlement that a crash cut short: the same terms for whoever is left. */
  private async goOn({ market, derivatives }: Perpetual): Promise<void> {
    const { openSettlement } = derivatives;
    if (openSettlement === undefined) return;
    const { settled, ...terms } = openSettlement;
    const done = new Set(settled);
    const left = [...this.holders(market.id)].filter(([portfolioId]) => !done.has(portfolioId));
    await this.pay(left, { kind: 'FundingSettled', ...terms });
  }

  private async pay(
    held: readonly (readonly [portfolioId: number, qtyLots: number])[],
    terms: Omit<FundingSettled, 'payments' | 'last'>,
  ): Promise<void> {
    const payments: FundingPayment[] = [];
    for (const [portfolioId, qtyLots] of held) {
      const units = fundingPaymentUnits(qtyLots, terms);
      if (units !== 0) payments.push([portfolioId, qtyLots, units]);
    }
    for (let at = 0; at === 0 || at < payments.length; at += PAYMENTS_PER_EVENT) {
      const some = payments.slice(at, at + PAYMENTS_PER_EVENT);
      const last = at + PAYMENTS_PER_EVENT >= payments.length;
      await this.parts.record({ ...terms, payments: some, last });
    }
  }

  private async skip({ market, terms, derivatives }: Perpetual, nowSeconds: number): Promise<void> {
    const fromSeconds = derivatives.nextFundingSeconds;
    const nextSeconds = nextEnd(nowSeconds, terms.intervalSeconds);
    const toSeconds = nextSeconds - terms.intervalSeconds;
    const kind = 'FundingSkipped';
    await this.parts.record({ kind, marketId: market.id, fromSeconds, toSeconds, nextSeconds });
  }

  /** Whoever has contracts here; cash portfolios own what they bought outright. */
  private *holders(marketId: number): Generator<readonly [number, number]> {
    for (const { id, kind, positions } of this.parts.ledger.portfolios.values()) {
      const qtyLots = positions.get(marketId)?.qtyLots ?? 0;
      if (kind !== 'cash' && qtyLots !== 0) yield [id, qtyLots];
    }
  }
}

function rate(
  { premiumSumPpb, premiumSamples }: Derivatives,
  { intervalSeconds, capPpb }: FundingTerms,
): number {
  const premium = premiumSamples === 0 ? 0 : Math.round(premiumSumPpb / premiumSamples);
  return fundingRatePpb(premium, intervalSeconds, capPpb);
}

/** The end of the interval that this second lies in. */
function nextEnd(seconds: number, intervalSeconds: number): number {
  return (Math.floor(seconds / intervalSeconds) + 1) * intervalSeconds;
}
