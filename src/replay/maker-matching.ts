import { recordedId } from './action-sink.ts';
import type { PlaceAction } from './actions.ts';
import { type Counts, countOne } from './counts.ts';
import type { MakerMatches } from './report.ts';

/** Our book chose otherwise and nothing in the files says why. */
export const UNEXPLAINED = 'unexplained';
/** The maker was placed by the run that this one resumes: its name was told to that one. */
const PLACED_BEFORE_RESUME = 'placed_before_resume';
/** An order that the exchange let rest traded in our book. */
const RESTING_ORDER_TRADED = 'resting_order_traded';

/** Holds whom our book chose against whom the exchange chose, one aggressor after the other. */
export class MakerMatching {
  private matched = 0;
  private total = 0;
  private otherOrder = 0;
  private readonly exceptions: Counts = {};
  private readonly resumed: boolean;
  /** Client order id of every resting order of ours, by the engine's id. */
  private readonly names = new Map<number, string>();
  private readonly got = new Map<string, number>();
  private action: PlaceAction | null = null;
  private unnamed = 0;

  constructor(resumed: boolean) {
    this.resumed = resumed;
  }

  /** The engine took a command of ours in; what trades next is its doing. */
  begin(action: PlaceAction | null): void {
    this.action = action;
    this.unnamed = 0;
    this.got.clear();
  }

  name(orderId: number, clientOrderId: string): void {
    this.names.set(orderId, clientOrderId);
  }

  /** Client order id of a resting order of ours. */
  nameOf(orderId: number): string | undefined {
    return this.names.get(orderId);
  }

  forget(orderId: number): void {
    this.names.delete(orderId);
  }

  trade(makerOrderId: number, qtyLots: number): void {
    const name = this.names.get(makerOrderId);
    if (name === undefined) {
      this.unnamed += qtyLots;
      return;
    }
    const id = recordedId(name);
    this.got.set(id, (this.got.get(id) ?? 0) + qtyLots);
  }

  /** The command's last event has been seen. */
  end(): void {
    const { action, got, exceptions } = this;
    if (action === null) return;
    if (action.expected === null) {
      if (got.size + this.unnamed === 0) return;
      this.total += 1;
      countOne(exceptions, RESTING_ORDER_TRADED);
      return;
    }
    const inOrder = this.isInListedOrder(action);
    let unnamed = this.unnamed;
    for (const { id, qtyLots } of action.expected) {
      this.total += 1;
      if (got.get(id) === qtyLots) {
        if (action.exception !== null) {
          countOne(exceptions, action.exception);
          continue;
        }
        this.matched += 1;
        if (!inOrder) this.otherOrder += 1;
      } else if (this.resumed && unnamed >= qtyLots) {
        unnamed -= qtyLots;
        countOne(exceptions, PLACED_BEFORE_RESUME);
      } else {
        countOne(exceptions, UNEXPLAINED);
      }
    }
  }

  result(): MakerMatches {
    const { matched, total, otherOrder, exceptions } = this;
    return { matched, total, listed_in_other_order: otherOrder, exceptions };
  }

  private isInListedOrder({ expected }: PlaceAction): boolean {
    const chosen = [...this.got.keys()];
    return expected?.every(({ id }, i) => chosen[i] === id) ?? true;
  }
}
