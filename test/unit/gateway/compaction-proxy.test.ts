import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { verifyAll } from '../../../src/cli/verification.ts';
import type { CompactionReport } from '../../../src/gateway/compaction.ts';
import { CompactionProxy } from '../../../src/gateway/compaction-proxy.ts';
import type { JournalProxy } from '../../../src/journal/journal-proxy.ts';
import type { MaintenanceWork } from '../../../src/journal/maintenance.ts';
import { listSnapshots } from '../../../src/journal/snapshots.ts';
import { MachineJournal } from '../../support/machine-journal.ts';
import { shippedMarkets } from '../../support/markets.ts';
import { eventually } from '../../support/server-process.ts';
import { temporaryDirectory } from '../../support/temp-directory.ts';

const MARKETS = shippedMarkets().all.slice(0, 2);

interface Setup {
  readonly made: MachineJournal;
  readonly proxy: CompactionProxy;
  readonly reports: CompactionReport[];
  readonly failures: Error[];
}

/** A proxy whose journal is a committer in this thread; `before` may refuse its work. */
function setUp(
  t: TestContext,
  options: { directory?: string; before?: (work: MaintenanceWork) => void; seconds?: number },
): Setup {
  const directory = temporaryDirectory(t);
  const made = new MachineJournal(directory, MARKETS, { seed: 3 });
  const reports: CompactionReport[] = [];
  const failures: Error[] = [];
  const journal = {
    metrics: {
      get bytes(): number {
        return made.bytes;
      },
    },
    failure: undefined,
    maintain: async (work: MaintenanceWork) => {
      options.before?.(work);
      made.maintain(work);
    },
  };
  const proxy = new CompactionProxy({
    journal: journal as unknown as JournalProxy,
    directory: options.directory ?? directory,
    markets: MARKETS,
    retention: { snapshots: 2, simulatedOrders: 100, simulatedTradesPerMarket: 10 },
    snapshotIntervalBytes: 200_000,
    snapshotIntervalSeconds: options.seconds ?? 3600,
    bytesBehind: 0,
    onReport: (report) => reports.push(report),
    onFailure: (error) => failures.push(error),
  });
  t.after(async () => {
    await proxy.stop();
    await made.close();
  });
  return { made, proxy, reports, failures };
}

describe('CompactionProxy', () => {
  it('takes a snapshot in a thread of its own when enough was committed', async (t) => {
    const { made, reports, failures } = setUp(t, {});
    made.run(300);
    assert.ok(made.bytes < 200_000);
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(reports.length, 0, 'nothing is due yet');
    made.run(1500);
    const report = await eventually('a snapshot', () => reports[0]);
    assert.equal(report.records, made.records);
    assert.equal(listSnapshots(made.store)[0].batch, report.batch);
    assert.deepEqual(failures, []);
  });

  it('takes one when time is up and anything happened', async (t) => {
    const { made, reports } = setUp(t, { seconds: 0.5 });
    made.run(50);
    await eventually('a snapshot', () => reports[0]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(reports.length, 1, 'nothing happened since');
  });

  it('tells of a run that failed, and tries again', async (t) => {
    let isBroken = true;
    const before = (): void => {
      if (isBroken) throw new Error('the journal has ended');
    };
    const { made, proxy, reports, failures } = setUp(t, { before });
    made.run(200);
    await proxy.runNow();
    assert.match(failures[0].message, /the journal has ended/);
    isBroken = false;
    await proxy.runNow();
    assert.equal(reports.length, 1);
    assert.equal(failures.length, 1);
  });

  it('tells of a directory that cannot be read', async (t) => {
    const { proxy, failures } = setUp(t, { directory: temporaryDirectory(t) });
    await proxy.runNow();
    assert.match(failures[0].message, /there is no journal in/);
  });

  it('ends a run that is under way, and leaves a sound journal', async (t) => {
    const setup = setUp(t, { before: () => void setup.proxy.stop() });
    setup.made.run(2000);
    await setup.proxy.runNow();
    await setup.proxy.stop();
    assert.deepEqual([setup.reports, setup.failures], [[], []]);
    setup.made.run(10);
    assert.deepEqual(verifyAll(setup.made.store).problems, []);
  });
});
