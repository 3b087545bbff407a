/** A trade, or something bought elsewhere. */
export interface Fill {
  readonly symbol: string;
  /** Negative for a sale. */
  readonly quantity: number;
  readonly price: number;
}

const MICRO = 1_000_000n;

function micros(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6));
}

function amount(units: bigint): number {
  return Number(units) / 1e6;
}

/** Nearest with four decimals, halves away from zero. */
function percent(part: bigint, whole: bigint): number {
  return Math.round((Number(part) / Number(whole)) * 1e6) / 1e4;
}

/**
 * What a cash portfolio in dollars must come to, told in a few lines of big integers: average cost,
 * and a day on which nothing was held before. Shares no code with the server.
 */
export class PortfolioModel {
  readonly holdings: Fill[] = [];
  private cash: bigint;
  private readonly initial: bigint;
  private readonly traded = new Map<string, { quantity: bigint; cost: bigint }>();
  private recordedCost = 0n;

  constructor(initialCash: number) {
    this.cash = micros(initialCash);
    this.initial = this.cash;
  }

  pay(fee: number): void {
    this.cash -= micros(fee);
  }

  fill({ symbol, quantity, price }: Fill): void {
    const paid = BigInt(quantity) * micros(price);
    this.cash -= paid;
    const position = this.traded.get(symbol) ?? { quantity: 0n, cost: 0n };
    this.traded.set(symbol, position);
    if (quantity > 0) position.cost += paid;
    else position.cost += (position.cost * BigInt(quantity)) / position.quantity;
    position.quantity += BigInt(quantity);
  }

  record(holding: Fill): void {
    this.holdings.push(holding);
  }

  /** @param prices of the newest trades */
  valued(prices: Readonly<Record<string, number>>) {
    const lines = [...this.traded].map(([symbol, { quantity, cost }]) => ({
      symbol,
      source: 'orders',
      quantity,
      cost,
    }));
    this.recordedCost = 0n;
    for (const { symbol, quantity, price } of this.holdings) {
      const cost = BigInt(quantity) * micros(price);
      this.recordedCost += cost;
      lines.push({ symbol, source: 'recorded', quantity: BigInt(quantity), cost });
    }
    const values = lines.map(({ symbol, quantity }) => quantity * micros(prices[symbol]));
    const positionsValue = values.reduce((sum, value) => sum + value, 0n);
    const total = this.cash + positionsValue;
    // Everything was bought today: what there is more than there was has been made today.
    const change = total - this.initial - this.recordedCost;
    const positions = lines.map(({ symbol, source, quantity, cost }, i) => {
      const gain = values[i] - cost;
      return {
        symbol,
        source,
        quantity: Number(quantity),
        avg_cost: Number((cost * 100n + quantity / 2n) / quantity) / 1e8,
        current_price: prices[symbol],
        market_value: amount(values[i]),
        unrealized_pnl: amount(gain),
        unrealized_pnl_percent: percent(gain, cost),
        day_change:
          source === 'recorded' ? amount(gain) : amount(change - this.recordedGain(prices)),
        weight: percent(values[i], total),
      };
    });
    return {
      portfolio: {
        kind: 'cash',
        currency: 'USD',
        total_value: amount(total),
        cash_balance: amount(this.cash),
        available_cash: amount(this.cash),
        positions_value: amount(positionsValue),
        day_change: amount(change),
        day_change_percent: change === 0n ? 0 : percent(change, total - change),
        positions_count: lines.length,
      },
      positions,
    };
  }

  private recordedGain(prices: Readonly<Record<string, number>>): bigint {
    return this.holdings.reduce(
      (sum, { symbol, quantity, price }) =>
        sum + BigInt(quantity) * (micros(prices[symbol]) - micros(price)),
      0n * MICRO,
    );
  }
}
