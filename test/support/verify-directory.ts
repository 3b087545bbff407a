import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readClientId } from '../../src/codec/commands.ts';
import * as R from '../../src/codec/records.ts';
import { readVenueEvent } from '../../src/gateway/venue-log.ts';
import { readFrames } from '../../src/journal/recovery.ts';
import { openStore } from '../../src/journal/store.ts';
import { LedgerAudit } from '../../src/ledger/audit.ts';
import { frameType } from '../../src/rings/frame.ts';

const CLI = fileURLToPath(new URL('../../src/cli.js', import.meta.url));

/** `openbell verify`: commands matched again, state hashes, derived tables, checksums. */
export function assertVerified(directory: string, where: string): void {
  const args = [CLI, 'verify', '--data-dir', directory, '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout);
  assert.deepEqual([report.ok, report.problems], [true, []], where);
}

/**
 * Reads the journal's records themselves: no client order id of a portfolio was ever placed twice
 * and, where the journal still goes back to its first batch, no money was made or lost (elsewhere
 * `openbell verify` says so, which knows the snapshots).
 */
export async function assertConserved(directory: string, where: string): Promise<void> {
  const store = openStore(directory, { readOnly: true, durability: 'commit' });
  try {
    const [first = 1] = store.batches.getKeys({ start: 0, limit: 1 });
    const isWhole = first === 1;
    const audit = new LedgerAudit();
    const placed = new Set<string>();
    readFrames(store, isWhole ? undefined : { batch: first }, (views, at) => {
      const type = frameType(views.i32[(at + 4) >>> 2]);
      if (isWhole && type === R.VENUE_EVENT) audit.venueEvent(readVenueEvent(views, at));
      else if (isWhole) audit.marketRecord(views, at);
      if (type !== R.PLACE_ORDER) return;
      const id = readClientId(views.u8, at + R.PLACE_CLIENT_ID_LENGTH, at + R.PLACE_CLIENT_ID);
      if (id === '') return;
      const name = `${views.i32[(at + R.COMMAND_PORTFOLIO_ID) >>> 2]}/${id}`;
      assert.ok(!placed.has(name), `${name} was placed twice: ${where}`);
      placed.add(name);
    });
    assert.deepEqual(audit.end(), [], where);
  } finally {
    await store.close();
  }
}
