import type { Logger } from 'pino';
import { Piscina } from 'piscina';
import type { MarketRegistry } from './config/markets.ts';
import type { Settings } from './config/settings.ts';
import { StoredBars } from './journal/bar-queries.ts';
import type { JournalProxy } from './journal/journal-proxy.ts';
import type { JournalStore } from './journal/store.ts';
import type { MarketViews } from './projections/market-view.ts';
import { keepBars } from './server-bars.ts';
import { type HistoryTask, historyEndAt } from './simulation/history.ts';
import { historyRates, isSimulated } from './simulation/market-profile.ts';

export interface HistoryParts {
  readonly settings: Settings;
  readonly markets: MarketRegistry;
  readonly views: MarketViews;
  readonly store: JournalStore;
  readonly journal: JournalProxy;
  readonly log: Logger;
  /** When this process began to take trades. */
  readonly startedAtMs: number;
}

const JOB = new URL('../workers/jobs/history.js', import.meta.url).href;

/**
 * Makes the past of simulated markets that have none, one base asset after the other, in a job
 * beside the venue: bars are made there, written by the journal thread in small portions, and count
 * from the moment in which all of a market's are durable. A start that finds unfinished ones makes
 * them anew.
 */
export class HistoryMaker {
  private readonly parts: HistoryParts;
  private readonly stored: StoredBars;
  private readonly pool: Piscina;
  private readonly done: Promise<void>;
  private stopping = false;

  private constructor(parts: HistoryParts, tasks: readonly Task[]) {
    this.parts = parts;
    this.stored = new StoredBars(parts.store);
    this.pool = new Piscina({
      filename: JOB,
      minThreads: 1,
      maxThreads: 1,
      maxQueue: tasks.length,
      recordTiming: false,
    });
    this.done = this.run(tasks);
  }

  /** Starts it when there is something to make; nobody waits for it. */
  static start(parts: HistoryParts): HistoryMaker | undefined {
    const tasks = tasksOf(parts);
    return tasks.length === 0 ? undefined : new HistoryMaker(parts, tasks);
  }

  /**
   * Ends it after the asset under way: the next start makes what is missing. Before the journal ends.
   * The job's thread is never cut off, because Node aborts the whole process when that happens while
   * the thread loads its modules.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  private async run(tasks: readonly Task[]): Promise<void> {
    const { log, journal, views } = this.parts;
    const ask = (work: () => Promise<void>): Promise<void> => this.maintain(work);
    const keeper = { journal, views, stored: this.stored, ask };
    const startMs = performance.now();
    let bars = 0;
    try {
      for (const task of tasks) {
        if (this.stopping) break;
        const made = (await this.pool.run(task)) as Float64Array<ArrayBuffer>[][];
        for (const [i, { market, endSeconds }] of task.markets.entries()) {
          bars += await keepBars(keeper, market.id, endSeconds, made[i]);
        }
      }
      const seconds = Math.round(performance.now() - startMs) / 1000;
      if (!this.stopping) log.info({ bars, seconds }, 'simulated history generated');
    } catch (error) {
      if (!this.stopping) log.error({ err: error }, 'simulated history was not generated');
    }
    await this.pool.destroy();
  }

  private maintain(ask: () => Promise<void>): Promise<void> {
    if (this.stopping) return Promise.reject(new Error('the server stops'));
    return ask();
  }
}

type Task = HistoryTask & { readonly calendar: object | null };

/** One task for the markets of one asset that have the same calendar. */
function tasksOf({ settings, markets, store, startedAtMs }: HistoryParts): Task[] {
  const { simulationSeed: seed, simulationHistory, simulationOrdersPerSecond } = settings;
  if (simulationHistory === 'off' || simulationOrdersPerSecond === 0) return [];
  const active = markets.all.filter(isSimulated);
  const rates = historyRates(active, simulationOrdersPerSecond);
  const stored = new StoredBars(store);
  const tasks = new Map<string, Task & { markets: HistoryTask['markets'][number][] }>();
  for (const market of active) {
    if (stored.generatedEnd(market.id) !== undefined) continue;
    const { calendar } = markets.opening(market);
    const key = `${market.base.name} ${calendar.name}`;
    const task = tasks.get(key) ?? {
      asset: {
        name: market.base.name,
        group: market.assetClass === 'equity' ? 'equity' : 'crypto',
        annualVolatility: market.reference.annualVolatility ?? 0,
      },
      markets: [],
      seed,
      calendar: calendar.entry,
    };
    tasks.set(key, task);
    // All trades of this process come after its start; of former ones the journal knows the first.
    const firstSeconds = stored.firstSeconds(market.id) ?? Math.floor(startedAtMs / 1000);
    const endSeconds = historyEndAt(firstSeconds);
    task.markets.push({ market, endSeconds, ...rates.get(market)! });
  }
  return [...tasks.values()];
}
