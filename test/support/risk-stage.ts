import { ConformanceStage, type StageUser } from './conformance-stage.ts';
import type { PlainPrice } from './plain-risk.ts';
import { eventually } from './server-process.ts';
import { writeSomeMarkets } from './some-markets.ts';
import { openTemporaryDirectory } from './temp-directory.ts';

const SYMBOLS = ['AAPL', 'MSFT', 'GOOGL'];
const CRYPTO = 'BTC-USDT';

/** A server with a few markets that have a past of five years, and hardly any traders. */
export class RiskStage {
  readonly stage: ConformanceStage;
  private readonly folder: ReturnType<typeof openTemporaryDirectory>;

  private constructor(stage: ConformanceStage, folder: ReturnType<typeof openTemporaryDirectory>) {
    this.stage = stage;
    this.folder = folder;
  }

  /** Opens when every market has its past. */
  static async open(env: Record<string, string> = {}): Promise<RiskStage> {
    const folder = openTemporaryDirectory();
    const names = [...SYMBOLS.map((symbol) => `NASDAQ:${symbol}`), `binance:${CRYPTO}`];
    const marketsFile = writeSomeMarkets(folder.path, names);
    const stage = await ConformanceStage.open({
      OPENBELL_MARKETS_FILE: marketsFile,
      OPENBELL_SIMULATION_ORDERS_PER_SECOND: '1',
      OPENBELL_SIMULATION_HISTORY: 'on',
      OPENBELL_OPENING_BALANCES: 'USD=1000000,USDT=1000000',
      ...env,
    });
    return new RiskStage(stage, folder);
  }

  /** A user, for whom the past of all markets is there. */
  async user(name: string): Promise<StageUser> {
    const user = await this.stage.user(name);
    for (const symbol of [...SYMBOLS, CRYPTO]) {
      await eventually(`the past of ${symbol}`, async () => {
        return (await dailyPrices(user, symbol)).length > 1000 || undefined;
      });
    }
    return user;
  }

  async close(): Promise<void> {
    await this.stage.close();
    this.folder.remove();
  }
}

/** Closes of finished days, as anyone reads them from the surface. */
export async function dailyPrices(user: StageUser, symbol: string): Promise<PlainPrice[]> {
  const path = `/api/market/historical/${symbol}?period=max&interval=1d`;
  const { body } = await user.get(path);
  const data = body.data as PlainPrice[];
  const today = new Date().toISOString().slice(0, 10);
  return data.filter(({ date }) => date < today).map(({ date, close }) => ({ date, close }));
}
