import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

// biome-ignore lint/suspicious/noExplicitAny: a document is read as it comes
type Json = any;

/** Statuses that any request may get, which the document tells as `default`. */
const ANYWHERE = new Set([405, 408, 414, 503]);
const FORMATS = {
  'date-time': (text: string) => text.includes('T') && !Number.isNaN(Date.parse(text)),
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
};

export interface Operation {
  readonly method: string;
  /** `/v1/trading/orders/{order_id}`. */
  readonly path: string;
  readonly described: Json;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Documents that were read, by the server's root. */
const READ = new Map<string, Promise<ApiDocument>>();

/** An OpenAPI document, and whether replies are what it says. */
export class ApiDocument {
  readonly document: Json;
  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, formats: FORMATS, allErrors: true });
  private readonly validators = new Map<object, ValidateFunction>();

  constructor(document: Json) {
    this.document = document;
    this.ajv.addSchema(document, 'api');
    this.operations = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Json>(methods).map(([method, described]) => {
        return { method: method.toUpperCase(), path, described };
      }),
    );
  }

  /** That of a server, read once. @param url its root */
  static of(url: string): Promise<ApiDocument> {
    const read = READ.get(url) ?? fetchDocument(url);
    READ.set(url, read);
    return read;
  }

  /** The operation that a request is one of. @param path with or without a query */
  find(method: string, path: string): Operation | undefined {
    const asked = segmentsOf(path.split('?')[0]);
    const matches = this.operations.filter(
      (one) => one.method === method && isMatch(segmentsOf(one.path), asked),
    );
    // As the server decides: what is literal wins.
    matches.sort((a, b) => parameters(a.path) - parameters(b.path));
    const { length } = asked;
    return matches.find(({ path: one }) => segmentsOf(one).length === length) ?? matches[0];
  }

  /** Fails unless the reply is one that the document tells of this request. */
  check(method: string, path: string, { status, headers, body }: Reply): void {
    const operation = this.find(method, path);
    const what = `${method} ${path} answered ${status}: ${JSON.stringify(body).slice(0, 800)}`;
    if (operation === undefined) {
      assert.equal(status, 404, `${what}\nand is not in the document`);
      return;
    }
    const { responses } = operation.described;
    const found = responses[status] ?? (ANYWHERE.has(status) ? responses.default : undefined);
    assert.ok(found, `${what}\nand the document knows ${Object.keys(responses)}`);
    const response = this.resolve(found);
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const media = Object.entries<Json>(response.content).find(
      ([name]) => name.split(';')[0] === type,
    );
    const types = Object.keys(response.content);
    assert.ok(media, `${what}\nas ${type}, and the document says ${types}`);
    const problems = this.problems(media[1].schema, body);
    assert.equal(problems, '', `${what}\nis not what the document says`);
    for (const [name, header] of Object.entries<Json>(response.headers)) {
      const constant = this.resolve(header).schema.const;
      if (constant !== undefined) assert.equal(headers.get(name), constant, `${what}: ${name}`);
    }
  }

  /** What is wrong with a value by a schema of the document; `''`: nothing. */
  problems(schema: Json, value: unknown): string {
    let validate = this.validators.get(schema);
    if (validate === undefined) {
      validate = this.ajv.compile(inDocument(schema));
      this.validators.set(schema, validate);
    }
    return validate(value) ? '' : this.ajv.errorsText(validate.errors, { separator: '\n' });
  }

  resolve(part: Json): Json {
    if (part.$ref === undefined) return part;
    const names = String(part.$ref).slice(2).split('/');
    return names.reduce((at, name) => at[name], this.document);
  }
}

async function fetchDocument(url: string): Promise<ApiDocument> {
  const reply = await fetch(`${url}/openapi.json`);
  assert.equal(reply.status, 200);
  return new ApiDocument(await reply.json());
}

/** References of a schema that stands outside of the document. */
function inDocument(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"api#/'));
}

function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

function isMatch(pattern: readonly string[], asked: readonly string[]): boolean {
  const isLast = pattern.at(-1)?.startsWith('{') === true;
  // `{symbol}` at the end may have been `BTC/USDT`.
  const fits = asked.length === pattern.length || (isLast && asked.length > pattern.length);
  return fits && pattern.every((part, i) => part.startsWith('{') || part === asked[i]);
}

function parameters(path: string): number {
  return path.split('{').length;
}
