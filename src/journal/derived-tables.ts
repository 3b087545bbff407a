import { isClosedStatus, OrderTracker, type TrackedOrder } from '../projections/order-tracker.ts';
import { type FrameViews, frameType } from '../rings/frame.ts';
import { OrderImageWriter, readOrderImage } from './order-image.ts';
import { type JournalStore, lastKey } from './store.ts';
import { isTradeRecord, TradeImageWriter } from './trade-image.ts';

/** Derives tables from frames; both calls are made inside the transaction of the frames' batch. */
export interface TableWriter {
  /** Takes one frame in, in journal order. */
  apply(views: FrameViews, at: number): void;
  /** Writes what the batch changed. */
  flush(): void;
}

/**
 * The tables `orders` and `trades`. An order is written once a batch, whatever happened to it in
 * the batch. Orders that were open before this object was made are read from the table when an
 * event first speaks of them, so nothing needs to be rebuilt at start.
 */
export class DerivedTables implements TableWriter {
  private readonly store: JournalStore;
  private readonly tracker: OrderTracker;
  private readonly orderImage = new OrderImageWriter();
  private readonly tradeImage = new TradeImageWriter();

  /** @param quoteUnitsPerTickLot of every market by its id */
  constructor(store: JournalStore, quoteUnitsPerTickLot: ReadonlyMap<number, number>) {
    this.store = store;
    const lastStoredOrderId = lastKey(store.orders);
    this.tracker = new OrderTracker(quoteUnitsPerTickLot, (orderId) =>
      orderId > lastStoredOrderId ? undefined : this.loadOpen(orderId),
    );
  }

  apply(views: FrameViews, at: number): void {
    this.tracker.apply(views, at);
    if (!isTradeRecord(frameType(views.i32[(at + 4) >>> 2]))) return;
    this.tradeImage.write(views, at);
    this.store.trades.putSync(this.tradeImage.key, this.tradeImage.value);
  }

  flush(): void {
    // In the table's order: neighbours share pages, and a page is then written once, in one run.
    const changed = [...this.tracker.takeChanged()].sort((a, b) => a.orderId - b.orderId);
    for (const order of changed) {
      this.store.orders.putSync(order.orderId, this.orderImage.write(order));
    }
  }

  private loadOpen(orderId: number): TrackedOrder | undefined {
    const image = this.store.orders.getBinaryFast(orderId);
    if (image === undefined) return undefined;
    const order = readOrderImage(orderId, image);
    return isClosedStatus(order.status) ? undefined : order;
  }
}
