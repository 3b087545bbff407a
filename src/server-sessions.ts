import type { Logger } from 'pino';
import type { VenueEvent } from './domain/venue-events.ts';
import { ensurePortfolio } from './gateway/accounts.ts';
import type { Engine } from './gateway/engine.ts';
import type { CollateralKeeper } from './gateway/margin/collateral-keeper.ts';
import type { RecoveredState } from './gateway/recover.ts';
import { SessionDoor } from './gateway/session-door.ts';
import { SessionSeat } from './gateway/session-seat.ts';
import type { Threads } from './gateway/threads.ts';
import type { InProcessSession, SessionHandle } from './session.ts';

export interface SessionsParts {
  readonly recovered: RecoveredState;
  /** Resolves when the fact is durable and applied. */
  readonly record: (event: VenueEvent) => Promise<void>;
  readonly log: Logger;
  /** Keeps up the collateral of simulated traders. */
  readonly keeper: CollateralKeeper;
}

/** The in-process sessions of one server, each in a seat of its own, from their start to their end. */
export class ServerSessions {
  /** One for each session, in their order, then those that are reserved for others. */
  readonly seats: readonly SessionSeat[];
  private readonly sessions: readonly InProcessSession[];
  private readonly handles = new Map<InProcessSession, SessionHandle>();

  /** `threads` must have been made for all seats: as many as sessions, and those reserved. */
  constructor(threads: Threads, sessions: readonly InProcessSession[], reserved: number) {
    this.sessions = sessions;
    this.seats = Array.from(
      { length: sessions.length + reserved },
      (_, index) => new SessionSeat(threads, index),
    );
  }

  /** The seats reserved for others than the sessions. */
  get reserved(): readonly SessionSeat[] {
    return this.seats.slice(this.sessions.length);
  }

  /** Gives every seat to the engine, before anything happens in the markets. */
  open(engine: Engine): void {
    for (const seat of this.seats) seat.open(engine);
  }

  /** Starts the sessions, one after the other. */
  async start(parts: SessionsParts): Promise<void> {
    for (const [index, session] of this.sessions.entries()) {
      await this.begin(session, this.seats[index], parts);
      parts.log.info({ session: session.name }, 'in-process session started');
    }
  }

  /** Stops them and waits for their ends. */
  async stop(): Promise<void> {
    for (const [index, session] of this.sessions.entries()) {
      const handle = this.handles.get(session);
      this.handles.delete(session);
      await handle?.stop();
      this.seats[index].leave();
    }
  }

  private async begin(
    session: InProcessSession,
    seat: SessionSeat,
    { recovered, record, log, keeper }: SessionsParts,
  ): Promise<void> {
    const portfolioIds = new Map<string, number>();
    for (const name of session.portfolioNames) {
      const id = await ensurePortfolio(recovered.accounts, record, 0, 'external', name);
      portfolioIds.set(name, id);
    }
    const opened = (session.marginPortfolios ?? []).map(
      async ({ name, market, collateralUnits }) => {
        const id = await ensurePortfolio(recovered.accounts, record, 0, 'margin', name);
        await keeper.keep(id, market, collateralUnits);
        portfolioIds.set(name, id);
      },
    );
    await Promise.all(opened);
    const handle = await session.start({
      wiring: seat.attach(session.sessionId, (requests) => new SessionDoor(requests)),
      portfolioIds,
      recovered,
      onFailure: (error) => {
        log.error({ err: error, session: session.name }, 'in-process session failed');
        this.handles.delete(session);
        seat.leave();
      },
    });
    this.handles.set(session, handle);
  }
}
