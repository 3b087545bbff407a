import { isDeepStrictEqual } from 'node:util';
import type { TSchema } from 'typebox';
import { isStructured } from './schema-names.ts';

type Json = Readonly<Record<string, unknown>>;

/** Members of a schema whose values are schemas by name. */
const MAPS = new Set(['properties', 'patternProperties', '$defs']);
/** TypeBox writes a record of any keys as this pattern. */
const ANY_KEY = '^.*$';

/**
 * Schemas as a document has them: what has a name stands once among the components and is referred
 * to, whatever has none stands where it is used.
 */
export class Components {
  private readonly names: ReadonlyMap<string, string>;
  private readonly used = new Map<string, Json>();
  private readonly sharedResponses = new Map<string, object>();

  /** @param names of schemas, by their JSON */
  constructor(names: ReadonlyMap<string, string>) {
    this.names = names;
  }

  /** The schemas that were referred to, in the order of their names. */
  get schemas(): Record<string, Json> {
    return Object.fromEntries([...this.used].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference where the schema has a name, else what it says. */
  use(schema: TSchema): Json {
    const name = isStructured(schema) ? this.names.get(JSON.stringify(schema)) : undefined;
    if (name === undefined) return this.inline(schema as Json);
    if (!this.used.has(name)) {
      // Its place is taken first: a schema may contain itself.
      this.used.set(name, {});
      this.used.set(name, this.inline(schema as Json));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /**
   * A reference to a response, where it is what the name stands for already or the name is free; else
   * the response itself.
   */
  share(name: string, response: object): object {
    const shared = this.sharedResponses.get(name);
    if (shared === undefined) this.sharedResponses.set(name, response);
    else if (!isDeepStrictEqual(shared, response)) return response;
    return { $ref: `#/components/responses/${name}` };
  }

  /** The responses that were shared. */
  get responses(): Record<string, object> {
    return Object.fromEntries(this.sharedResponses);
  }

  /** What the schema says, with references inside. */
  private inline(schema: Json): Json {
    const written: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(schema)) {
      if (MAPS.has(key)) this.map(written, key, value as Readonly<Record<string, TSchema>>);
      else if (Array.isArray(value) && key !== 'required' && key !== 'enum' && key !== 'examples') {
        written[key] = value.map((item) => (isObject(item) ? this.use(item as TSchema) : item));
      } else if (isObject(value) && (key === 'items' || key === 'additionalProperties')) {
        written[key] = this.use(value as TSchema);
      } else written[key] = value;
    }
    return written;
  }

  private map(written: Record<string, unknown>, key: string, map: Record<string, TSchema>): void {
    const { [ANY_KEY]: any, ...others } = map;
    if (key === 'patternProperties' && any !== undefined) {
      written.additionalProperties = this.use(any);
    }
    const entries = Object.entries(key === 'patternProperties' ? others : map);
    if (entries.length === 0 && key === 'patternProperties') return;
    written[key] = Object.fromEntries(entries.map(([name, schema]) => [name, this.use(schema)]));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
