// Import direction and sizes, by scripts/rooms.mjs. Prints what is wrong, one line each.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';
import { FILE_LINES_MAX, LONG_FILES, MEDIAN_LINES_MAX, ROOMS } from './rooms.mjs';

const root = resolve(import.meta.dirname, '..');
const order = Object.keys(ROOMS);
const problems = [];

/** The room of a file, by its path from the root. */
function roomOf(file) {
  const [top, first, ...deeper] = file.split('/');
  if (top !== 'src') return top;
  if (deeper.length === 0) return 'composition';
  return first === 'surfaces' && deeper.length > 1 ? `surfaces/${deeper[0]}` : first;
}

/** The line of the table that speaks of a room. */
const lineOf = (room) => (room.startsWith('surfaces/') ? 'surfaces/*' : room);

/** Every relative import, types and re-exports included, as paths from the root. */
function importsOf(file, text) {
  const { module } = parseSync(file, text);
  const dynamic = module.dynamicImports.map(({ moduleRequest: { start, end } }) =>
    text.slice(start + 1, end - 1),
  );
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
  ];
  return [...new Set([...named, ...dynamic])]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(root, join(root, dirname(file), specifier)));
}

function mayImport(from, to) {
  const allowed = ROOMS[lineOf(from)];
  return allowed === 'everything' || allowed.includes(to) || allowed.includes(lineOf(to));
}

function checkTable() {
  for (const [room, allowed] of Object.entries(ROOMS)) {
    if (allowed === 'everything') continue;
    for (const name of allowed) {
      const at = order.indexOf(lineOf(name));
      if (at < 0) problems.push(`scripts/rooms.mjs: ${room} names ${name}, which is no room`);
      // The command line starts the composition, and is no part of it.
      else if (at >= order.indexOf(room) && name !== 'composition') {
        problems.push(`scripts/rooms.mjs: ${room} names ${name}, which stands below it`);
      }
    }
  }
}

const lengths = [];
let imports = 0;

function checkFile(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n').length - 1;
  if (!file.startsWith('schemas/')) lengths.push(lines);
  if (lines > FILE_LINES_MAX && !(file in LONG_FILES)) {
    problems.push(
      `${file} has ${lines} lines; ${FILE_LINES_MAX} at most, or a reason in LONG_FILES`,
    );
  }
  const from = roomOf(file);
  if (!(lineOf(from) in ROOMS)) {
    problems.push(`${file}: room ${from} has no line in scripts/rooms.mjs`);
    return;
  }
  for (const target of importsOf(file, text)) {
    const to = roomOf(target);
    imports += 1;
    if (from !== to && !mayImport(from, to)) {
      const allowed = ROOMS[lineOf(from)].join(', ') || 'nothing';
      problems.push(`${file} imports ${target}: ${from} may import ${allowed}`);
    }
  }
}

checkTable();
for (const top of ['src', 'schemas', 'workers']) {
  for (const name of readdirSync(join(root, top), { recursive: true })) {
    const file = join(top, name);
    if (file.endsWith('.ts') && !file.includes('/generated/')) checkFile(file);
  }
}
for (const file of Object.keys(LONG_FILES)) {
  const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
  if (lines <= FILE_LINES_MAX) problems.push(`${file} is short again: take it out of LONG_FILES`);
}
const median = lengths.sort((a, b) => a - b)[Math.floor(lengths.length / 2)];
if (median > MEDIAN_LINES_MAX) problems.push(`the median file has ${median} lines`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(
  `structure: ${imports} imports, none against its direction; ` +
    `${lengths.length} files, median ${median} lines, longest but ${Object.keys(LONG_FILES).length} ` +
    `${lengths.filter((lines) => lines <= FILE_LINES_MAX).at(-1)}`,
);
