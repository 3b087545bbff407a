import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { Answer, type RequestContext } from '../../gateway/http/route.ts';

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

type Coding = 'br' | 'gzip' | 'identity';

/** Headers that a handler of resources reads. */
export const RESOURCE_HEADERS = ['accept-encoding', 'if-none-match'] as const;

/** May be kept, and is asked for again each time. */
export const REVALIDATED = 'no-cache';
/** Its address names its content. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';

export interface ResourceOptions {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Of pages. */
  readonly headers?: readonly (readonly [string, string])[];
}

/**
 * Bytes that are made when they are first asked for and served from memory from then on: compressed
 * once per coding, away from the event loop, with an `ETag` per coding.
 */
export class Resource {
  private readonly make: () => Uint8Array | Promise<Uint8Array>;
  private readonly options: ResourceOptions;
  private readonly coded = new Map<Coding, Promise<Uint8Array>>();
  private tag: string | undefined;

  constructor(make: () => Uint8Array | Promise<Uint8Array>, options: ResourceOptions) {
    this.make = make;
    this.options = options;
  }

  /** The answer in the best coding that the client takes; 304 where it has this already. */
  async answer(context: Pick<RequestContext, 'header'>): Promise<Answer> {
    const { contentType, cacheControl, headers: own = [] } = this.options;
    const coding = chooseCoding(context.header('accept-encoding'));
    const body = await this.bytes(coding);
    const etag = `"${await this.hash()}-${coding}"`;
    const headers: (readonly [string, string])[] = [
      ['ETag', etag],
      ['Cache-Control', cacheControl],
      ['Vary', 'Accept-Encoding'],
    ];
    if (isListed(context.header('if-none-match'), etag)) {
      return Answer.encoded('', contentType, { status: 304, headers: [...headers, ...own] });
    }
    if (coding !== 'identity') headers.push(['Content-Encoding', coding]);
    return Answer.encoded(body, contentType, { headers: [...headers, ...own] });
  }

  /** Names the content: the beginning of its SHA-256, hexadecimal. */
  async hash(): Promise<string> {
    const bytes = await this.bytes('identity');
    this.tag ??= createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    return this.tag;
  }

  private bytes(coding: Coding): Promise<Uint8Array> {
    const known = this.coded.get(coding);
    if (known !== undefined) return known;
    const made = coding === 'identity' ? this.plain() : this.compressed(coding);
    this.coded.set(coding, made);
    // Whoever asks next tries again.
    made.catch(() => this.coded.delete(coding));
    return made;
  }

  private async plain(): Promise<Uint8Array> {
    return this.make();
  }

  private async compressed(coding: 'br' | 'gzip'): Promise<Uint8Array> {
    const bytes = await this.bytes('identity');
    if (coding === 'gzip') return toGzip(bytes);
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
    return toBrotli(bytes, {
      params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
  }
}

/** Above it a few per cent of size cost many times the work. */
const BROTLI_QUALITY = 9;

/** Brotli before gzip before nothing, of what the client takes at all. */
export function chooseCoding(acceptEncoding: string): Coding {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name, ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((text) => text.startsWith('q='))?.slice(2) ?? '1';
    weights.set(name, Number(weight));
  }
  const takes = (coding: string): boolean => {
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    return weight > 0;
  };
  if (takes('br')) return 'br';
  return takes('gzip') ? 'gzip' : 'identity';
}

/** True where `If-None-Match` lists the tag, weak or strong, or anything will do. */
function isListed(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === '') return false;
  const listed = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return listed.includes(etag) || listed.includes('*');
}
