import type { TSchema } from 'typebox';
import * as entasis from '../../schemas/entasis.ts';
import * as errors from '../../schemas/errors.ts';
import * as flashmm from '../../schemas/flashmm.ts';
import * as flashmmAdmin from '../../schemas/flashmm-admin.ts';
import * as flashmmHealth from '../../schemas/flashmm-health.ts';
import * as flashmmStream from '../../schemas/flashmm-stream.ts';
import * as flashmmTrading from '../../schemas/flashmm-trading.ts';
import * as nativeAnswers from '../../schemas/native-answers.ts';
import * as nativeRequests from '../../schemas/native-requests.ts';
import * as nativeStream from '../../schemas/native-stream.ts';
import * as octopusAlerts from '../../schemas/octopus-alerts.ts';
import * as octopusAuth from '../../schemas/octopus-auth.ts';
import * as octopusForecast from '../../schemas/octopus-forecast.ts';
import * as octopusMarket from '../../schemas/octopus-market.ts';
import * as octopusNews from '../../schemas/octopus-news.ts';
import * as octopusOrders from '../../schemas/octopus-orders.ts';
import * as octopusPortfolio from '../../schemas/octopus-portfolio.ts';
import * as octopusRisk from '../../schemas/octopus-risk.ts';
import * as octopusStream from '../../schemas/octopus-stream.ts';
import * as octopusWebhooks from '../../schemas/octopus-webhooks.ts';
import * as socketMessages from '../../schemas/socket-messages.ts';
import * as takashi from '../../schemas/takashi.ts';
import * as velocimex from '../../schemas/velocimex.ts';
import * as velocimexStrategies from '../../schemas/velocimex-strategies.ts';
import * as velocimexStream from '../../schemas/velocimex-stream.ts';

/** Every file of `schemas/`, by the prefix that the names of its schemas get in the documents. */
const MODULES: readonly (readonly [prefix: string, module: Readonly<Record<string, unknown>>])[] = [
  ['', errors],
  ['Velocimex', velocimex],
  ['Velocimex', velocimexStrategies],
  ['Velocimex', velocimexStream],
  ['Octopus', octopusAuth],
  ['Octopus', octopusMarket],
  ['Octopus', octopusPortfolio],
  ['Octopus', octopusOrders],
  ['Octopus', octopusAlerts],
  ['Octopus', octopusWebhooks],
  ['Octopus', octopusRisk],
  ['Octopus', octopusForecast],
  ['Octopus', octopusNews],
  ['Octopus', octopusStream],
  ['Flashmm', flashmm],
  ['Flashmm', flashmmTrading],
  ['Flashmm', flashmmAdmin],
  ['Flashmm', flashmmHealth],
  ['Flashmm', flashmmStream],
  ['Entasis', entasis],
  ['Takashi', takashi],
  ['Socket', socketMessages],
  ['Stream', nativeStream],
  ['Stream', nativeAnswers],
  ['Request', nativeRequests],
];

/**
 * The names under which the documents tell the exported schemas: what a schema says, as JSON, to its
 * name. Equal schemas are one, under the name that comes first.
 */
export function schemaNames(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const [prefix, module] of MODULES) {
    for (const [exported, schema] of Object.entries(module)) {
      if (!isStructured(schema)) continue;
      const key = JSON.stringify(schema);
      if (names.has(key)) continue;
      let name = prefix + exported;
      // Two files of one prefix may use a name twice.
      for (let i = 2; taken.has(name); i += 1) name = `${prefix}${exported}${i}`;
      taken.add(name);
      names.set(key, name);
    }
  }
  return names;
}

/** Only what has parts is worth a name, and has one. */
export function isStructured(value: unknown): value is TSchema {
  if (typeof value !== 'object' || value === null) return false;
  const { type, anyOf } = value as { type?: unknown; anyOf?: unknown };
  return type === 'object' || type === 'array' || Array.isArray(anyOf);
}
