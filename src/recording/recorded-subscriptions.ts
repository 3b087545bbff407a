import type { RecordedSession, RecordedSubscription } from './format.ts';
import {
  binaryMessage,
  headOfBinary,
  headOfJson,
  type MessageHead,
  recordedChannel,
  variantOf,
} from './message-head.ts';

/** What a connection of the recorder lends to its subscriptions. */
export interface RecorderConnection {
  send(request: object): void;
  /** Every subscription has been acknowledged. */
  reached(session: RecordedSession): void;
  /** A subscription was refused for good. */
  failed(message: string): void;
}

/** A request, and where its stream was when the connection before broke. */
interface Asked {
  readonly request: Readonly<Record<string, unknown>>;
  readonly resumes: boolean;
}

type Wire = Readonly<Record<string, unknown>>;

/**
 * Subscribes one request after the other, so that a rate limit is met with patience, and knows of
 * every stream how far it was: after a lost connection each goes on from there if the server can.
 */
export class RecordedSubscriptions {
  private readonly wanted: readonly RecordedSubscription[];
  private readonly markets = new Map<string, Wire>();
  private readonly namesById = new Map<number, string>();
  /** Streams by `channel market interval`, with the newest sequence seen. */
  private readonly positions = new Map<
    string,
    { head: MessageHead; asked: RecordedSubscription }
  >();
  private connection: RecorderConnection | undefined;
  private queue: Asked[] = [];
  private welcome: Wire = {};
  private recovered = true;
  private nextId = 1;
  private retry: NodeJS.Timeout | undefined;

  constructor(wanted: readonly RecordedSubscription[]) {
    this.wanted = wanted;
  }

  begin(connection: RecorderConnection): void {
    this.connection = connection;
    this.queue = [];
    this.recovered = true;
  }

  end(): void {
    clearTimeout(this.retry);
    this.connection = undefined;
  }

  /** Sees every message of the connection. */
  take(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      const head = headOfBinary(binaryMessage(data));
      if (head !== undefined) this.note(head);
      return;
    }
    const message = JSON.parse(data.toString()) as Wire;
    const head = headOfJson(message);
    if (head !== undefined) this.note(head);
    else this.control(message);
  }

  private control(message: Wire): void {
    switch (message.type) {
      case 'welcome':
        this.welcome = message;
        this.queue = this.requests();
        this.ask();
        return;
      case 'subscribed':
        this.acknowledged(message);
        return;
      case 'error':
        this.refused(message);
        return;
      default:
    }
  }

  /** All of it at first; after that every stream by itself, from where it was. */
  private requests(): Asked[] {
    const { epoch } = this.welcome;
    const resumed = [...this.positions.values()].map(({ head, asked }) => ({
      request: {
        op: 'subscribe',
        ...asked,
        market: this.nameOf(head),
        resume: { epoch: head.epoch, seq: head.seq },
      },
      resumes: head.epoch === epoch,
    }));
    if (resumed.length > 0 && resumed.every(({ resumes }) => resumes)) {
      const silent = this.wanted.filter(({ market }) => market === undefined);
      return [...resumed, ...silent.map((asked) => anew(asked))];
    }
    if (this.positions.size > 0) this.recovered = false;
    this.positions.clear();
    return this.wanted.map((asked) => anew(asked));
  }

  private ask(): void {
    const [next] = this.queue;
    if (next !== undefined) {
      this.connection?.send({ ...next.request, id: this.nextId });
      return;
    }
    const { protocol, epoch, simulated } = this.welcome;
    this.connection?.reached({
      protocol: String(protocol),
      epoch: Number(epoch),
      simulated: simulated === true,
      markets: [...this.markets.values()],
      recovered: this.recovered,
    });
  }

  private acknowledged(message: Wire): void {
    if (message.id !== this.nextId) return;
    const asked = this.queue.shift();
    this.nextId += 1;
    const { channel, interval } = message;
    // Where a newer state makes an older one useless, nothing is missed that the new one lacks.
    const isWhole = recordedChannel(channel)?.conflation === 'always';
    if (asked?.resumes && message.recovered !== true && !isWhole) this.recovered = false;
    for (const { seq, ...market } of (message.markets ?? []) as Wire[]) {
      const name = String(market.market);
      this.markets.set(name, market);
      this.namesById.set(Number(market.market_id), name);
      const { epoch } = this.welcome;
      // What nothing is said of before the connection breaks goes on from the acknowledgement.
      this.note(
        {
          channel: String(channel),
          market: name,
          variant: variantOf(String(channel), interval),
          epoch: Number(epoch),
          seq: Number(seq),
          prevSeq: Number(seq),
        },
        { channel: String(channel), ...(interval !== undefined && { interval: String(interval) }) },
      );
    }
    this.ask();
  }

  private refused(message: Wire): void {
    if (message.id !== this.nextId && message.id !== null) return;
    const { retry_after_seconds: wait } = (message.details ?? {}) as Wire;
    if (message.code === 'RATE_LIMIT_EXCEEDED' && typeof wait === 'number') {
      this.retry = setTimeout(() => this.ask(), wait * 1000);
      return;
    }
    const { request } = this.queue[0] ?? { request: {} };
    const parts = message.id === null ? ['login'] : [request.channel, request.market];
    const of = parts.filter((part) => part !== undefined).join(' ');
    this.connection?.failed(`${of}: ${String(message.code)}: ${String(message.message)}`);
  }

  private note(head: MessageHead, asked?: RecordedSubscription): void {
    const key = `${head.channel} ${this.nameOf(head)} ${head.variant}`;
    const known = this.positions.get(key);
    const of = asked ?? known?.asked;
    // A message that overtook its acknowledgement, or of another stream than those asked for.
    if (of === undefined) return;
    if (known !== undefined && known.head.epoch === head.epoch && known.head.seq > head.seq) return;
    this.positions.set(key, { head, asked: of });
  }

  private nameOf({ market }: MessageHead): string {
    return typeof market === 'string' ? market : (this.namesById.get(market) ?? String(market));
  }
}

function anew(asked: RecordedSubscription): Asked {
  return { request: { op: 'subscribe', ...asked }, resumes: false };
}
