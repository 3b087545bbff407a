import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allSurfaces, SURFACES } from '../../../src/surfaces/all.ts';
import { repositoryRoot } from '../../support/repository.ts';

const names = SURFACES.map(({ name }) => name);

test('every folder of a surface is registered under its name, and no other is', () => {
  const entries = readdirSync(join(repositoryRoot, 'src/surfaces'), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual([...names].sort(), folders.sort());
});

test('what a surface is called over HTTP is its own name', () => {
  const withRequests = SURFACES.filter(({ http }) => http !== undefined);
  assert.deepEqual(
    allSurfaces().map(({ name }) => name),
    withRequests.map(({ name }) => name),
  );
});

test('no two sockets share a label or a path', () => {
  const sockets = SURFACES.flatMap((surface) => surface.sockets);
  for (const member of ['name', 'path'] as const) {
    const all = sockets.map((socket) => socket[member]);
    assert.deepEqual(all, [...new Set(all)]);
  }
});
