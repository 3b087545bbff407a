import { html, type Markup } from './markup.ts';

/** A schema as a page reads it. */
interface Shown {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shown[];
  readonly items?: Shown;
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shown;
  readonly description?: string;
  readonly format?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

type Schemas = Readonly<Record<string, object>>;

/** Deeper members are told by their examples. */
const DEPTH_MAX = 4;

/** The members of an object's schema as rows: name, type, what it says. Inner ones are `a.b`, `a[].b`. */
export function schemaTable(schema: object, schemas: Schemas): Markup {
  const rows = rowsOf(schema, schemas, '', 0);
  if (rows.length === 0) return html``;
  return html`<table class="fields"><tr><th>member</th><th>type</th><th></th></tr>${rows}</table>`;
}

function rowsOf(given: object, schemas: Schemas, prefix: string, depth: number): Markup[] {
  const schema = resolve(given, schemas);
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    const member = resolve(property, schemas);
    const path = prefix + name;
    const mark = required.includes(name) ? '' : '?';
    const row = html`<tr><td><code>${path}${mark}</code></td><td>${typeOf(member, schemas)}</td><td>${says(member)}</td></tr>`;
    if (depth >= DEPTH_MAX) return [row];
    return [row, ...innerRows(member, schemas, path, depth)];
  });
}

function innerRows(member: Shown, schemas: Schemas, path: string, depth: number): Markup[] {
  const objects = [member, ...(member.anyOf ?? [])].map((one) => resolve(one, schemas));
  return objects.flatMap(({ properties, items, additionalProperties: others }) => {
    if (properties !== undefined) return rowsOf({ properties }, schemas, `${path}.`, depth + 1);
    if (items !== undefined) return rowsOf(items, schemas, `${path}[].`, depth + 1);
    return typeof others === 'object' ? rowsOf(others, schemas, `${path}.*.`, depth + 1) : [];
  });
}

function resolve(schema: Shown, schemas: Schemas): Shown {
  if (schema.$ref === undefined) return schema;
  return schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] as Shown;
}

function typeOf(given: Shown, schemas: Schemas): string {
  const schema = resolve(given, schemas);
  const { type, anyOf, items, format } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => typeOf(one, schemas)).join(' | ');
  if (items !== undefined) return `array of ${typeOf(items, schemas)}`;
  if (format === 'date-time') return 'time';
  return typeof type === 'string' ? type : (type ?? ['any']).join(' | ');
}

function says({ description, default: standard, minimum, maximum }: Shown): string {
  const range =
    minimum === undefined && maximum === undefined ? '' : `${minimum ?? '…'} to ${maximum ?? '…'}`;
  const value = standard === undefined ? '' : `default ${JSON.stringify(standard)}`;
  return [description ?? '', range, value].filter((text) => text !== '').join('; ');
}
