const EVERY_MS = 5_000;
const TIMEOUT_MS = 3_000;
/** A chain whose newest block is older stands still. */
const STALE_MS = 60_000;
const REPLY_CHARACTERS_MAX = 256 * 1024;

/** What the configured nodes say; everything `null` until one has answered. */
export interface SeiStatus {
  readonly status: 'healthy' | 'unhealthy' | 'not_configured';
  readonly network: string | null;
  readonly blockHeight: number | null;
  /** Between two looks: time over blocks. */
  readonly blockTimeSeconds: number | null;
  readonly healthyEndpoints: number | null;
  /** Mean time of a reply, over the nodes that answered. */
  readonly latencyMs: number | null;
}

interface NodeReply {
  readonly network: string;
  readonly height: number;
  readonly blockMs: number;
  readonly isCatchingUp: boolean;
  readonly latencyMs: number;
}

const UNKNOWN = {
  network: null,
  blockHeight: null,
  blockTimeSeconds: null,
  healthyEndpoints: null,
  latencyMs: null,
} as const;

/** Asks nodes of the Sei chain for `/status`, as CometBFT documents it. */
export class SeiProbe {
  private readonly urls: readonly string[];
  private readonly nowMs: () => number;
  private timer: NodeJS.Timeout | undefined;
  private newest: NodeReply | undefined;
  private current: SeiStatus;

  /** @param nowMs milliseconds since the Unix epoch */
  constructor(urls: readonly string[], nowMs: () => number) {
    this.urls = urls;
    this.nowMs = nowMs;
    const isThere = urls.length > 0;
    this.current = { status: isThere ? 'unhealthy' : 'not_configured', ...UNKNOWN };
  }

  get status(): SeiStatus {
    return this.current;
  }

  start(): void {
    if (this.urls.length === 0) return;
    const look = (): void => void this.look();
    look();
    this.timer = setInterval(look, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Asks all nodes once. */
  async look(): Promise<void> {
    const asked = await Promise.all(this.urls.map((url) => this.ask(url)));
    const replies = asked.filter((reply) => reply !== undefined);
    const good = replies.filter(
      ({ isCatchingUp, blockMs }) => !isCatchingUp && this.nowMs() - blockMs < STALE_MS,
    );
    if (replies.length === 0) {
      this.current = { status: 'unhealthy', ...UNKNOWN, healthyEndpoints: 0 };
      return;
    }
    const best = replies.reduce((a, b) => (b.height > a.height ? b : a));
    const { newest: former } = this;
    const blocks = former === undefined ? 0 : best.height - former.height;
    const seconds = former === undefined ? 0 : (best.blockMs - former.blockMs) / 1000;
    this.newest = best;
    this.current = {
      status: good.length > 0 ? 'healthy' : 'unhealthy',
      network: best.network,
      blockHeight: best.height,
      blockTimeSeconds: blocks > 0 ? seconds / blocks : this.current.blockTimeSeconds,
      healthyEndpoints: good.length,
      latencyMs: replies.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / replies.length,
    };
  }

  private async ask(url: string): Promise<NodeReply | undefined> {
    const since = performance.now();
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const reply = await fetch(`${url}/status`, { signal, redirect: 'error' });
      const text = await reply.text();
      if (!reply.ok || text.length > REPLY_CHARACTERS_MAX) return undefined;
      return readStatus(JSON.parse(text), performance.now() - since);
    } catch {
      return undefined;
    }
  }
}

/** Sei's nodes answer with or without the JSON-RPC envelope, by their version. */
function readStatus(body: unknown, latencyMs: number): NodeReply | undefined {
  const { result = body } = body as { result?: unknown };
  const { node_info, sync_info } = result as {
    node_info?: { network?: unknown };
    sync_info?: {
      latest_block_height?: unknown;
      latest_block_time?: unknown;
      catching_up?: unknown;
    };
  };
  const height = Number(sync_info?.latest_block_height);
  const blockMs = Date.parse(String(sync_info?.latest_block_time));
  if (!Number.isSafeInteger(height) || Number.isNaN(blockMs)) return undefined;
  const network = String(node_info?.network ?? '');
  return { network, height, blockMs, isCatchingUp: sync_info?.catching_up === true, latencyMs };
}
