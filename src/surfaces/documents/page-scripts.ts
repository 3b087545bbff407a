/** Starts Swagger UI; the server in its list is the one that the page came from. */
export const SWAGGER_START = `
const reply = await fetch('/openapi.json');
const spec = await reply.json();
spec.servers = [{ url: location.origin, description: 'This server' }];
SwaggerUIBundle({
  spec,
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  onComplete: () => document.body.setAttribute('data-ready', 'true'),
});
`;

/** Starts ReDoc, in fonts that the reader's machine has. */
export const REDOC_START = `
const reply = await fetch('/openapi.json');
const spec = await reply.json();
spec.servers = [{ url: location.origin, description: 'This server' }];
const fontFamily = 'system-ui, sans-serif';
const options = {
  hideDownloadButton: false,
  theme: {
    typography: { fontFamily, headings: { fontFamily }, code: { fontFamily: 'ui-monospace, monospace' } },
  },
};
Redoc.init(spec, options, document.getElementById('api'), () => {
  document.body.setAttribute('data-ready', 'true');
});
`;
