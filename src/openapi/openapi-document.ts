import { JSON_TYPE, type Route } from '../gateway/http/route.ts';
import type { Surface } from '../gateway/http/surface.ts';
import { Components } from './components.ts';
import { documentPath, parametersOf } from './parameters.ts';
import { REPLY_HEADERS, responsesOf } from './responses.ts';
import { schemaNames } from './schema-names.ts';
import { SECURITY_SCHEMES, securityOf } from './security.ts';

export interface ApiParts {
  /** Of this program. */
  readonly version: string;
  readonly routes: readonly Route[];
  readonly surfaces: readonly Surface[];
  /** Bodies that a server really answered, by operation id. */
  readonly answers: Readonly<Record<string, unknown>>;
}

const DESCRIPTION = `A trading venue and market-data server: several APIs over one engine, on one port.

**Authorise** with the \`access_token\` that a login gives, or with an API key and its secret; both are good on every
surface, whose scopes are \`read\`, \`write\` and \`admin\`, each of which implies those before it. Errors have the form of
their surface. A trailing slash makes no difference, and an unknown query parameter is refused. Unless the operator has
switched limits off, every reply says how many requests are left.

WebSocket paths are described by [/asyncapi.json](/asyncapi.json), to be read at [/asyncapi](/asyncapi).`;

/** The OpenAPI 3.1 document of a table of routes: what is served is what is described. */
export function openApiDocument({ version, routes, surfaces, answers }: ApiParts): object {
  const components = new Components(schemaNames());
  const paths: Record<string, Record<string, object>> = {};
  for (const surface of surfaces) {
    for (const route of routes.filter((one) => one.surface === surface.name)) {
      const path = documentPath(route.path);
      paths[path] ??= {};
      const answer = answers[operationId(route)];
      paths[path][route.method.toLowerCase()] = operation(route, surface, components, answer);
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Openbell',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: surfaces.map(({ title, description }) => ({ name: title, description })),
    paths,
    components: {
      securitySchemes: SECURITY_SCHEMES,
      headers: REPLY_HEADERS,
      responses: components.responses,
      schemas: components.schemas,
    },
  };
}

/** Unique, and the same for as long as method, path and surface are: `velocimexPostV1TradingOrders`. */
export function operationId({ method, path, surface }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const parts = [method.toLowerCase(), ...words];
  return surface + parts.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

function operation(
  route: Route,
  surface: Surface,
  components: Components,
  answer: unknown,
): Record<string, object | string> {
  const { summary, body, bodyOptional, examples } = route;
  const described: Record<string, object | string> = {
    operationId: operationId(route),
    tags: [surface.title],
    summary,
    description: descriptionOf(route, surface),
    parameters: parametersOf(route, surface, components),
    security: securityOf(route, surface),
  };
  if (body !== undefined) {
    const example = examples?.body === undefined ? {} : { example: examples.body };
    described.requestBody = {
      required: bodyOptional !== true,
      content: { [JSON_TYPE]: { schema: components.use(body), ...example } },
    };
  }
  described.responses = responsesOf(route, surface, components, answer);
  return described;
}

function descriptionOf(route: Route, surface: Surface): string {
  const { description, scope, auth } = route;
  const { limit, windowSeconds, burst } = surface.rateLimits[route.limit];
  const sentences: string[] = [];
  if (description !== undefined) sentences.push(`${description}\n\n`);
  if (auth === 'public') sentences.push('Open to everybody.');
  else if (auth === 'required_unless_local') {
    sentences.push('Open to who connects directly from the same machine.');
  }
  if (auth !== 'public' && scope !== null) sentences.push(`Needs scope \`${scope}\`.`);
  const atOnce = burst === undefined ? '' : `, ${burst} at once`;
  const who = auth === 'public' ? 'client address' : 'credential';
  sentences.push(`At most ${limit} requests in ${windowSeconds} s by ${who}${atOnce}.`);
  return sentences.join(' ').replaceAll('\n\n ', '\n\n');
}
