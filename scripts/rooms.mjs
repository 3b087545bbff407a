/**
 * The rooms of Openbell, from the inside to the outside, and what each may import. A room imports
 * only rooms that stand above it here, and of those only the ones its line names, types included;
 * so there is no circle of rooms. A new room is a line; whoever uses it names it in its own.
 *
 * A room is a folder of `src`, or `schemas` or `workers`. `surfaces/*` is each surface for itself:
 * none imports another. `surfaces` is the file that lists them, `composition` the files that lie
 * directly in `src` and put everything together.
 */
export const ROOMS = {
  // The vocabulary: no I/O, no clock, no thread.
  domain: [],
  lib: [],
  schemas: [],
  rings: ['lib'],
  codec: ['domain', 'lib', 'rings'],

  // The core: pure over records; knows no JSON, no LMDB and no surface.
  features: ['domain', 'lib', 'rings', 'codec'],
  config: ['domain', 'lib', 'codec', 'features'],
  matching: ['domain', 'lib', 'rings', 'codec', 'config'],
  ledger: ['domain', 'lib', 'rings', 'codec', 'config'],
  projections: ['domain', 'lib', 'rings', 'codec', 'features'],
  risk: ['domain', 'lib', 'features'],

  // What works beside the core.
  identity: ['domain', 'lib'],
  metrics: ['lib'],
  jobs: ['domain', 'lib', 'metrics'],
  journal: ['domain', 'lib', 'rings', 'codec', 'features', 'config', 'projections'],
  simulation: ['domain', 'lib', 'rings', 'codec', 'features', 'config', 'projections'],
  strategies: ['domain', 'lib', 'rings', 'codec', 'features', 'config', 'ledger', 'projections'],
  feeds: ['domain', 'lib', 'rings', 'codec', 'config', 'metrics'],
  live: ['domain', 'lib', 'rings', 'codec', 'config', 'features', 'projections', 'feeds'],
  replay: ['domain', 'lib', 'rings', 'codec', 'config', 'matching', 'projections', 'feeds'],
  forecasts: ['domain', 'lib', 'features', 'jobs', 'risk'],
  sentiment: ['domain', 'lib', 'jobs', 'metrics'],
  inference: ['domain', 'lib', 'rings', 'codec', 'config', 'features', 'metrics'],
  backtests: [
    ...['domain', 'lib', 'rings', 'codec', 'features', 'config', 'matching', 'ledger'],
    ...['projections', 'jobs', 'risk', 'simulation', 'strategies', 'replay'],
  ],

  // The venue, and how clients reach it.
  gateway: [
    ...['domain', 'lib', 'rings', 'codec', 'features', 'config', 'matching', 'ledger'],
    ...['projections', 'identity', 'metrics', 'journal', 'strategies', 'jobs', 'risk', 'feeds'],
    ...['forecasts', 'sentiment', 'inference', 'backtests', 'live'],
  ],
  openapi: ['domain', 'lib', 'schemas', 'config', 'identity', 'gateway'],
  'surfaces/*': [
    ...['domain', 'lib', 'schemas', 'codec', 'features', 'config', 'projections', 'identity'],
    ...['metrics', 'strategies', 'risk', 'jobs', 'forecasts', 'sentiment', 'inference'],
    ...['backtests', 'gateway', 'openapi', 'feeds'],
  ],
  surfaces: ['config', 'gateway', 'openapi', 'surfaces/*'],
  recording: ['domain', 'lib', 'codec', 'config', 'projections', 'gateway', 'surfaces/native'],
  cli: [
    ...['domain', 'lib', 'schemas', 'rings', 'codec', 'features', 'config', 'matching', 'ledger'],
    ...[
      'projections',
      'identity',
      'journal',
      'replay',
      'feeds',
      'live',
      'gateway',
      'surfaces/octopus',
    ],
    ...['recording', 'composition'],
  ],
  workers: [
    ...['lib', 'features', 'config', 'matching', 'journal', 'simulation', 'strategies', 'replay'],
    ...['rings', 'feeds', 'jobs', 'risk', 'forecasts', 'sentiment', 'inference', 'backtests'],
    'gateway',
    'live',
  ],
  composition: 'everything',
};

/** Longer than 400 lines, with the reason. */
export const LONG_FILES = {
  'src/matching/plain-run.ts':
    'one function over local variables, for speed: docs/decisions/011-plain-commands-in-rows.md',
};

/** Lines that a file may have, and that the median of `src` and `workers` may have. */
export const FILE_LINES_MAX = 400;
export const MEDIAN_LINES_MAX = 120;
