import type { TSchema } from 'typebox';
import type { Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import type { Components } from './components.ts';

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

type Values = Readonly<Record<string, unknown>>;

/** Parameters of a request: those of the path and the query, and headers with a say in the reply. */
export function parametersOf(route: Route, surface: Surface, components: Components): object[] {
  const { params, query, path, examples = {} } = route;
  return [
    ...inPath(path, (params ?? {}) as ObjectSchema, examples.params ?? {}, components),
    ...inQuery((query ?? {}) as ObjectSchema, examples.query ?? {}, components),
    ...inHeaders(surface),
  ];
}

/** `/a/{b+}` as documents write it, `/a/{b}`. */
export function documentPath(path: string): string {
  return path.replace('+}', '}');
}

function inPath(
  path: string,
  { properties = {} }: ObjectSchema,
  values: Values,
  components: Components,
): object[] {
  return [...path.matchAll(/\{(\w+)(\+?)\}/g)].map(([, name, rest]) => {
    const { description, ...schema } = properties[name] as TSchema & { description?: string };
    return {
      name,
      in: 'path',
      required: true,
      ...described([description, rest === '' ? undefined : 'It may have slashes.']),
      schema: components.use(schema as TSchema),
      ...example(values, name),
    };
  });
}

function inQuery(
  { properties = {}, required = [] }: ObjectSchema,
  values: Values,
  components: Components,
): object[] {
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as TSchema & { description?: string };
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...described([description]),
      schema: components.use(schema as TSchema),
      ...example(values, name),
    };
  });
}

function inHeaders({ isMultilingual, admissionHeader }: Surface): object[] {
  const headers: object[] = [];
  if (isMultilingual === true) {
    const description = 'The language of error messages: `ko` (default) or `en`';
    headers.push({ name: 'Accept-Language', in: 'header', description, schema: TEXT });
  }
  if (admissionHeader !== undefined) {
    const { name, description } = admissionHeader;
    headers.push({ name, in: 'header', description, schema: TEXT });
  }
  return headers;
}

const TEXT = { type: 'string' } as const;

function described(sentences: readonly (string | undefined)[]): object {
  const description = sentences.filter((sentence) => sentence !== undefined).join('. ');
  return description === '' ? {} : { description };
}

function example(values: Values, name: string): object {
  return Object.hasOwn(values, name) ? { example: values[name] } : {};
}
