import { resultName } from '../domain/result-codes.ts';
import type { Metrics, Sample } from '../metrics/metrics.ts';
import type { OrderReply } from './venue.ts';

type Done = (reply: OrderReply) => void;

/** How often one kind of request came to which result. */
class ResultCounts {
  private readonly counts = new Map<number, number>();

  add(code: number): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
  }

  /** `done`, counted when it is called. */
  counting(done: Done): Done {
    return (reply) => {
      this.add(reply.code);
      done(reply);
    };
  }

  samples(): Sample[] {
    return [...this.counts].map(([code, value]) => ({
      labels: { result: resultName(code) },
      value,
    }));
  }
}

/** What became of clients' orders, cancels and amendments since the start, by result code. */
export class OrderOutcomes {
  readonly placed = new ResultCounts();
  readonly cancelled = new ResultCounts();
  readonly amended = new ResultCounts();

  registerMetrics(metrics: Metrics): void {
    metrics.counter('openbell_orders_total', 'Orders of clients by result code', () =>
      this.placed.samples(),
    );
    metrics.counter('openbell_cancels_total', 'Cancels of clients by result code', () =>
      this.cancelled.samples(),
    );
    metrics.counter('openbell_amendments_total', 'Amendments of clients by result code', () =>
      this.amended.samples(),
    );
  }
}
