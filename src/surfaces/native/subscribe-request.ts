import type { MarketRegistry } from '../../config/markets.ts';
import type { Market } from '../../domain/markets.ts';
import type { ChannelOptions, MarketChannel } from './channels/channel.ts';
import {
  clip,
  type Envelope,
  type RequestId,
  resolveMarkets,
  StreamRequestError,
} from './requests.ts';

/** Where a client was in a stream before its connection broke. */
export interface ResumePoint {
  readonly epoch: number;
  readonly seq: number;
}

/** A request for a channel of market data. */
export interface MarketRequest {
  readonly id: RequestId;
  readonly channel: MarketChannel;
  readonly markets: readonly Market[];
  readonly options: ChannelOptions;
  /** Of one market only. */
  readonly resume: ResumePoint | undefined;
}

const COMMON_FIELDS: readonly string[] = ['op', 'id', 'channel'];

/** Refuses fields that are not the channel's. Throws `StreamRequestError`. */
export function checkFields({ op, id, body }: Envelope, fields: readonly string[]): void {
  for (const field of Object.keys(body)) {
    if (COMMON_FIELDS.includes(field) || fields.includes(field)) continue;
    const channel = String(body.channel);
    const code = field === 'depth' ? 'INVALID_DEPTH' : 'INVALID_REQUEST';
    const message = `${op} to ${channel} has no field "${clip(field)}"`;
    throw new StreamRequestError(id, code, message, { parameter: field });
  }
}

/** Reads a request for market data. Throws `StreamRequestError`. */
export function parseMarketRequest(
  request: Envelope,
  channel: MarketChannel,
  registry: MarketRegistry,
): MarketRequest {
  const { op, id, body } = request;
  const own = op === 'subscribe' ? ['resume', ...channel.fields] : (channel.streamFields ?? []);
  checkFields(request, ['market', ...own]);
  const options = channel.parse(id, body);
  const markets = resolveMarkets(id, body.market, registry);
  const resume = parseResume(id, body.resume);
  if (resume !== undefined && markets.length !== 1) {
    throw new StreamRequestError(id, 'INVALID_REQUEST', '"resume" is of one market', {
      parameter: 'resume',
    });
  }
  return { id, channel, markets, options, resume };
}

/** Reads `{"epoch":…,"seq":…}`; `undefined` when the client starts anew. */
export function parseResume(id: RequestId, value: unknown): ResumePoint | undefined {
  if (value === undefined) return undefined;
  const { epoch, seq, ...rest } = (
    typeof value === 'object' && value !== null ? value : {}
  ) as Record<string, unknown>;
  if (isSequence(epoch) && isSequence(seq) && Object.keys(rest).length === 0) return { epoch, seq };
  const message = '"resume" is {"epoch": …, "seq": …} of the last message that you have';
  throw new StreamRequestError(id, 'INVALID_REQUEST', message, { parameter: 'resume' });
}

function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
