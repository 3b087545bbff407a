import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

// biome-ignore lint/suspicious/noExplicitAny: a document is read as it comes
type Json = any;

const FORMATS = {
  'date-time': (text: string) => text.includes('T') && !Number.isNaN(Date.parse(text)),
  uuid: true as const,
};

/** An AsyncAPI document, and which of its messages a message is. */
export class SocketDocument {
  readonly document: Json;
  private readonly ajv = new Ajv2020({ strict: false, formats: FORMATS, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(document: Json) {
    this.document = document;
    this.ajv.addSchema(document, 'sockets');
  }

  /** The channel of a path, with or without a query: the one with the fewest parameters. */
  channelAt(path: string): string {
    const asked = path.split('?')[0].split('/');
    const fits = Object.entries<Json>(this.document.channels).filter(([, { address }]) => {
      const parts = (address as string).split('/');
      return (
        parts.length === asked.length &&
        parts.every((part, i) => part.startsWith('{') || part === asked[i])
      );
    });
    fits.sort(([, a], [, b]) => a.address.split('{').length - b.address.split('{').length);
    if (fits.length === 0) throw new Error(`${path} is not in the document`);
    return fits[0][0];
  }

  /**
   * The name of what a message is, `undefined` where the channel tells of no such message.
   * @param direction `get`: sent by the server; `say`: by a client
   */
  nameOf(channel: string, direction: 'get' | 'say', message: unknown): string | undefined {
    const found = Object.keys(this.document.channels[channel].messages).find(
      (name) => name.startsWith(`${direction}.`) && this.validator(channel, name)(message),
    );
    return found?.slice(direction.length + 1);
  }

  /** True where a message is what the document says under a key, `get.pong`. */
  isA(channel: string, key: string, message: unknown): boolean {
    return this.validator(channel, key)(message);
  }

  private validator(channel: string, name: string): ValidateFunction {
    const key = `${channel} ${name}`;
    let validate = this.validators.get(key);
    if (validate === undefined) {
      const { payload } = this.document.channels[channel].messages[name];
      const schema = JSON.stringify(payload).replaceAll('"$ref":"#/', '"$ref":"sockets#/');
      validate = this.ajv.compile(JSON.parse(schema));
      this.validators.set(key, validate);
    }
    return validate;
  }
}
