import { connect } from 'node:net';

/** What a bench asks of this process. */
export interface PacedJob {
  readonly port: number;
  /** One whole request without a body. */
  readonly request: string;
  readonly connections: number;
  /** Requests each connection sends in a second, whatever becomes of those before. */
  readonly perSecond: number;
  readonly milliseconds: number;
}

export interface PacedReport {
  /** From when a request was due to when its reply had come, microseconds. */
  readonly micros: number[];
}

const HEAD = Buffer.from('HTTP/1.1 200');

/** Sends requests when they are due; a reply that is late makes all behind it late, and counted so. */
async function pace(job: PacedJob): Promise<PacedReport> {
  const micros: number[] = [];
  await Promise.all(Array.from({ length: job.connections }, () => converse(job, micros)));
  return { micros };
}

function converse(job: PacedJob, micros: number[]): Promise<void> {
  const { port, request, perSecond, milliseconds } = job;
  return new Promise((resolve, reject) => {
    const due: number[] = [];
    const socket = connect(port, '127.0.0.1', () => {
      const startMs = performance.now() + (1000 * Math.random()) / perSecond;
      let sent = 0;
      const timer = setInterval(() => {
        const elapsedMs = performance.now() - startMs;
        while (elapsedMs >= (1000 * sent) / perSecond && elapsedMs < milliseconds) {
          due.push(startMs + (1000 * sent) / perSecond);
          sent += 1;
          socket.write(request);
        }
        if (elapsedMs < milliseconds || due.length > 0) return;
        clearInterval(timer);
        socket.end(resolve);
      }, 1);
    });
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      // Replies are far smaller than a packet: each head is whole in the piece it begins in.
      for (let at = chunk.indexOf(HEAD); at >= 0; at = chunk.indexOf(HEAD, at + 1)) {
        micros.push(Math.round(1000 * (performance.now() - (due.shift() ?? 0))));
      }
    });
  });
}

process.on('message', (job: PacedJob) => {
  pace(job).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
