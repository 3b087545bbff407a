import {
  type HttpAnswer,
  type HttpQuestion,
  json,
  ReplayServer,
  type VenueProtocol,
} from './server.ts';

interface Arg {
  readonly channel: string;
  readonly instId?: string;
  readonly instType?: string;
}

/** OKX v5: public channels, and the list of swaps with the sizes of their contracts. */
export class ReplayOkx implements VenueProtocol {
  server!: ReplayServer;
  /** The reply of `/api/v5/public/instruments?instType=SWAP`. */
  instruments: string = JSON.stringify({ code: '0', msg: '', data: [SWAP] });

  static async open(): Promise<ReplayOkx> {
    const venue = new ReplayOkx();
    venue.server = await ReplayServer.open(venue);
    return venue;
  }

  answer({ path }: HttpQuestion): HttpAnswer {
    if (path === '/api/v5/public/instruments') return json(this.instruments);
    return { status: 404, body: '' };
  }

  message(text: string, connection: Parameters<VenueProtocol['message']>[1]): void {
    if (text === 'ping') {
      connection.send('pong');
      return;
    }
    const { op, args = [] } = JSON.parse(text) as { op: string; args?: Arg[] };
    for (const arg of args) {
      if (op === 'subscribe') connection.channels.add(channelOf(arg));
      else connection.channels.delete(channelOf(arg));
      connection.send(JSON.stringify({ event: op, arg, connId: 'replay' }));
    }
  }

  play(frame: { readonly arg: Arg }): number {
    return this.server.publish(channelOf(frame.arg), JSON.stringify(frame));
  }
}

function channelOf({ channel, instId = '', instType = '' }: Arg): string {
  return `${channel} ${instId}${instType}`;
}

const SWAP = {
  instId: 'BTC-USDT-SWAP',
  instType: 'SWAP',
  ctType: 'linear',
  ctVal: '0.01',
  ctMult: '1',
  ctValCcy: 'BTC',
  settleCcy: 'USDT',
  tickSz: '0.1',
  lotSz: '0.01',
  minSz: '0.01',
  state: 'live',
};
