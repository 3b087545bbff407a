import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type TSchema, Type } from 'typebox';
import { invalidParameter, type Refusal } from './refusal.ts';

// `verbose` gives errors the offending value; strict mode also refuses infinite numbers.
const ajv = new Ajv({ allErrors: false, strict: true, verbose: true, allowUnionTypes: true });

/** Returns what is wrong with a value, or `undefined`. */
export type Validator = (value: unknown) => Refusal | undefined;

export function compileValidator(schema: TSchema): Validator {
  const validate: ValidateFunction = ajv.compile(schema);
  return (value) => {
    if (validate(value)) return undefined;
    return refusalOf((validate.errors as ErrorObject[])[0]);
  };
}

/** Takes the text of a query, gives declared numbers and booleans their type, and validates. */
export type QueryReader = (
  query: Record<string, string>,
) => { readonly value: unknown } | { readonly refusal: Refusal };

export function compileQueryReader(schema: TSchema | undefined): QueryReader {
  const declared = schema ?? Type.Object({}, { additionalProperties: false });
  const validate = compileValidator(declared);
  const types = new Map<string, string>();
  const properties = (declared as { properties?: Record<string, { type?: string }> }).properties;
  for (const [name, property] of Object.entries(properties ?? {})) {
    if (property.type !== undefined) types.set(name, property.type);
  }
  return (query) => {
    // Without a prototype, so that `__proto__` is a name like any other.
    const value: Record<string, unknown> = Object.create(null);
    for (const name in query) value[name] = typed(query[name], types.get(name));
    const refusal = validate(value);
    return refusal === undefined ? { value } : { refusal };
  };
}

/** Text that is no number or boolean stays text, and fails validation as what the client wrote. */
function typed(text: string, type: string | undefined): unknown {
  if (type === 'integer' && /^-?\d{1,16}$/.test(text)) return Number(text);
  if (type === 'number' && /^-?\d{1,16}(\.\d{1,16})?$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function refusalOf(error: ErrorObject): Refusal {
  const at = error.instancePath.slice(1).replaceAll('/', '.');
  const inner = (name: string): string => (at === '' ? name : `${at}.${name}`);
  switch (error.keyword) {
    case 'required': {
      const name = inner(error.params.missingProperty);
      return invalidParameter(name, null, `${name} is required`);
    }
    case 'additionalProperties': {
      const key = error.params.additionalProperty as string;
      const name = inner(key.slice(0, 80));
      const value = (error.data as Record<string, unknown>)[key];
      return invalidParameter(name, value, `${name} is not a parameter of this request`);
    }
    case 'enum': {
      const allowed = error.params.allowedValues as readonly unknown[];
      const message = `${at} must be one of: ${allowed.join(', ')}`;
      return invalidParameter(at, error.data, message, { allowed });
    }
    default: {
      const name = at === '' ? 'body' : at;
      // What a schema marks as write-only (a password) is never shown back.
      const secret = (error.parentSchema as { writeOnly?: boolean }).writeOnly === true;
      const value = secret ? '[hidden]' : error.data;
      return invalidParameter(name, value, `${name} ${plainMessage(error)}`);
    }
  }
}

function plainMessage(error: ErrorObject): string {
  const message = (error.message ?? 'is invalid').replace('NOT', 'not');
  return error.keyword === 'type' ? message.replace(',', ' or ') : message;
}
