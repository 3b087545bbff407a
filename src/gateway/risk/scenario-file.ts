import { readFileSync } from 'node:fs';
import type { Scenario, Shocks } from '../../risk/scenario.ts';
import { dayOfText } from './daily-closes.ts';

/** Reads the scenarios that come with Openbell; throws with the place of a mistake. */
export function loadScenarios(path: URL | string): Scenario[] {
  const file = JSON.parse(readFileSync(path, 'utf8')) as { scenarios: Scenario[] };
  for (const scenario of file.scenarios) check(scenario);
  const ids = file.scenarios.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw new Error(`two scenarios have one id: ${ids}`);
  return file.scenarios;
}

function check({ id, source, from, to, assets, sectors, classes, factors }: Scenario): void {
  const fail = (what: string): never => {
    throw new Error(`scenario ${id}: ${what}`);
  };
  if (source === '') fail('names no source');
  if (from === null || to === null || !(dayOfText(from) < dayOfText(to))) {
    fail(`${from} to ${to} is no range of dates`);
  }
  const shocks: Shocks[] = [assets, sectors, classes];
  const all = shocks.flatMap((each) => Object.values(each));
  if (factors.market !== null) all.push(factors.market);
  if (!all.every((shock) => shock >= -1 && shock <= 10)) fail('a shock is below -1 or above 10');
}
