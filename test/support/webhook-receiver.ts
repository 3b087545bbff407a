import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that came in. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
}

/** An HTTP server that fails the first requests, then answers 204. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  private readonly server: Server;
  private failures: number;

  private constructor(failures: number) {
    this.failures = failures;
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const status = this.failures > 0 ? 500 : 204;
        this.failures -= 1;
        const body = Buffer.concat(parts).toString('utf8');
        this.received.push({ headers: request.headers, body, status });
        response.writeHead(status).end();
      });
    });
  }

  /** Listens on a free port of this machine. */
  static async open(failures: number): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(failures);
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hook`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
