import { Type } from 'typebox';
import { Refusal } from '../../gateway/http/refusal.ts';
import { defineRoute, type Route } from '../../gateway/http/route.ts';
import type { Catalogue } from '../../gateway/surface-module.ts';
import { type AsyncApi, asyncApiDocument } from '../../openapi/asyncapi-document.ts';
import { openApiDocument } from '../../openapi/openapi-document.ts';
import { readAnswers, readMessages } from '../../openapi/recorded-answers.ts';
import { Assets } from './assets.ts';
import { asyncApiPage } from './asyncapi-page.ts';
import { errorCodes } from './error-codes.ts';
import type { Markup } from './markup.ts';
import { PAGE_POLICY, redocPage, swaggerPage } from './pages.ts';
import { RESOURCE_HEADERS, REVALIDATED, Resource } from './resource.ts';
import { SURFACE } from './surface.ts';

const HTML = 'text/html; charset=utf-8';
const OPEN = {
  surface: SURFACE,
  limit: 'pages',
  auth: 'public',
  scope: null,
  method: 'GET',
  successStatus: 200,
  headers: RESOURCE_HEADERS,
} as const;

const AnyDocument = Type.Object({}, { additionalProperties: true });
const PageText = Type.String();
const AssetParams = Type.Object(
  { file: Type.String({ maxLength: 80, description: 'As the pages name it' }) },
  { additionalProperties: false },
);
const NO_ASSET = new Refusal('not_found', 'UNKNOWN_PATH', 'There is no such file.', {
  details: { parameter: 'file' },
});

/**
 * The documents and their pages. Each is made when it is first asked for, from what is served, and
 * is the same from then on.
 */
export function documentRoutes(version: string, catalogue: () => Catalogue): Route[] {
  const assets = new Assets();
  const codes = () => {
    const { routes, surfaces } = catalogue();
    return errorCodes(routes, surfaces);
  };
  const openApi = document(() =>
    openApiDocument({ version, ...catalogue(), answers: readAnswers() }),
  );
  const asyncApi = document(() => socketDocument(version, catalogue()));
  const sockets = htmlPage(async () => asyncApiPage(socketDocument(version, catalogue())));
  const swagger = htmlPage(async () => swaggerPage(assets, codes()));
  const redoc = htmlPage(async () => redocPage(assets));
  return [
    defineRoute({
      ...OPEN,
      path: '/openapi.json',
      summary: 'This document: OpenAPI 3.1 of every endpoint on this port',
      response: AnyDocument,
      handler: (context) => openApi.answer(context),
    }),
    defineRoute({
      ...OPEN,
      path: '/docs',
      summary: 'Swagger UI: the endpoints, to be tried from the page',
      response: PageText,
      contentType: HTML,
      handler: (context) => swagger.answer(context),
    }),
    defineRoute({
      ...OPEN,
      path: '/redoc',
      summary: 'ReDoc: the endpoints, to be read',
      response: PageText,
      contentType: HTML,
      handler: (context) => redoc.answer(context),
    }),
    defineRoute({
      ...OPEN,
      path: '/asyncapi.json',
      summary: 'AsyncAPI 3 of every WebSocket path on this port',
      response: AnyDocument,
      handler: (context) => asyncApi.answer(context),
    }),
    defineRoute({
      ...OPEN,
      path: '/asyncapi',
      summary: 'The WebSocket paths and their messages, to be read',
      response: PageText,
      contentType: HTML,
      handler: (context) => sockets.answer(context),
    }),
    defineRoute({
      ...OPEN,
      path: '/docs/assets/{file}',
      summary: 'Scripts and styles of the pages; an address names its content',
      params: AssetParams,
      response: PageText,
      contentType: 'text/javascript',
      refusals: [NO_ASSET],
      handler: async (context) => {
        const asset = await assets.find(context.params.file);
        return asset === undefined ? NO_ASSET : asset.answer(context);
      },
    }),
  ];
}

/** What surfaces without requests over HTTP are told as. */
const OWN = 'Openbell';

function socketDocument(version: string, { modules, surfaces }: Catalogue): AsyncApi {
  const titles = new Map(surfaces.map(({ name, title }) => [name, title]));
  const sockets = modules.flatMap(({ name, sockets: paths }) =>
    paths.map((path) => ({ surface: titles.get(name) ?? OWN, path })),
  );
  return asyncApiDocument({ version, sockets, messages: readMessages() });
}

function document(make: () => object): Resource {
  const text = (): Uint8Array => Buffer.from(JSON.stringify(make()));
  return new Resource(text, { contentType: 'application/json', cacheControl: REVALIDATED });
}

function htmlPage(make: () => Promise<Markup>): Resource {
  return new Resource(async () => Buffer.from((await make()).text), {
    contentType: HTML,
    cacheControl: REVALIDATED,
    headers: [['Content-Security-Policy', PAGE_POLICY]],
  });
}
