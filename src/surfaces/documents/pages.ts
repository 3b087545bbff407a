import type { Assets } from './assets.ts';
import type { ErrorCode } from './error-codes.ts';
import { html, type Markup, raw } from './markup.ts';

/**
 * What a page may do: run our scripts, ask this server. Both readers write style into elements, so
 * styles of the page's own are let through; no other server is asked for anything.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_STYLE = `
body { margin: 0; font-family: system-ui, sans-serif; }
nav { padding: .6rem 1.2rem; background: #1b2733; color: #fff; }
nav a { color: #9fd3ff; margin-right: 1.2rem; }
#error-codes { max-width: 1420px; margin: 2rem auto; padding: 0 1.2rem; font-size: 90%; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .25rem .8rem .25rem 0; vertical-align: top; }
`;

/** Swagger UI over `/openapi.json`, and below it the codes of errors. */
export async function swaggerPage(assets: Assets, codes: readonly ErrorCode[]): Promise<Markup> {
  return page('Openbell: API', [
    html`<link rel="stylesheet" href="${await assets.address('swagger-ui.css')}">`,
    NAVIGATION,
    html`<div id="api"></div>`,
    codeTable(codes),
    html`<script src="${await assets.address('swagger-ui.js')}"></script>`,
    html`<script type="module" src="${await assets.address('swagger-start.js')}"></script>`,
  ]);
}

/** ReDoc over `/openapi.json`. */
export async function redocPage(assets: Assets): Promise<Markup> {
  return page('Openbell: API reference', [
    NAVIGATION,
    html`<div id="api"></div>`,
    html`<script src="${await assets.address('redoc.js')}"></script>`,
    html`<script type="module" src="${await assets.address('redoc-start.js')}"></script>`,
  ]);
}

/** A whole page. The first part may be what belongs into its head. */
export function page(title: string, parts: readonly Markup[], style = ''): Markup {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(PAGE_STYLE + style)}</style>
${parts}
</html>
`;
}

export const NAVIGATION = html`<nav><a href="/docs">Try it</a><a href="/redoc">Reference</a><a href="/asyncapi">WebSockets</a><a href="/openapi.json">openapi.json</a><a href="/asyncapi.json">asyncapi.json</a></nav>`;

function codeTable(codes: readonly ErrorCode[]): Markup {
  const rows = codes.map(
    ({ surface, status, code, message }) =>
      html`<tr><td>${surface}</td><td>${String(status)}</td><td><code>${code}</code></td><td>${message}</td></tr>\n`,
  );
  return html`<section id="error-codes"><h2>Error codes</h2>
<table><tr><th>API</th><th>status</th><th>code</th><th>for example</th></tr>
${rows}</table></section>`;
}
