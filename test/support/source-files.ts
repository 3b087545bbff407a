import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { repositoryRoot } from './repository.ts';

/** The text of a file of the repository. */
export function sourceText(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** Our own TypeScript below some folders, by paths from the repository's root; nothing generated. */
export function sourceFiles(...folders: string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
        join(folder, path),
      ),
    )
    .filter((path) => path.endsWith('.ts') && !path.includes('/generated/'))
    .sort();
}

/** `import … from './x.ts'`, `export … from './x.ts'` and `import('./x.ts')`. */
const FROM = /(?:^|\n)(?:import|export)\s+(?!type\b)([^;'"]*?)\s*from\s+'(\.[^']+)'/g;
const BARE = /(?:^|\n)import\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

/** True when an import's names are types only, which no thread ever runs. */
function namesTypesOnly(names: string): boolean {
  const inner = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  const each = inner.split(',').map((name) => name.trim());
  return each.every((name) => name === '' || name.startsWith('type '));
}

/** Files of the repository that a file makes run by importing them. */
function importsOf(path: string): string[] {
  const text = sourceText(path);
  const specifiers = [...text.matchAll(FROM)]
    .filter(([, names]) => !namesTypesOnly(names))
    .map(([, , specifier]) => specifier);
  for (const [, direct, later] of text.matchAll(BARE)) specifiers.push(direct ?? later);
  return specifiers
    .map((specifier) => normalize(join(dirname(path), specifier)))
    .filter((target) => existsSync(join(repositoryRoot, target)));
}

/** All files that run in a thread with this entry, the entry included. */
export function reachableFrom(entry: string): ReadonlySet<string> {
  const found = new Set([entry]);
  for (const path of found) for (const target of importsOf(path)) found.add(target);
  return found;
}

/** Threads by name with all files that run in them: the gateway's, and one for each worker. */
export function threadFiles(): ReadonlyMap<string, ReadonlySet<string>> {
  const threads = new Map([['gateway', reachableFrom('src/main.ts')]]);
  for (const path of sourceFiles('workers')) {
    const [, name] = /^workers\/(?:jobs\/)?([\w-]+)\.ts$/.exec(path) ?? ['', path];
    const thread = path.startsWith('workers/jobs/') ? 'jobs' : name;
    const before = threads.get(thread) ?? new Set<string>();
    threads.set(thread, new Set([...before, ...reachableFrom(path)]));
  }
  return threads;
}

/** Cells of the Markdown table between `<!-- name -->` and `<!-- /name -->`, without its head. */
export function markdownTable(text: string, name: string): string[][] {
  const [, inside = ''] = text.split(new RegExp(`<!-- /?${name} -->`));
  return inside
    .trim()
    .split('\n')
    .map((line) => line.replaceAll(/^\||\|$/g, '').split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter((cells) => cells.length > 1 && !/^:?-+:?$/.test(cells[0]));
}
