import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repositoryRoot } from '../support/repository.ts';
import { ServerProcess } from '../support/server-process.ts';
import { openTemporaryDirectory } from '../support/temp-directory.ts';

const deploy = join(repositoryRoot, 'deploy');
const dashboard = readFileSync(join(deploy, 'grafana/openbell.json'), 'utf8');
const rules = readFileSync(join(deploy, 'prometheus/alerts.yml'), 'utf8');
const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
const skip = hasPromtool ? false : 'promtool (Debian package prometheus) is not installed';
/** Names in expressions that are no metrics: what Prometheus itself adds. */
const PROMETHEUS_OWN = new Set(['up']);

/** Names of metrics in PromQL: our own families, those of the process, and `up`. */
function metricsIn(text: string): Set<string> {
  const names = text.match(/\b(?:openbell|flashmm|process|nodejs)_\w+|\bup(?=\{)/g) ?? [];
  return new Set(names);
}

describe('what lies in deploy/', () => {
  const directory = openTemporaryDirectory();
  let server: ServerProcess;
  let exposition = '';
  before(async () => {
    server = await ServerProcess.start(join(directory.path, 'data'), {
      OPENBELL_MARKET_MAKER: 'on',
    });
    const client = await server.login();
    await client.get('/api/v1/trading/status');
    exposition = await (await fetch(`${server.url}/metrics`)).text();
  });
  after(async () => {
    await server?.end('SIGKILL');
    directory.remove();
  });

  it('names metrics that a server exports, and no others', () => {
    const types = new Map<string, string>();
    for (const [, name, type] of exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm))
      types.set(name, type);
    const isExported = (name: string): boolean => {
      const family = name.replace(/_(bucket|sum|count)$/, '');
      return types.has(name) || types.get(family) === 'histogram' || PROMETHEUS_OWN.has(name);
    };
    const { panels } = JSON.parse(dashboard) as {
      panels: { title: string; targets?: { expr: string }[] }[];
    };
    const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(expressions.length > 20);
    for (const expression of expressions) {
      const named = metricsIn(expression);
      assert.ok(named.size > 0, expression);
      for (const name of named) assert.ok(isExported(name), `dashboard: ${name}`);
    }
    const alerted = metricsIn(rules.replaceAll(/^\s+(summary|- alert):.*$/gm, ''));
    assert.ok(alerted.size > 10);
    for (const name of alerted) assert.ok(isExported(name), `alerts: ${name}`);
  });

  it('has panels and alerts that are told apart', () => {
    const { panels } = JSON.parse(dashboard) as { panels: { id: number; title: string }[] };
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    assert.equal(new Set(alerts).size, alerts.length);
  });

  it('promtool finds nothing wrong with the metrics', { skip }, () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: exposition,
      encoding: 'utf8',
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.equal(`${stdout}${stderr}`, '');
  });

  it('promtool takes the rules and the configuration', { skip }, () => {
    const cwd = join(deploy, 'prometheus');
    for (const args of [
      ['check', 'rules', 'alerts.yml'],
      ['check', 'config', 'prometheus.yml'],
    ]) {
      const { status, stderr, stdout } = spawnSync('promtool', args, { cwd, encoding: 'utf8' });
      assert.equal(status, 0, `${stdout}${stderr}`);
    }
  });
});
