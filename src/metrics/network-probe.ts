import { connect } from 'node:net';

export interface Peer {
  readonly host: string;
  readonly port: number;
}

const EVERY_MS = 10_000;
const TIMEOUT_MS = 3_000;

/** How far configured peers are: the time a connection to them takes to open. */
export class NetworkProbe {
  private readonly peers: readonly Peer[];
  private latest: readonly number[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(peers: readonly Peer[]) {
    this.peers = peers;
  }

  start(): void {
    if (this.peers.length === 0) return;
    const look = (): void => void this.look();
    look();
    this.timer = setInterval(look, EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Mean over the peers that answered last, milliseconds; `null` where none is configured or answers. */
  get latencyMs(): number | null {
    const { latest } = this;
    if (latest.length === 0) return null;
    return latest.reduce((sum, ms) => sum + ms, 0) / latest.length;
  }

  /** Measures all peers once. */
  async look(): Promise<void> {
    const measured = await Promise.all(this.peers.map(connectMs));
    this.latest = measured.filter((ms) => ms !== undefined);
  }
}

function connectMs({ host, port }: Peer): Promise<number | undefined> {
  return new Promise((resolve) => {
    const since = performance.now();
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const end = (ms: number | undefined): void => {
      socket.destroy();
      resolve(ms);
    };
    socket.on('connect', () => end(performance.now() - since));
    socket.on('timeout', () => end(undefined));
    socket.on('error', () => end(undefined));
  });
}
