import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ServerProcess } from '../support/server-process.ts';
import { sourceText } from '../support/source-files.ts';

describe('the metrics of a started server', () => {
  let directory = '';
  let server: ServerProcess;
  /** Type by name, of our own. */
  const types = new Map<string, string>();

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'openbell-metrics-'));
    server = await ServerProcess.start(join(directory, 'data'), {
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '0',
      OPENBELL_SIMULATION_HISTORY: 'off',
    });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    for (const [, name, type] of text.matchAll(/^# TYPE ((?:openbell|flashmm)_\w+) (\w+)$/gm)) {
      types.set(name, type);
    }
    assert.ok(types.size > 50, 'a server has metrics');
  });

  after(async () => {
    await server?.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  });

  it('are all explained', () => {
    const page = sourceText('docs/troubleshooting.md');
    const listed = new Set(Array.from(page.matchAll(/^\| `(\w+)` \|/gm), ([, name]) => name));
    for (const name of types.keys()) assert.ok(listed.has(name), `${name} has a row`);
  });

  it('end in _total where they count, and nowhere else', () => {
    for (const [name, type] of types) {
      assert.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`);
    }
  });

  it('measure time in seconds and memory in bytes', () => {
    for (const name of types.keys()) {
      assert.doesNotMatch(
        name,
        /_(?:ms|millis|milliseconds|micros|us|minutes|kb|kib|mb|mib)(?:_|$)/,
      );
    }
  });
});
