import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { repositoryRoot } from '../support/repository.ts';
import { surveyReports } from '../support/survey-command.ts';
import { type SurveyMessage, writeOrderFile } from '../support/survey-messages.ts';
import { temporaryDirectory } from '../support/temp-directory.ts';

/** `new 1 sell 5 at 100`, `modify 2 buy 7 at 101`, `cancel 1` as in docs/replay.md. */
function readMessage(line: string): SurveyMessage {
  const [kind, id, sideName, qty, , price] = line.split(' ');
  if (kind === 'cancel') return { kind, id: Number(id) };
  const side = sideName === 'buy' ? 0 : 1;
  const terms = { id: Number(id), side, qty: Number(qty), price: Number(price) } as const;
  assert.ok(kind === 'new' || kind === 'modify', line);
  return kind === 'new' ? { kind, ...terms, ioc: false } : { kind, ...terms };
}

it('the worked example of docs/replay.md is what the command does', async (context) => {
  const docs = readFileSync(join(repositoryRoot, 'docs', 'replay.md'), 'utf8');
  const example =
    /for example\n\n```\n(.*?)\n```\n\nmake\n\n```\n(.*?)\n```\n\n.*?`([0-9a-f]{64})`/s;
  const [, messages, reports, sha256] = example.exec(docs) ?? assert.fail('no example in the docs');
  const path = join(temporaryDirectory(context), 'example.bin');
  writeOrderFile(path, messages.split('\n').map(readMessage));
  const { report, text } = await surveyReports(path);
  assert.equal(text, reports);
  assert.equal(report.sha256, sha256);
  assert.deepEqual([report.resting_orders, report.best_bid, report.best_ask], [1, 101, null]);
});
