import { collectDefaultMetrics, type Metric, Registry } from 'prom-client';
import { Histogram } from './histogram.ts';

/**
 * Sums that the library names as counters although they fall, too, which Prometheus' own check
 * refuses; the same by type are there without the suffix.
 */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** A histogram kept by someone else, e.g. in memory shared with a worker. */
export interface HistogramSample {
  readonly labels?: Labels;
  /** Upper bounds, rising, without +Inf. */
  readonly bounds: readonly number[];
  /** One more than bounds; not cumulated. */
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}

interface Exported {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

/**
 * The venue's metrics. Parts of the gateway keep plain numbers and say here how to read them; they
 * are read when someone asks for the metrics, so counting costs nothing but the addition.
 */
export class Metrics {
  readonly registry = new Registry();

  /** @param processMetrics adds those of the process itself: CPU, memory, event loop, GC. */
  constructor(processMetrics = true) {
    if (!processMetrics) return;
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  /** A value that goes up and down. `read` gives its present samples, none while unknown. */
  gauge(name: string, help: string, read: () => Iterable<Sample>): void {
    this.add(name, help, 'gauge', () => plain(read()));
  }

  /** A value that only rises; its name ends in `_total`. */
  counter(name: string, help: string, read: () => Iterable<Sample>): void {
    this.add(name, help, 'counter', () => plain(read()));
  }

  /** A histogram that is kept elsewhere. */
  histogramSource(name: string, help: string, read: () => Iterable<HistogramSample>): void {
    this.add(name, help, 'histogram', () => [...read()].flatMap((sample) => buckets(name, sample)));
  }

  /** A histogram without labels to be filled by `observe`. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.histogramSource(name, help, () => [histogram]);
    return histogram;
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Prometheus text exposition format 0.0.4. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private add(name: string, help: string, type: string, read: () => Exported[]): void {
    const metric = {
      name,
      help,
      get: () => Promise.resolve({ name, help, type, values: read(), aggregator: 'sum' }),
      reset: () => undefined,
    };
    this.registry.registerMetric(metric as unknown as Metric<string>);
  }
}

function plain(samples: Iterable<Sample>): Exported[] {
  return Array.from(samples, ({ labels = {}, value }) => ({ labels, value }));
}

function buckets(name: string, { labels = {}, bounds, counts, sum }: HistogramSample): Exported[] {
  const values: Exported[] = [];
  let cumulated = 0;
  for (let i = 0; i <= bounds.length; i += 1) {
    cumulated += counts[i];
    const le = i < bounds.length ? String(bounds[i]) : '+Inf';
    values.push({ labels: { ...labels, le }, value: cumulated, metricName: `${name}_bucket` });
  }
  values.push({ labels, value: sum, metricName: `${name}_sum` });
  values.push({ labels, value: cumulated, metricName: `${name}_count` });
  return values;
}
