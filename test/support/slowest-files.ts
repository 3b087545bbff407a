import { writeSync } from 'node:fs';

/** What of an event of the test runner is needed here. */
interface RunnerEvent {
  readonly type: string;
  readonly data: {
    readonly nesting?: number;
    readonly file?: string;
    readonly details?: { readonly duration_ms?: number };
  };
}

/** Files named at the end of a run. */
const NAMED = 15;

const STANDARD_ERROR = 2;
const millisByFile = new Map<string, number>();

function report(): string {
  const slowest = [...millisByFile].sort(([, a], [, b]) => b - a);
  const seconds = (millis: number): string => (millis / 1000).toFixed(1).padStart(7);
  const total = slowest.reduce((sum, [, millis]) => sum + millis, 0);
  return [
    `\nseconds in tests, all ${slowest.length} files: ${seconds(total).trim()}; the slowest:`,
    ...slowest
      .slice(0, NAMED)
      .map(([file, millis]) => `${seconds(millis)}  ${file.replace(/^.*\/dist\//, '')}`),
    '',
  ].join('\n');
}

// With `--test-force-exit` the runner waits for no reporter that has more to say.
process.on('exit', () => writeSync(STANDARD_ERROR, report()));

/**
 * A reporter of `node --test` that says at the end which files took longest, so that somebody sees a
 * suite grow. Seconds are those of a file's tests alone; on a busy machine they say little.
 */
// biome-ignore lint/correctness/useYield: what it has to say it says at the very end
export default async function* slowestFiles(source: AsyncIterable<RunnerEvent>) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.nesting !== 0 || data.file === undefined) continue;
    const millis = data.details?.duration_ms ?? 0;
    millisByFile.set(data.file, (millisByFile.get(data.file) ?? 0) + millis);
  }
}
