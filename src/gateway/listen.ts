import { type TemplatedApp, type us_listen_socket, us_socket_local_port } from 'uWebSockets.js';
import { createServer } from 'node:net';

/**
 * Tries to listen where the server will, before anything is written: a start that cannot succeed
 * must leave the data directory as it was. Throws with the operating system's reason.
 */
export function assertPortIsFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`cannot listen on ${host}:${port}: ${reason(error.code)}`));
    });
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()));
  });
}

function reason(code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another process has the port (set OPENBELL_PORT)';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine does not have that address (set OPENBELL_HOST)';
    case 'EACCES':
      return 'this user may not use that port (set OPENBELL_PORT)';
    default:
      return code ?? 'the reason is not known';
  }
}

/** Without it the port may be shared, and two servers would split its clients between them. */
const LISTEN_EXCLUSIVE_PORT = 1;
/** The form that takes both a host and options, which the package's types leave out. */
type ListenWithOptions = (
  this: TemplatedApp,
  host: string,
  port: number,
  options: number,
  done: (socket: us_listen_socket | false) => void,
) => TemplatedApp;

export interface Listening {
  readonly socket: us_listen_socket;
  /** `HOST:PORT` as in a URL, with the port that was taken where 0 was asked for. */
  readonly authority: string;
}

/** Listens on the port alone. */
export function listen(app: TemplatedApp, host: string, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const done = (socket: us_listen_socket | false): void => {
      if (!socket) return reject(new Error(`cannot listen on ${host}:${port}: is it in use?`));
      const name = host.includes(':') ? `[${host}]` : host;
      resolve({ socket, authority: `${name}:${us_socket_local_port(socket)}` });
    };
    const { listen: listenOn } = app as unknown as { listen: ListenWithOptions };
    listenOn.call(app, host, port, LISTEN_EXCLUSIVE_PORT, done);
  });
}
