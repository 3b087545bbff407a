import type { ApiDocument, Operation } from './api-document.ts';
import type { HeaderSet } from './credentials.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document and its answers are read as they come
type Json = any;

export interface Told {
  readonly operation: Operation;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** What is made before it is read, changed and taken away. */
const ORDER = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'];

/**
 * Every operation of a document once, with the document's own examples: what was made before gives
 * the ids that others need.
 */
export class ApiStory {
  private readonly url: string;
  private readonly api: ApiDocument;
  /** Ids that were told, by parameter name. */
  private readonly ids = new Map<string, string>();

  constructor(url: string, api: ApiDocument) {
    this.url = url;
    this.api = api;
  }

  /** The operations, what makes before what reads, what takes away last. */
  get operations(): Operation[] {
    const all = this.api.operations;
    // What was made last is taken away first, and a collection is emptied last.
    const place = (operation: Operation): number => {
      const { method, path } = operation;
      // After it nobody trades.
      if (path.endsWith('/emergency-stop')) return ORDER.length + 1;
      if (method !== 'DELETE') return ORDER.indexOf(method);
      const after = path.endsWith('}') ? 0 : 1;
      return ORDER.indexOf(method) + after + (1 - all.indexOf(operation) / all.length) / 2;
    };
    return [...all].sort((a, b) => place(a) - place(b));
  }

  /** Sends the example of an operation; `undefined` where nothing was made that it could name. */
  async tell(operation: Operation, caller: HeaderSet): Promise<Told | undefined> {
    const path = this.pathOf(operation);
    if (path === undefined) return undefined;
    const { method, described } = operation;
    const body = described.requestBody?.content['application/json'].example;
    const headers = new Headers({ ...caller });
    if (body !== undefined) headers.set('content-type', 'application/json');
    const reply = await fetch(this.url + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const isJson = reply.headers.get('content-type')?.startsWith('application/json') === true;
    const answer = isJson ? await reply.json() : await reply.text();
    const told = { operation, path, status: reply.status, headers: reply.headers, body: answer };
    this.api.check(method, path, told);
    if (method === 'POST' && reply.ok) this.remember(operation, answer);
    return told;
  }

  /** Keeps an id for operations below a path. */
  keep(base: string, parameter: string, id: string): void {
    this.ids.set(`${base}/{${parameter}}`, id);
  }

  private pathOf(operation: Operation): string | undefined {
    const { path, described } = operation;
    let filled = path;
    const query = new URLSearchParams();
    for (const { name, in: where, example } of described.parameters) {
      const value = where === 'path' ? (example ?? this.idOf(operation, name)) : example;
      if (where === 'path') {
        if (value === undefined) return undefined;
        filled = filled.replace(`{${name}}`, encodeURIComponent(value));
      } else if (where === 'query' && value !== undefined) query.set(name, String(value));
    }
    return query.size === 0 ? filled : `${filled}?${query}`;
  }

  private idOf({ path, described }: Operation, name: string): string | undefined {
    const end = path.indexOf(`{${name}}`) + name.length + 2;
    return this.ids.get(path.slice(0, end)) ?? this.ids.get(`${described.tags[0]} ${name}`);
  }

  /**
   * What a collection answered with was made in it: `{"id"}`, `{"order_id"}`, `{"data": {…}}`. It is also
   * found by its kind: what `…/positions` made is a `position_id` elsewhere on the same API.
   */
  private remember({ path: given, described }: Operation, answer: Json): void {
    const path = given.replace(/\/$/, '');
    const made = answer.data ?? answer;
    const kind = `${path.slice(path.lastIndexOf('/') + 1).replace(/s$/, '')}_id`;
    if (made.id !== undefined) this.ids.set(`${described.tags[0]} ${kind}`, String(made.id));
    for (const { path: below } of this.api.operations) {
      const [, name] = /^\/\{(\w+)\}/.exec(below.slice(path.length)) ?? [];
      if (name === undefined || !below.startsWith(`${path}/`)) continue;
      const id = made[name] ?? made.id;
      if (id !== undefined && id !== null) this.keep(path, name, String(id));
    }
  }
}
