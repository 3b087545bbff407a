/**
 * Where the simulated traders' commands go. Each method returns false when there is no room and
 * nothing was sent: the trader gives up for this tick.
 */
export interface OrderSink {
  place(
    marketId: number,
    portfolioId: number,
    clientOrderId: string,
    side: number,
    orderType: number,
    tif: number,
    priceTicks: number,
    qtyLots: number,
  ): boolean;

  cancel(marketId: number, portfolioId: number, clientOrderId: string): boolean;

  /** Moves an order to a price and makes what remains of it this quantity. */
  amend(
    marketId: number,
    portfolioId: number,
    clientOrderId: string,
    priceTicks: number,
    remainingLots: number,
  ): boolean;
}
