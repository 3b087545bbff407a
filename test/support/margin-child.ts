/**
 * The whole server as a process that is told by messages what to do on margin, and that is killed:
 * settings come from the environment, nobody trades but who is told to.
 */
import pino from 'pino';
import { readSettings } from '../../src/config/settings.ts';
import { ORDER_TYPE_LIMIT, SIDE_BUY, SIDE_SELL, TIF_GTC } from '../../src/domain/orders.ts';
import { packageVersion } from '../../src/main.ts';
import { Server } from '../../src/server.ts';
import { shippedMarkets } from './markets.ts';

export type MarginCommand =
  | { readonly do: 'quote'; readonly bid: number; readonly ask: number; readonly lots: number }
  | { readonly do: 'open'; readonly side: number; readonly lots: number; readonly leverage: number }
  | { readonly do: 'state' }
  | { readonly do: 'stop' };

const USER = 1;
const settings = readSettings(process.env);
const markets = shippedMarkets([6]);
const market = markets.resolve('binance', 'BTC-USDT');
if (market === undefined) throw new Error('the shipped markets have binance:BTC-USDT');
const log = pino({ level: 'warn' }, pino.destination(2));
const server = await Server.start({
  settings,
  markets,
  log,
  version: packageVersion(),
  sessions: [],
  announce: () => undefined,
});
const { engine } = server;
const cash = engine.defaultPortfolioId(USER) ?? 0;

function place(side: number, priceTicks: number, qtyLots: number): Promise<number> {
  const terms = { side, orderType: ORDER_TYPE_LIMIT, tif: TIF_GTC, flags: 0, priceTicks, qtyLots };
  const whose = { userId: USER, portfolioId: cash, clientOrderId: '' };
  return new Promise((resolve) => {
    if (market === undefined) return;
    engine.place({ ...terms, ...whose, market }, ({ code }) => resolve(code));
  });
}

async function perform(command: MarginCommand): Promise<unknown> {
  if (market === undefined) return undefined;
  switch (command.do) {
    case 'quote': {
      await new Promise<void>((done) => {
        engine.cancelAll({ userId: USER, portfolioId: cash, market }, () => done());
      });
      return [
        await place(SIDE_BUY, command.bid, command.lots),
        await place(SIDE_SELL, command.ask, command.lots),
      ];
    }
    case 'open':
      return new Promise((resolve) => {
        const { side, lots, leverage } = command;
        const request = { userId: USER, market, side, qtyLots: lots, leverage, clientOrderId: '' };
        engine.margin.openPosition(request, ({ code, position }) =>
          resolve({ code, lots: position?.qtyLots, liquidation: position?.liquidationTicks }),
        );
      });
    case 'state': {
      const id = engine.margin.marginPortfolioId(USER);
      const account = id === undefined ? undefined : engine.account(id);
      const usdt = account?.collateral.find(({ asset }) => asset.name === 'USDT');
      const { ledger } = server.recovered;
      const sums = ['USDT', 'BTC'].map((asset) => String(ledger.sumOf(asset)));
      const fills = engine.margin.liquidations(market, 1000);
      return {
        lots: account?.positions[0]?.qtyLots ?? 0,
        wallet: usdt?.walletUnits ?? 0,
        inLiquidation: usdt?.inLiquidation ?? false,
        mark: engine.margin.derivatives(market)?.markTicks ?? 0,
        liquidatedLots: fills.reduce((sum, { qtyLots }) => sum + qtyLots, 0),
        sums,
      };
    }
    case 'stop':
      await server.stop('told to');
      setImmediate(() => process.exit(0));
      return true;
  }
}

process.on('message', (command: MarginCommand) => {
  perform(command).then((answer) => process.send?.({ answer }));
});
process.send?.({ answer: 'ready' });
