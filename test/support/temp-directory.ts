import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** An empty directory that its owner removes. */
export function openTemporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'openbell-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An empty directory that is removed when the test is over. */
export function temporaryDirectory(context: TestContext): string {
  const { path, remove } = openTemporaryDirectory();
  context.after(remove);
  return path;
}
