import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sourceFiles, sourceText } from '../../support/source-files.ts';

/** Rooms whose outcome follows from what they are given: time and chance come in as arguments. */
const ROOMS = [
  'codec',
  'domain',
  'features',
  'ledger',
  'matching',
  'projections',
  'simulation',
  'strategies',
];
/** A thread has a loop, and its proxy a life on the gateway; what they drive has neither. */
const AT_THE_EDGE = /-(?:thread|proxy)\.ts$/;
const OUTSIDE =
  /\b(?:Date\.now|new Date\(\)|performance\.now|process\.hrtime|Math\.random|random(?:Bytes|UUID|Int)|setTimeout|setInterval|fetch)\b|from 'node:(?:fs|net|http|dgram|child_process|timers)[^']*'/;

it('matching, ledger, features and what follows from events read no clock, no chance and no file', () => {
  const paths = sourceFiles(...ROOMS.map((room) => `src/${room}`));
  assert.ok(paths.length > 100);
  for (const path of paths.filter((name) => !AT_THE_EDGE.test(name))) {
    const found = OUTSIDE.exec(sourceText(path))?.[0];
    assert.equal(found, undefined, path);
  }
});
