import WebSocket from 'ws';
import type { WireOrder } from '../../schemas/velocimex.ts';
import type { WirePerformance, WireStrategy } from '../../schemas/velocimex-strategies.ts';
import { type Client, eventually } from './server-process.ts';

/** One strategy as the client sees it now. */
export async function strategy(client: Client, id: string): Promise<WireStrategy> {
  const reply = await client.get('/v1/strategies');
  const found = reply.body.data.strategies.find((one: WireStrategy) => one.id === id);
  if (found === undefined) throw new Error(`no strategy ${id} in ${JSON.stringify(reply.body)}`);
  return found;
}

/** Waits until the strategy's performance is as wanted; it is given back. */
export function performanceWhen(
  client: Client,
  id: string,
  what: string,
  isThere: (performance: WirePerformance) => boolean,
): Promise<WirePerformance> {
  return eventually(
    `${id}: ${what}`,
    async () => {
      const { performance } = await strategy(client, id);
      return performance !== null && isThere(performance) ? performance : undefined;
    },
    40_000,
  );
}

/** Every order message of the caller's socket `/v1/ws/orders`. */
export async function watchOrders(
  url: string,
  token: string,
): Promise<{ readonly seen: WireOrder[]; close(): void }> {
  const seen: WireOrder[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws/orders?token=${token}`);
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (typeof message.order_id === 'string') seen.push(message);
  });
  await new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  return { seen, close: () => socket.close() };
}
