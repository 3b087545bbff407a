import type { AsyncApi, ChannelObject, MessageObject } from '../../openapi/asyncapi-document.ts';
import { html, type Markup } from './markup.ts';
import { NAVIGATION, page } from './pages.ts';
import { schemaTable } from './schema-table.ts';

const STYLE = `
main { max-width: 1100px; margin: 0 auto; padding: 1rem 1.2rem 4rem; line-height: 1.45; color: #1b2733; }
h2 { margin-top: 3rem; border-bottom: 1px solid #d5dde5; padding-bottom: .2rem; }
h2 code { font-size: 95%; } h3 { margin: 1.6rem 0 .4rem; }
details { border: 1px solid #d5dde5; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; } summary b { margin-right: .7rem; }
.fields { width: 100%; font-size: 90%; } .fields tr { border-top: 1px solid #eef2f6; }
pre { background: #f4f7fa; padding: .6rem .8rem; overflow-x: auto; font-size: 85%; border-radius: 6px; }
ul.paths { columns: 2; list-style: none; padding: 0; } .surface { color: #5b6b7a; font-weight: normal; font-size: 75%; }
@media (prefers-color-scheme: dark) {
  body { background: #12181f; } main { color: #d7e0e8; } main a { color: #9fd3ff; }
  pre { background: #1b2733; } details, h2 { border-color: #2c3b49; } .fields tr { border-color: #24313d; }
}
`;

/** The sockets to be read: each path with its address, what a client may send and what it gets. */
export function asyncApiPage({ channels, components }: AsyncApi): Markup {
  const all = Object.entries(channels);
  const list = all.map(
    ([name, { address }]) => html`<li><a href="#${name}"><code>${address}</code></a></li>\n`,
  );
  const sections = all.map(([name, one]) => channelSection(name, one, components.schemas));
  return page(
    'Openbell: WebSockets',
    [
      NAVIGATION,
      html`<main><h1>WebSockets</h1>
<p>Control messages are JSON. Market data are JSON, or FlatBuffers where the address says <code>format=flatbuffers</code> or
the client offers the subprotocol <code>openbell.fb.v1</code>. For programs: <a href="/asyncapi.json">AsyncAPI 3</a>.</p>
<ul class="paths">${list}</ul>
${sections}</main>`,
    ],
    STYLE,
  );
}

type Schemas = AsyncApi['components']['schemas'];

function channelSection(name: string, channel: ChannelObject, schemas: Schemas): Markup {
  const { address, summary, description, tags, messages, bindings } = channel;
  const { query } = bindings.ws;
  const ofSide = (side: string): Markup[] =>
    Object.entries(messages)
      .filter(([key]) => key.startsWith(`${side}.`))
      .map(([, message]) => messageDetails(message, schemas));
  return html`<section id="${name}">
<h2><code>${address}</code> <span class="surface">${tags.map((tag) => html`${tag.name}`)}</span></h2>
<p>${summary}. ${description}</p>
${query === undefined ? html`` : html`<h3>Parameters of the address</h3>${schemaTable(query, schemas)}`}
<h3>You may send</h3>${ofSide('say')}
<h3>You get</h3>${ofSide('get')}
</section>
`;
}

function messageDetails(
  { name, summary, payload, examples = [] }: MessageObject,
  schemas: Schemas,
): Markup {
  const shown = examples.map((one) => html`<pre>${JSON.stringify(one.payload, null, 1)}</pre>`);
  return html`<details><summary><b>${name}</b> ${summary}</summary>${schemaTable(payload, schemas)}${shown}</details>\n`;
}
