import type {
  CustomScenario,
  StressBody,
  StressResponse,
  StressResultWire,
} from '../../../schemas/octopus-risk.ts';
import type { MarketRegistry } from '../../config/markets.ts';
import { invalidParameter, type Refusal } from '../../gateway/http/refusal.ts';
import { dayOfText } from '../../gateway/risk/daily-closes.ts';
import type { RiskDesk, RiskPosition } from '../../gateway/risk/risk-desk.ts';
import { isInsufficient } from '../../risk/insufficient.ts';
import { familyOf, type Scenario, type Shocks } from '../../risk/scenario.ts';
import type { AssetBeta, PastScenario, StressAnswer } from '../../risk/stress.ts';
import { amount, dateOrNull, insufficientToWire, ratioOrNull } from './risk-claims.ts';
import { namesOf } from './risk-portfolio.ts';

const CUSTOM = 'custom';
const WORST_DAYS = 10;
const OWN_HISTORY = 'The daily closes of this venue';

/** A scenario as asked for: what is computed, and how the answer names it. */
export interface AskedScenario {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly scenario: Scenario | PastScenario;
}

/** The scenarios that a request names, or why one of them is none. */
export function askedScenarios(
  { scenarios, custom = {} }: StressBody,
  desk: RiskDesk,
  markets: MarketRegistry,
): AskedScenario[] | Refusal {
  const asked: AskedScenario[] = [];
  for (const id of scenarios) {
    const known = desk.scenarios.find((scenario) => scenario.id === id);
    if (known !== undefined) asked.push({ ...known, scenario: known });
    else if (id === CUSTOM) {
      const made = customScenario(custom, markets);
      if (!('scenario' in made)) return made;
      asked.push(made);
    } else {
      const allowed = [...desk.scenarios.map((scenario) => scenario.id), CUSTOM];
      const message = `scenarios must be of: ${allowed.join(', ')}`;
      return invalidParameter('scenarios', id, message, { allowed });
    }
  }
  return asked;
}

function customScenario(custom: CustomScenario, markets: MarketRegistry): AskedScenario | Refusal {
  const { assets, sectors, classes, factors, from, to, worst_days: worstDays, name } = custom;
  const hasShocks = [assets, sectors, classes, factors].some((each) => each !== undefined);
  const hasDates = from !== undefined || to !== undefined;
  if ([hasShocks, hasDates, worstDays !== undefined].filter(Boolean).length > 1) {
    const message = 'custom is shocks, or a range of dates, or worst_days: one of the three';
    return invalidParameter('custom', custom, message);
  }
  if (hasShocks) return shockScenario(custom, markets);
  const head = { id: CUSTOM, source: OWN_HISTORY };
  if (hasDates) {
    const [firstDay, lastDay] = [dayOfText(from ?? ''), dayOfText(to ?? '')];
    if (!(firstDay < lastDay)) {
      const message = 'custom.from and custom.to must be dates, the one before the other';
      return invalidParameter('custom.from', from, message);
    }
    const scenario = { kind: 'between', firstDay, lastDay } as const;
    return { ...head, name: name ?? 'What happened between two dates', scenario };
  }
  const scenario = { kind: 'worst', horizonDays: worstDays ?? WORST_DAYS } as const;
  const title = `The ${scenario.horizonDays} days that were worst for these positions`;
  return { ...head, name: name ?? title, scenario };
}

function shockScenario(custom: CustomScenario, markets: MarketRegistry): AskedScenario | Refusal {
  const { assets = {}, sectors = {}, classes = {}, factors } = custom;
  const byAsset: Record<string, number> = {};
  for (const [key, shock] of Object.entries(assets)) {
    const asset = assetOf(markets, key);
    if (asset === undefined) return unknownKey('assets', key);
    byAsset[asset] = shock;
  }
  const known = markets.all.flatMap(({ assetClass }) => [assetClass, familyOf(assetClass)]);
  const strange = Object.keys(classes).find((key) => !known.some((one) => one === key));
  if (strange !== undefined) return unknownKey('classes', strange);
  const inSector = (key: string) => markets.all.some(({ reference }) => reference.sector === key);
  const noSector = Object.keys(sectors).find((key) => !inSector(key));
  if (noSector !== undefined) return unknownKey('sectors', noSector);
  const name = custom.name ?? 'Shocks of the request';
  const source = 'The request';
  const scenario: Scenario = {
    id: CUSTOM,
    name,
    source,
    from: null,
    to: null,
    assets: byAsset,
    sectors: sectors as Shocks,
    classes: classes as Shocks,
    factors: { market: factors?.market ?? null },
  };
  return { id: CUSTOM, name, source, scenario };
}

/** `BTC`, `BTC-USDT` and `btc/usdt` are all the asset BTC. */
function assetOf(markets: MarketRegistry, text: string): string | undefined {
  const market = markets.primary(text);
  if (market !== undefined) return market.base.name;
  const wanted = text.toUpperCase();
  return markets.all.find(({ base }) => base.name.toUpperCase() === wanted)?.base.name;
}

function unknownKey(what: string, key: string): Refusal {
  return invalidParameter(`custom.${what}`, key, `custom.${what}.${key} is nothing this venue has`);
}

/** What each scenario does, in the order in which they were asked for. */
export function stressToWire(
  asked: readonly AskedScenario[],
  positions: readonly RiskPosition[],
  totalValue: number,
  { results, betas }: StressAnswer,
): StressResponse['results'] {
  return asked.map((one, i) => resultToWire(one, positions, totalValue, results[i], betas));
}

function resultToWire(
  { id, name, source, scenario }: AskedScenario,
  positions: readonly RiskPosition[],
  totalValue: number,
  result: StressAnswer['results'][number],
  betas: readonly AssetBeta[],
): StressResultWire {
  const head = { scenario: id, name, source };
  if (isInsufficient(result)) {
    const fields = ['profit_loss', 'loss', 'loss_percent', 'stressed_value'];
    const nothing = { profit_loss: null, loss: null, loss_percent: null, stressed_value: null };
    const lack = insufficientToWire(result, fields);
    const dates = { from: null, to: null };
    return {
      ...head,
      ...dates,
      ...nothing,
      positions: [],
      not_covered: [],
      insufficient_data: lack,
    };
  }
  const names = namesOf(positions);
  const { profit } = result;
  return {
    ...head,
    ...datesOf(scenario, result),
    profit_loss: amount(profit),
    loss: amount(Math.max(0, -profit)),
    loss_percent: totalValue > 0 ? amount((Math.max(0, -profit) / totalValue) * 100) : null,
    stressed_value: amount(totalValue + profit),
    positions: result.positions.map(({ shock, basis, profit: own }, i) => ({
      symbol: positions[i].market.symbol,
      exchange: positions[i].market.exchange,
      value: amount(positions[i].value),
      shock: ratioOrNull(shock),
      basis,
      beta: ratioOrNull(betas[i].beta),
      profit_loss: amount(own),
    })),
    not_covered: names.filter((_, i) => result.positions[i].shock === null),
    insufficient_data: null,
  };
}

function datesOf(
  scenario: Scenario | PastScenario,
  result: Exclude<StressAnswer['results'][number], { code: string }>,
): Pick<StressResultWire, 'from' | 'to'> {
  if ('id' in scenario) return { from: scenario.from, to: scenario.to };
  if (!('stretch' in result)) return { from: null, to: null };
  const { firstDay, lastDay } = result.stretch;
  return { from: dateOrNull(firstDay), to: dateOrNull(lastDay) };
}
