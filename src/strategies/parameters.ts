import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Static, type TProperties, Type } from 'typebox';
import type { StrategyParameters } from '../domain/strategy-events.ts';
import type { StrategyDefinition } from './strategy.ts';

/** Limits every deployment has; the runtime keeps them, whatever the strategy does. */
const COMMON = {
  capital: Type.Number({
    minimum: 100,
    maximum: 10_000_000,
    default: 100_000,
    description:
      "Paid into the deployment's own portfolio when that is opened, in the quote asset; simulated venues only",
  }),
  max_position: Type.Number({
    exclusiveMinimum: 0,
    maximum: 10_000_000,
    default: 25_000,
    description: 'Greatest position in one market, open orders included, in the quote asset',
  }),
  max_open_orders: Type.Integer({
    minimum: 1,
    maximum: 200,
    default: 40,
    description: 'Orders open at once, over all markets',
  }),
  max_orders_per_second: Type.Number({
    minimum: 0.1,
    maximum: 100,
    default: 20,
    description: 'Orders and amendments a second; a second’s worth may come at once',
  }),
  max_loss: Type.Number({
    minimum: 0,
    maximum: 10_000_000,
    default: 5_000,
    description: 'Loss, fees included, at which the deployment stops itself; 0: never',
  }),
};

/** What `strategyParameters` adds to a strategy's own. */
export type CommonParameters = Static<ReturnType<typeof Type.Object<typeof COMMON>>>;

/** The schema of a strategy's parameters: its own, and the limits that all have. */
export function strategyParameters<P extends TProperties>(own: P) {
  return Type.Object({ ...own, ...COMMON }, { additionalProperties: false });
}

export interface ParameterProblem {
  readonly parameter: string;
  readonly value: unknown;
  readonly message: string;
}

const ajv = new Ajv({ allErrors: false, strict: true, verbose: true, useDefaults: true });
const validators = new WeakMap<StrategyDefinition, ValidateFunction>();

/**
 * Completes and checks what a caller gave.
 * @param base what is taken where the caller gives nothing, before the defaults
 */
export function readParameters(
  definition: StrategyDefinition,
  given: Readonly<Record<string, unknown>>,
  base: StrategyParameters = {},
): { readonly parameters: StrategyParameters } | { readonly problem: ParameterProblem } {
  let validate = validators.get(definition);
  if (validate === undefined) {
    validate = ajv.compile(definition.parameters);
    validators.set(definition, validate);
  }
  const value: Record<string, unknown> = { ...base, ...given };
  if (validate(value)) return { parameters: value as StrategyParameters };
  return { problem: problemOf((validate.errors as ErrorObject[])[0]) };
}

function problemOf(error: ErrorObject): ParameterProblem {
  if (error.keyword === 'additionalProperties') {
    const parameter = String(error.params.additionalProperty).slice(0, 80);
    const value = (error.data as Record<string, unknown>)[parameter];
    return { parameter, value, message: 'is not a parameter of this strategy' };
  }
  const parameter = error.instancePath.slice(1);
  const allowed = error.keyword === 'enum' ? `: ${error.params.allowedValues.join(', ')}` : '';
  return { parameter, value: error.data, message: `${error.message ?? 'is invalid'}${allowed}` };
}
