import type { Instrument } from '../normalised.ts';
import { decimalOf } from '../reading.ts';
import { RestClient } from '../rest/client.ts';
import { readReply, unsupported } from '../rest/reading-replies.ts';
import type { RestResult } from '../rest/result.ts';
import type { RestOptions, VenueRest } from '../venue-adapter.ts';
import { instrumentsReply, refusalIn } from './replies.ts';

/** OKX grants 20 requests in 2 seconds. */
const LIMITS = { weight: { windowMs: 2_000, weightMax: 15 } };

const INSTRUMENTS_FRESH_MS = 60_000;

/** OKX v5 over HTTP: what its contracts are worth. The rest is not followed. */
export class OkxRest implements VenueRest {
  readonly client: RestClient;

  constructor(options: RestOptions) {
    this.client = new RestClient({ ...options, limits: { ...LIMITS, ...options.limits } });
  }

  async instruments(): Promise<RestResult<readonly Instrument[]>> {
    const reply = await this.client.get({
      path: '/api/v5/public/instruments',
      query: { instType: 'SWAP' },
      weight: 1,
      // Whoever finds a contract that is not in it asks again.
      freshMs: INSTRUMENTS_FRESH_MS,
      check: instrumentsReply,
      refusalIn,
    });
    return readReply(reply, ({ data }) =>
      data.flatMap((row): Instrument | [] => {
        // Announced, and not described yet.
        if (row.ctVal === '' || row.tickSz === '' || row.lotSz === '') return [];
        const [base = '', quote = ''] = row.instId.split('-');
        return {
          symbol: row.instId,
          base,
          quote,
          tick: decimalOf(row.tickSz),
          lot: decimalOf(row.lotSz),
          contractSize: decimalOf(row.ctVal),
          isInverse: row.ctType === 'inverse',
          isTrading: row.state === 'live',
        };
      }),
    );
  }

  candles = notFollowed;
  openInterest = notFollowed;
  openInterestHistory = notFollowed;
  mark = notFollowed;
  marks = notFollowed;
  fundingHistory = notFollowed;
  predictedFunding = notFollowed;
  tickers = notFollowed;
  bookSnapshot = notFollowed;
  raw = notFollowed;
}

function notFollowed(): Promise<RestResult<never>> {
  return unsupported('of OKX only liquidations are followed');
}
