import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { REDOC_START, SWAGGER_START } from './page-scripts.ts';
import { IMMUTABLE, Resource } from './resource.ts';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const BASE = '/docs/assets';

/** Files of packages that the pages load; a build copies them. */
export const PACKAGE_FILES = {
  'swagger-ui.js': 'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  'redoc.js': 'redoc/bundles/redoc.standalone.js',
} as const;

/** Where the copies are. */
export const COPIES = fileURLToPath(new URL('../../../pages/', import.meta.url));

/** ReDoc shows its maker's sign from the maker's server; the page asks no other server for anything. */
const REDOC_SIGN = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_PICTURE = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';

export type AssetName = keyof typeof PACKAGE_FILES | 'swagger-start.js' | 'redoc-start.js';

/** Scripts and styles of the pages. The address of each names its content, so browsers keep it. */
export class Assets {
  private readonly resources: ReadonlyMap<AssetName, Resource>;

  constructor() {
    const file = (name: keyof typeof PACKAGE_FILES) => () => readFile(locate(name));
    this.resources = new Map([
      ['swagger-ui.js', script(file('swagger-ui.js'))],
      ['swagger-ui.css', new Resource(file('swagger-ui.css'), kept(STYLE))],
      ['redoc.js', script(async () => withoutSign(await readFile(locate('redoc.js'), 'utf8')))],
      ['swagger-start.js', script(() => Buffer.from(SWAGGER_START))],
      ['redoc-start.js', script(() => Buffer.from(REDOC_START))],
    ]);
  }

  /** `/docs/assets/NAME.HASH.js`. */
  async address(name: AssetName): Promise<string> {
    const hash = await this.resources.get(name)?.hash();
    const [stem, ending] = name.split('.');
    return `${BASE}/${stem}.${hash}.${ending}`;
  }

  /** The asset at the end of an address, with the present hash. */
  async find(file: string): Promise<Resource | undefined> {
    const [stem, hash, ending] = file.split('.');
    const resource = this.resources.get(`${stem}.${ending}` as AssetName);
    return (await resource?.hash()) === hash ? resource : undefined;
  }
}

function kept(contentType: string) {
  return { contentType, cacheControl: IMMUTABLE };
}

function script(make: () => Uint8Array | Promise<Uint8Array>): Resource {
  return new Resource(make, kept(SCRIPT));
}

/** The copy that the build made, else the file of the package itself. */
function locate(name: keyof typeof PACKAGE_FILES): string {
  const copy = `${COPIES}${name}`;
  if (existsSync(copy)) return copy;
  return createRequire(import.meta.url).resolve(PACKAGE_FILES[name]);
}

function withoutSign(text: string): Uint8Array {
  return Buffer.from(text.replace(REDOC_SIGN, NO_PICTURE));
}
