import { Body } from '../../codec/generated/openbell/stream/body.ts';
import { Session } from '../../codec/generated/openbell/stream/session.ts';
import type { Principal } from '../../identity/principal.ts';
import { isoMicros, isoMillis } from '../../lib/clock.ts';
import { ChannelPosition } from '../../projections/channel-position.ts';
import type { NativeStream } from './stream.ts';

/** What a client is told of its own session beside what it asked for. */
export type SessionEvent =
  | 'state'
  | 'logon'
  | 'logoff'
  | 'cancel_on_disconnect'
  | 'heartbeat'
  | 'draining';

/** How a session is; what a message of the channel `session` says. */
export interface SessionState {
  principal: Principal | undefined;
  portfolioId: number | undefined;
  cancelOnDisconnect: boolean;
  heartbeatMs: number;
}

/** The beginning of a drain, as clients are told of it. */
export interface Drain {
  readonly graceMs: number;
  readonly reconnectAfterMs: number;
}

/** Writes one connection's session facts; they count from 1 on each connection. */
export class SessionFacts {
  isSubscribed = false;
  private readonly stream: NativeStream;
  private readonly position = new ChannelPosition();

  constructor(stream: NativeStream) {
    this.stream = stream;
  }

  get seq(): number {
    return this.position.seq;
  }

  /** Counts an event and writes it; for `state` nothing is counted. */
  json(event: SessionEvent, state: SessionState, reason: string | null, drain?: Drain): string {
    this.begin(event);
    const { seq, publishedSeq, seconds, nanos } = this.position;
    const { clock, epoch } = this.stream;
    const { principal, portfolioId } = state;
    const time = isoMicros(clock.seconds, clock.nanos);
    const text = JSON.stringify({
      channel: 'session',
      type: 'session',
      epoch,
      seq,
      prev_seq: publishedSeq,
      venue_time: seconds === 0 ? null : isoMicros(seconds, nanos),
      ingest_time: seconds === 0 ? null : isoMicros(seconds, nanos),
      sent_time: time,
      event,
      reason,
      user: principal?.username ?? null,
      scopes: principal?.scopes ?? [],
      portfolio_id: portfolioId === undefined ? null : String(portfolioId),
      expires_at: expiryText(principal),
      cancel_on_disconnect: state.cancelOnDisconnect,
      heartbeat_ms: state.heartbeatMs,
      ...(drain !== undefined && {
        grace_ms: drain.graceMs,
        reconnect_after_ms: drain.reconnectAfterMs,
      }),
    });
    this.position.publishedSeq = seq;
    return text;
  }

  /** The same facts in the binary form. */
  binary(
    event: SessionEvent,
    state: SessionState,
    reason: string | null,
    drain?: Drain,
  ): Uint8Array {
    this.begin(event);
    const out = this.stream.binaryOut;
    const { builder, long } = out;
    const { principal, portfolioId } = state;
    out.begin();
    const name = builder.createString(event);
    const user = principal === undefined ? 0 : builder.createString(principal.username);
    const why = reason === null ? 0 : builder.createString(reason);
    const scopeTexts = (principal?.scopes ?? []).map((scope) => builder.createString(scope));
    const scopes = Session.createScopesVector(builder, scopeTexts);
    Session.startSession(builder);
    long.add(3, portfolioId ?? 0);
    const expiresMs = principal?.expiresAtMs;
    if (expiresMs !== undefined) {
      const seconds = Math.floor(expiresMs / 1000);
      long.addTime(4, seconds, Math.floor((expiresMs - seconds * 1000) * 1_000_000));
    }
    Session.addEvent(builder, name);
    Session.addUser(builder, user);
    Session.addScopes(builder, scopes);
    Session.addReason(builder, why);
    Session.addCancelOnDisconnect(builder, state.cancelOnDisconnect);
    Session.addHeartbeatMs(builder, state.heartbeatMs);
    Session.addGraceMs(builder, drain?.graceMs ?? 0);
    Session.addReconnectAfterMs(builder, drain?.reconnectAfterMs ?? 0);
    const bytes = out.finish(0, this.position, Body.Session, Session.endSession(builder), 0);
    this.position.publishedSeq = this.position.seq;
    return bytes;
  }

  private begin(event: SessionEvent): void {
    const { clock } = this.stream;
    clock.tick();
    if (event === 'state') return;
    this.position.set(this.position.seq + 1, clock.seconds, clock.nanos);
    this.position.ingestSeconds = clock.seconds;
    this.position.ingestNanos = clock.nanos;
  }
}

function expiryText(principal: Principal | undefined): string | null {
  const expiresMs = principal?.expiresAtMs;
  if (expiresMs === undefined) return null;
  const seconds = Math.floor(expiresMs / 1000);
  return isoMillis(seconds, Math.floor((expiresMs - seconds * 1000) * 1_000_000));
}
