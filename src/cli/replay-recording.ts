import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { MarketRegistry } from '../config/markets.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { packageVersion } from '../main.ts';
import { imageHash } from '../matching/state-hash.ts';
import { describeRecording, type Recording, type RecordingOptions } from '../replay/recording.ts';
import { ReplayProxy } from '../replay/replay-proxy.ts';
import { formatReport, isFaithful, type ReplayReport } from '../replay/report.ts';
import { Server } from '../server.ts';
import { type InProcessSession, REPLAY_SESSION_ID } from '../session.ts';

export interface ReplayRecordingOptions extends RecordingOptions {
  readonly speed: number | 'max';
  /** Where the journal is kept, or `null` for a directory that is gone afterwards. */
  readonly dataDirectory: string | null;
  readonly port: number;
  readonly hold: boolean;
  readonly json: boolean;
}

/** A recording through a whole server of its own; returns the exit code. */
export async function replayRecording(options: ReplayRecordingOptions): Promise<number> {
  const { speed, dataDirectory: kept, port, hold, json } = options;
  const recording = await describeRecording(options);
  const dataDirectory = kept ?? mkdtempSync(join(tmpdir(), 'openbell-replay-'));
  try {
    const settings = { ...readSettings(process.env), dataDirectory, port };
    const report = await run(settings, recording, speed, hold);
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : formatReport(report));
    return isFaithful(report) ? 0 : 1;
  } finally {
    if (kept === null) rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function run(
  settings: Settings,
  recording: Recording,
  speed: number | 'max',
  hold: boolean,
): Promise<ReplayReport> {
  const log = pino({ level: process.env.OPENBELL_LOG_LEVEL ?? 'warn' }, pino.destination(2));
  const markets = new MarketRegistry([recording.market], new Map());
  let proxy: ReplayProxy | undefined;
  const session = replaySession(recording, speed, (started) => {
    proxy = started;
  });
  const announce = (line: string): void => void process.stderr.write(`${line}\n`);
  const version = packageVersion();
  const server = await Server.start({
    settings,
    markets,
    log,
    version,
    sessions: [session],
    announce,
  });
  announce(`ready ${server.url}`);
  const signalled = nextSignal();
  try {
    if (proxy === undefined) throw new Error('the replay did not start');
    const finished = proxy.finished;
    const early = await Promise.race([finished, signalled]);
    if (typeof early === 'string') await proxy.stop();
    const report = await finished;
    const image = await server.threads.image(recording.market.id);
    if (hold && typeof early !== 'string') {
      process.stderr.write('the replay is over; serving on until a signal\n');
      await signalled;
    }
    return { ...report, state_hash: imageHash(image) };
  } finally {
    await server.stop('the replay is over');
  }
}

function replaySession(
  recording: Recording,
  speed: number | 'max',
  onStart: (proxy: ReplayProxy) => void,
): InProcessSession {
  const portfolioName = 'recorded-orders';
  return {
    name: 'replay',
    sessionId: REPLAY_SESSION_ID,
    portfolioNames: [portfolioName],
    async start({ wiring, portfolioIds, recovered, onFailure }) {
      const proxy = ReplayProxy.start(wiring, {
        recording,
        portfolioId: portfolioIds.get(portfolioName) ?? 0,
        speed,
        resumeAfterRequestId: recovered.lastRequestIds.get(REPLAY_SESSION_ID) ?? 0,
      });
      proxy.finished.catch(onFailure);
      onStart(proxy);
      return proxy;
    },
  };
}

function nextSignal(): Promise<string> {
  return new Promise((resolveSignal) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => resolveSignal(signal));
    }
  });
}
