import { connect, type Socket } from 'node:net';

/** What the benched server's process asks of this one. */
export interface ClientJob {
  readonly port: number;
  /** One whole request, head and body. */
  readonly request: string;
  readonly connections: number;
  readonly milliseconds: number;
}

export interface ClientReport {
  readonly replies: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Microseconds from request to whole reply. */
  readonly p50: number;
  readonly p99: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = Buffer.from('Content-Length: ');

/** Sends the request over and over on each connection, one at a time, and measures the replies. */
export async function load(job: ClientJob): Promise<ClientReport> {
  const request = Buffer.from(job.request, 'latin1');
  const latencies: number[] = [];
  let bytes = 0;
  const started = performance.now();
  const deadline = started + job.milliseconds;
  await Promise.all(
    Array.from({ length: job.connections }, () =>
      converse(job.port, request, deadline, (latencyMs, replyBytes) => {
        latencies.push(latencyMs);
        bytes += replyBytes;
      }),
    ),
  );
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) =>
    Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 1000);
  return { replies: latencies.length, bytes, seconds, p50: percentile(0.5), p99: percentile(0.99) };
}

/** One connection: the next request goes out when the reply before it has come in whole. */
function converse(
  port: number,
  request: Buffer,
  deadline: number,
  count: (latencyMs: number, bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0;
    let received: Buffer = Buffer.alloc(0);
    const socket: Socket = connect(port, '127.0.0.1', () => send());
    const send = () => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.setNoDelay(true);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const bytes = replyBytes(received);
      if (bytes === 0 || received.length < bytes) return;
      if (received[9] !== 50) {
        socket.destroy();
        reject(new Error(received.toString('latin1', 0, 400)));
        return;
      }
      received = received.subarray(bytes);
      const now = performance.now();
      count(now - sentAt, bytes);
      if (now < deadline) send();
      else socket.end(resolve);
    });
  });
}

/** Length of head and body, 0 while the head is incomplete. */
function replyBytes(buffer: Buffer): number {
  const headEnd = buffer.indexOf(HEAD_END);
  if (headEnd < 0) return 0;
  const at = buffer.indexOf(LENGTH);
  if (at < 0 || at > headEnd) return headEnd + 4;
  return headEnd + 4 + Number.parseInt(buffer.toString('latin1', at + LENGTH.length, at + 24), 10);
}

process.on('message', (job: ClientJob) => {
  load(job).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
