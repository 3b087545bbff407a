import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { recordingPath } from './recordings.ts';

interface Bundle {
  readonly rest: readonly {
    readonly fixture: string;
    readonly path: string;
    readonly response: unknown;
  }[];
}

/** The body of a REST reply in one of the `jkorf-*` bundles, by the beginning and end of its name. */
export function vendorReply(bundle: string, group: string, name: string): unknown {
  const { rest } = readResponses(`jkorf-${bundle}.json`) as Bundle;
  const found = rest.find(
    ({ fixture }) => fixture.startsWith(group) && fixture.endsWith(`/${name}.txt`),
  );
  assert.ok(found !== undefined, `${group} ${name} is not in jkorf-${bundle}.json`);
  return found.response;
}

export function readResponses(name: string): unknown {
  return JSON.parse(readFileSync(recordingPath(`responses/${name}`), 'utf8'));
}
