import type { TSchema } from 'typebox';
import type { SocketMessage, SocketPath } from '../gateway/streams/socket-path.ts';
import { Components } from './components.ts';
import { schemaNames } from './schema-names.ts';

export interface SocketParts {
  /** Of this program. */
  readonly version: string;
  /** Every path, with the title of its surface. */
  readonly sockets: readonly { readonly surface: string; readonly path: SocketPath }[];
  /** Messages that a server really sent, by `SOCKET.MESSAGE`. */
  readonly messages: Readonly<Record<string, unknown>>;
}

const DESCRIPTION = `The WebSocket paths of Openbell. What a client may send is an operation that the server *receives*; what it
gets is one that the server *sends*. Control messages are JSON in text frames. Market data are JSON too, or FlatBuffers where
the address says \`format=flatbuffers\` or the client offers the subprotocol \`openbell.fb.v1\`: they tell the same facts,
as \`schemas/binary/openbell.fbs\` has them. Requests over HTTP are described by [/openapi.json](/openapi.json).`;

const AUTH: Readonly<Record<SocketPath['auth'], string>> = {
  public: 'Open to everybody.',
  required: 'A client proves within five seconds who it is, else the socket closes with 4401.',
  required_for_own: 'Open to everybody; what is one’s own needs a login.',
};

const SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  token: { type: 'httpApiKey', name: 'token', in: 'query', description: 'An access token' },
  apiKey: { type: 'httpApiKey', name: 'X-API-Key', in: 'header', description: 'With X-API-Secret' },
} as const;

/** A document, as far as its page reads it. */
export interface AsyncApi {
  readonly asyncapi: string;
  readonly defaultContentType: string;
  readonly servers: object;
  readonly operations: object;
  readonly info: object;
  readonly channels: Readonly<Record<string, ChannelObject>>;
  readonly components: Readonly<
    Record<'schemas' | 'securitySchemes', Readonly<Record<string, object>>>
  >;
}

export interface ChannelObject {
  readonly address: string;
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  readonly tags: readonly { readonly name: string }[];
  /** By `say.` or `get.` and the message's name. */
  readonly messages: Readonly<Record<string, MessageObject>>;
  readonly bindings: {
    readonly ws: {
      readonly method: string;
      readonly query?: object;
      readonly bindingVersion: string;
    };
  };
}

export interface MessageObject {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly payload: object;
  readonly examples?: readonly { readonly payload: unknown }[];
}

/** The AsyncAPI 3 document of a table of sockets. */
export function asyncApiDocument({ version, sockets, messages }: SocketParts): AsyncApi {
  const components = new Components(schemaNames());
  const channels: Record<string, ChannelObject> = {};
  const operations: Record<string, object> = {};
  for (const { surface, path } of sockets) {
    const { name, takes = [], sends = [] } = path;
    channels[name] = channel(path, surface, components, messages);
    const security = securityOf(path);
    if (sends.length > 0) {
      const summary = `What a client of ${path.path} gets`;
      operations[`${name}.send`] = operation('send', name, summary, sends, 'get', security);
    }
    if (takes.length > 0) {
      const summary = `What a client of ${path.path} may send`;
      operations[`${name}.receive`] = operation('receive', name, summary, takes, 'say', security);
    }
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Openbell',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT' },
      tags: [...new Set(sockets.map(({ surface }) => surface))].map((name) => ({ name })),
    },
    defaultContentType: 'application/json',
    servers: {
      here: {
        host: '{host}',
        protocol: 'ws',
        description: 'This server; wss where it is reached by TLS',
        variables: { host: { default: 'localhost:8000' } },
      },
    },
    channels,
    operations,
    components: { schemas: components.schemas, securitySchemes: SCHEMES },
  };
}

function channel(
  { name, path, summary, auth, example, query, takes = [], sends = [], requests }: SocketPath,
  surface: string,
  components: Components,
  told: SocketParts['messages'],
): ChannelObject {
  const messages: Record<string, MessageObject> = {};
  for (const one of takes) {
    const examples = requests.filter((request) => looksLike(one.schema, request));
    messages[`say.${one.name}`] = message(one, examples, components);
  }
  for (const one of sends) {
    const seen = told[`${name}.${one.name}`];
    messages[`get.${one.name}`] = message(one, seen === undefined ? [] : [seen], components);
  }
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
  return {
    address: path,
    title: path,
    summary,
    description: [AUTH[auth], ...(example === undefined ? [] : [`For example ${example}`])].join(
      ' ',
    ),
    tags: [{ name: surface }],
    ...(parameters.length === 0
      ? {}
      : { parameters: Object.fromEntries(parameters.map((one) => [one, segment(one)])) }),
    messages,
    bindings: {
      ws: {
        method: 'GET',
        ...(query === undefined ? {} : { query: queryOf(query) }),
        bindingVersion: '0.1.0',
      },
    },
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>;
  readonly required?: readonly string[];
}

/** True where a message has the members of the schema, with their constants: enough to tell it apart. */
function looksLike(schema: TSchema, message: object): boolean {
  const { properties = {}, required = [] } = schema as ObjectSchema;
  const isKnown = ([name, value]: [string, unknown]): boolean => {
    const property = properties[name];
    return property !== undefined && (property.const === undefined || property.const === value);
  };
  return required.every((name) => name in message) && Object.entries(message).every(isKnown);
}

/** A binding has no references, so whatever the parameters say stands in it. */
function queryOf(query: TSchema): object {
  return JSON.parse(JSON.stringify({ properties: {}, ...query })) as object;
}

const SEGMENTS: Readonly<Record<string, string>> = {
  exchange: 'Exchange, in any case',
  symbol: 'In the spelling of any exchange',
};

function segment(name: string): object {
  return { description: SEGMENTS[name] ?? `The ${name}` };
}

function message(
  { name, summary, schema }: SocketMessage,
  examples: readonly unknown[],
  components: Components,
): MessageObject {
  return {
    name,
    title: name,
    summary,
    contentType: 'application/json',
    payload: components.use(schema),
    ...(examples.length === 0 ? {} : { examples: examples.map((payload) => ({ payload })) }),
  };
}

function operation(
  action: 'send' | 'receive',
  name: string,
  summary: string,
  messages: readonly SocketMessage[],
  direction: 'get' | 'say',
  security: readonly object[],
): object {
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    summary,
    ...(security.length === 0 ? {} : { security }),
    messages: messages.map((one) => ({
      $ref: `#/channels/${name}/messages/${direction}.${one.name}`,
    })),
  };
}

function securityOf({ auth }: SocketPath): readonly object[] {
  if (auth === 'public') return [];
  return Object.keys(SCHEMES).map((scheme) => ({ $ref: `#/components/securitySchemes/${scheme}` }));
}
