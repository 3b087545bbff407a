import {
  AuthenticateMessage,
  CHANNELS_MAX,
  ChannelsMessage,
} from '../../../schemas/flashmm-stream.ts';
import { invalidParameter, Refusal } from '../../gateway/http/refusal.ts';
import { compileValidator } from '../../gateway/http/validation.ts';
import type { StreamRequest, StreamSocket } from '../../gateway/streams/endpoint.ts';
import { formatOf } from '../../gateway/streams/formats.ts';
import { JsonSession } from '../../gateway/streams/json-session.ts';
import { SocketLogin } from '../../gateway/streams/socket-login.ts';
import { errorCode } from './errors.ts';
import { isPublicChannel, type LiveChannel } from './live-channels.ts';
import type { FlashmmLiveStream } from './live-stream.ts';

const ACTIONS = ['authenticate', 'subscribe', 'unsubscribe', 'ping'];
const checkAuthenticate = compileValidator(AuthenticateMessage);
const checkChannels = compileValidator(ChannelsMessage);

/**
 * One client of `/ws/live-data`. Within five seconds it proves who it is or follows a channel that is
 * public; else it is closed with 4401, as when its credential ends.
 */
export class LiveSession extends JsonSession {
  private readonly stream: FlashmmLiveStream;
  /** FORMAT_… of market data; everything else is JSON. */
  private readonly format: number;
  private readonly followed = new Map<string, LiveChannel>();
  private readonly login: SocketLogin;

  constructor(stream: FlashmmLiveStream, socket: StreamSocket, request: StreamRequest) {
    super(stream, socket, request);
    this.stream = stream;
    this.format = formatOf(request);
    this.login = new SocketLogin(stream.parts, socket, request, {
      onLogin: (_principal, asked) => {
        if (asked) this.answer({ type: 'authenticated' });
      },
      refuse: (refusal) => this.refuse(refusal),
    });
    this.login.begin(request);
  }

  protected left(): void {
    this.login.closed();
    for (const channel of this.followed.values()) {
      this.stream.leave(this.socket, this.format, channel);
    }
    this.followed.clear();
  }

  /** One that is about to be closed is not listened to any more. */
  override message(text: string): void {
    if (!this.login.ended) super.message(text);
  }

  protected obey(body: unknown): Refusal | undefined {
    const { action } = (body ?? {}) as { action?: unknown };
    switch (action) {
      case 'ping':
        this.pong();
        return undefined;
      case 'authenticate':
        return checkAuthenticate(body) ?? this.authenticate(body as AuthenticateMessage);
      case 'subscribe':
      case 'unsubscribe':
        return checkChannels(body) ?? this.change(body as ChannelsMessage);
      default:
        return invalidParameter('action', action, `"action" is one of ${ACTIONS.join(', ')}`);
    }
  }

  private authenticate({ token }: AuthenticateMessage): Refusal | undefined {
    if (this.login.principal !== undefined) {
      return invalidParameter('action', 'authenticate', 'this connection is authenticated');
    }
    this.login.withToken(token);
    return undefined;
  }

  /** Each channel for itself: those that there are get an answer together, each other an error. */
  private change({ action, channels }: ChannelsMessage): undefined {
    const found: LiveChannel[] = [];
    for (const name of new Set(channels)) {
      const channel = this.allowed(name);
      if (channel instanceof Refusal) this.refuse(channel);
      else found.push(channel);
    }
    const isBeginning = action === 'subscribe';
    const all = new Set([...this.followed.keys(), ...found.map(({ name }) => name)]);
    if (isBeginning && all.size > CHANNELS_MAX) {
      const message = `a connection follows at most ${CHANNELS_MAX} channels`;
      this.refuse(new Refusal('invalid', 'TOO_MANY_SUBSCRIPTIONS', message));
      return undefined;
    }
    if (found.length > 0) {
      this.answer({ type: `${action}d`, channels: found.map(({ name }) => name) });
    }
    for (const channel of found) {
      if (isBeginning) this.follow(channel);
      else this.unfollow(channel);
    }
    this.watchDeadline();
    return undefined;
  }

  private allowed(name: string): LiveChannel | Refusal {
    const channel = this.stream.channels.find(name);
    if (this.login.principal !== undefined || isPublicChannel(name)) return channel;
    if (channel instanceof Refusal && channel.code === 'INVALID_CHANNEL') return channel;
    const message = `Channel '${name}' needs an authenticated connection`;
    return new Refusal('unauthenticated', 'UNAUTHORIZED', message, { details: { channel: name } });
  }

  private follow(channel: LiveChannel): void {
    if (this.followed.has(channel.name)) return;
    this.followed.set(channel.name, channel);
    this.stream.join(this.socket, this.format, channel);
  }

  private unfollow({ name }: LiveChannel): void {
    const channel = this.followed.get(name);
    if (channel === undefined) return;
    this.followed.delete(name);
    this.stream.leave(this.socket, this.format, channel);
  }

  /** Who follows what is public need not say who they are, for as long as they do. */
  private watchDeadline(): void {
    if (this.login.principal !== undefined) return;
    if (this.followed.size === 0) this.login.expect();
    else this.login.excuse();
  }

  protected override codeOf(refusal: Refusal): string {
    return errorCode(refusal);
  }

  private answer(fields: object): void {
    this.tell({ ...fields, timestamp: this.stream.timestamp() });
  }
}
