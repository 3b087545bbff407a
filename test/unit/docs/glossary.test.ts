import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readSettings } from '../../../src/config/settings.ts';
import { repositoryRoot } from '../../support/repository.ts';
import { sourceFiles, sourceText } from '../../support/source-files.ts';

const glossary = sourceText('docs/glossary.md');
const pages = readdirSync(join(repositoryRoot, 'docs')).filter((name) => name.endsWith('.md'));

/** Rows of the table under a heading, cell by cell. */
function tableUnder(title: string): string[][] {
  const [, rest = ''] = glossary.split(`## ${title}\n`);
  const lines = rest.split('\n## ')[0].split('\n');
  const rows = lines.filter((line) => line.startsWith('|')).slice(2);
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const SECTIONS = ['Trading', 'Who', 'How it runs', 'At the edge'];
const source = sourceFiles('src', 'workers').map(sourceText).join('\n');

describe('the glossary', () => {
  it('has each word once', () => {
    const words = SECTIONS.flatMap(tableUnder).flatMap(([word]) => word.split(', '));
    const twice = words.filter((word, i) => words.indexOf(word) !== i);
    assert.deepEqual(twice, []);
    assert.ok(words.length > 80);
  });

  it('names what is in the code', () => {
    for (const [word, , names = ''] of SECTIONS.flatMap(tableUnder)) {
      for (const [, name] of names.matchAll(/`([A-Za-z_][\w.]*)…?`/g)) {
        const parts = name.split('.');
        for (const part of parts) assert.ok(source.includes(part), `${word}: ${name}`);
      }
    }
  });

  it('names files and rooms that are there', () => {
    const paths = sourceFiles('src', 'workers');
    for (const [word, , names = ''] of SECTIONS.flatMap(tableUnder)) {
      for (const [, name] of names.matchAll(/`…?([\w/-]+(?:\.ts|\/))`/g)) {
        assert.ok(
          paths.some((path) => path.includes(name)),
          `${word}: ${name}`,
        );
      }
    }
  });

  it('is obeyed: words that were given up stand nowhere', () => {
    const given = tableUnder('Words we do not use').map(([words]) => words.replace(/ \(.*/, ''));
    const patterns = given
      .flatMap((words) => words.split(', '))
      .map((word) => new RegExp(`\\b${word}\\b`, 'i'));
    assert.ok(patterns.length > 8);
    const ours = [...sourceFiles('src', 'workers'), ...pages.map((name) => `docs/${name}`)];
    for (const path of [...ours, 'README.md']) {
      if (path === 'docs/glossary.md' || path === 'docs/adding-an-exchange.md') continue;
      // Surfaces and connectors speak as their documents do, a lexicon as the world does.
      const isForeign = /^src\/(?:feeds|live|sentiment|surfaces\/(?!native\/))/.test(path);
      if (isForeign) continue;
      const text = sourceText(path)
        .replaceAll(/```.*?```/gs, '')
        .replaceAll(/`[^`\n]*`/g, '');
      for (const pattern of patterns) assert.ok(!pattern.test(text), `${path}: ${pattern}`);
    }
  });
});

describe('settings', () => {
  it('are all explained', () => {
    const asked = new Set<string>();
    readSettings(
      new Proxy(
        {},
        {
          get: (_target, name) => {
            asked.add(String(name));
            return undefined;
          },
        },
      ),
    );
    const all = pages.map((name) => sourceText(`docs/${name}`)).join('\n');
    assert.ok(asked.size > 30);
    for (const name of asked)
      assert.ok(new RegExp(`\\b${name}\\b`).test(all), `a page explains ${name}`);
  });
});
