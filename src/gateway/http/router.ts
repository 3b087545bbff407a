import type { Route } from './route.ts';

export interface RouteMatch<R> {
  readonly route: R;
  readonly params: Record<string, string>;
}

/** What a path leads to: a route, methods it would take instead, nothing, or an undecodable path. */
export type Lookup<R> = RouteMatch<R> | OtherMethods<R> | 'unknown' | 'malformed';

export interface OtherMethods<R> {
  /** As the `Allow` header lists them. */
  readonly allow: string;
  /** One of the routes at this path: it says whose path it is. */
  readonly near: R;
}

interface Entry<R> {
  readonly route: R;
  readonly names: readonly string[];
}

/** Routes that end at one place of the tree, by method. */
type Leaf<R> = Map<string, Entry<R>>;

class Node<R> {
  readonly literals = new Map<string, Node<R>>();
  parameter: Node<R> | undefined;
  readonly leaf: Leaf<R> = new Map();
  /** Ends of `{name+}` patterns. */
  readonly rest: Leaf<R> = new Map();
}

interface Candidate<R> {
  readonly leaf: Leaf<R>;
  readonly values: readonly string[];
}

const NO_PARAMS: Record<string, string> = Object.freeze({});

/**
 * Finds routes by method and path: one map lookup for paths without parameters, a walk over the
 * segments for the others. Literals win over parameters, parameters over `{name+}`.
 */
export class Router<R extends Pick<Route, 'method' | 'path'>> {
  private readonly root = new Node<R>();
  private readonly reserved: ReadonlySet<string>;
  private readonly statics = new Map<string, Leaf<R>>();

  /** @param reserved first segments that are never a parameter: they begin paths of their own */
  constructor(reserved: Iterable<string> = []) {
    this.reserved = new Set(reserved);
  }

  /** Adds a route. Throws when another one already answers to the same method and pattern. */
  add(route: R): void {
    const names: string[] = [];
    let node = this.root;
    let leaf: Leaf<R> | undefined;
    for (const segment of segmentsOf(route.path)) {
      const pattern = /^\{(\w+)(\+?)\}$/.exec(segment);
      if (leaf !== undefined) throw new Error(`${route.path}: {name+} must come last`);
      if (pattern === null) {
        node = childOf(node.literals, segment);
      } else {
        names.push(pattern[1]);
        if (pattern[2] === '+') leaf = node.rest;
        else {
          node.parameter ??= new Node<R>();
          node = node.parameter;
        }
      }
    }
    leaf ??= node.leaf;
    if (leaf.has(route.method)) throw new Error(`${route.method} ${route.path} is declared twice`);
    leaf.set(route.method, { route, names });
    if (names.length === 0) this.statics.set(withoutTrailingSlash(route.path), leaf);
  }

  find(method: string, path: string): Lookup<R> {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const trimmed = withoutTrailingSlash(path);
    const fixed = this.statics.get(trimmed)?.get(wanted);
    if (fixed !== undefined) return { route: fixed.route, params: NO_PARAMS };

    const segments = decodeSegments(trimmed);
    if (segments === undefined) return 'malformed';
    const candidates: Candidate<R>[] = [];
    if (this.reserved.has(segments[0])) {
      const child = this.root.literals.get(segments[0]);
      if (child !== undefined) collect(child, segments, 1, [], candidates);
    } else collect(this.root, segments, 0, [], candidates);
    for (const { leaf, values } of candidates) {
      const entry = leaf.get(wanted);
      if (entry === undefined) continue;
      const params: Record<string, string> = {};
      entry.names.forEach((name, i) => {
        params[name] = values[i];
      });
      return { route: entry.route, params };
    }
    const near = candidates[0]?.leaf.values().next().value?.route;
    return near === undefined ? 'unknown' : { allow: allowed(candidates), near };
  }
}

/** Depth first, best candidate first. */
function collect<R>(
  node: Node<R>,
  segments: readonly string[],
  at: number,
  values: readonly string[],
  found: Candidate<R>[],
): void {
  if (at === segments.length) {
    if (node.leaf.size > 0) found.push({ leaf: node.leaf, values });
    return;
  }
  const segment = segments[at];
  const literal = node.literals.get(segment);
  if (literal !== undefined) collect(literal, segments, at + 1, values, found);
  if (segment === '') return;
  if (node.parameter !== undefined) {
    collect(node.parameter, segments, at + 1, [...values, segment], found);
  }
  if (node.rest.size > 0) {
    const rest = segments.slice(at);
    if (!rest.includes('')) found.push({ leaf: node.rest, values: [...values, rest.join('/')] });
  }
}

function allowed<R>(candidates: readonly Candidate<R>[]): string {
  const methods = new Set<string>(['OPTIONS']);
  for (const { leaf } of candidates) {
    for (const method of leaf.keys()) {
      methods.add(method);
      if (method === 'GET') methods.add('HEAD');
    }
  }
  return [...methods].sort().join(', ');
}

function childOf<R>(children: Map<string, Node<R>>, segment: string): Node<R> {
  let child = children.get(segment);
  if (child === undefined) {
    child = new Node<R>();
    children.set(segment, child);
  }
  return child;
}

/** Takes off one slash; two are an empty segment, which no route has. */
function withoutTrailingSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') && !path.endsWith('//') ? path.slice(0, -1) : path;
}

/** `/a/b` → `['a', 'b']`; `/` → `[]`. */
function segmentsOf(path: string): string[] {
  return path === '/' ? [] : withoutTrailingSlash(path).slice(1).split('/');
}

/** Segments are split before they are decoded, so `%2F` stays inside its segment. */
function decodeSegments(path: string): string[] | undefined {
  const segments = segmentsOf(path);
  if (!path.includes('%')) return segments;
  try {
    return segments.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
