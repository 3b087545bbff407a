import * as uws from 'uWebSockets.js';
import {
  App,
  type TemplatedApp,
  type us_listen_socket,
  us_listen_socket_close,
} from 'uWebSockets.js';
import { listen } from './listen.ts';
import { type CertificateFacts, openTlsApp, type TlsFiles } from './tls.ts';

export interface FrontDoorOptions {
  readonly host: string;
  readonly port: number;
  /** `undefined`: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Puts every path on an app: WebSocket paths first. */
  readonly mount: (app: TemplatedApp) => void;
}

/** What the package's types leave out: an app that accepts connections for others. */
type Acceptor = TemplatedApp & {
  addChildAppDescriptor(descriptor: unknown): void;
  removeChildAppDescriptor(descriptor: unknown): void;
};
type Child = TemplatedApp & { getDescriptor(): unknown };

/**
 * The port. With TLS one app listens and hands every connection to the app with the newest
 * certificate. A new certificate gets an app of its own; connections made under the old one stay
 * with its app until they end, and none that is being made is lost, because nobody ever stops
 * listening. (Replacing the certificate inside one app, by server name, would free the routes under
 * connections that still use them; a second listening socket would lose what waits at the first.)
 */
export class FrontDoor {
  /** `http://HOST:PORT` or `https://…`, once it listens. */
  url = '';
  private readonly options: FrontDoorOptions;
  private readonly apps: TemplatedApp[] = [];
  private listening: us_listen_socket | undefined;
  private acceptor: Acceptor | undefined;
  private serving: Child | undefined;

  constructor(options: FrontDoorOptions) {
    this.options = options;
    // Replies need not say what they were made with.
    (uws as unknown as { _cfg(option: 'silent'): void })._cfg('silent');
  }

  /** Begins to listen. Rejects when the port or the certificate cannot be used. */
  async open(): Promise<CertificateFacts | undefined> {
    const { host, port, tls, mount } = this.options;
    let facts: CertificateFacts | undefined;
    let app: TemplatedApp;
    if (tls === undefined) {
      app = App();
      mount(app);
    } else {
      app = openTlsApp(tls).app;
      this.acceptor = app as Acceptor;
      facts = this.serve(tls);
    }
    this.apps.push(app);
    const { socket, authority } = await listen(app, host, port);
    this.listening = socket;
    this.url = `${tls === undefined ? 'http' : 'https'}://${authority}`;
    return facts;
  }

  /**
   * Serves new connections with the certificate that is in the files now; open ones go on. Throws,
   * and changes nothing, when the files cannot be used. `undefined` without TLS.
   */
  reload(): CertificateFacts | undefined {
    const { tls } = this.options;
    return tls === undefined ? undefined : this.serve(tls);
  }

  /** No new connections; open ones go on. */
  stopListening(): void {
    if (this.listening !== undefined) us_listen_socket_close(this.listening);
    this.listening = undefined;
  }

  /** Cuts what is left. */
  close(): void {
    for (const app of this.apps) app.close();
  }

  private serve(files: TlsFiles): CertificateFacts {
    const { app, facts } = openTlsApp(files);
    this.options.mount(app);
    this.apps.push(app);
    this.acceptor?.addChildAppDescriptor((app as Child).getDescriptor());
    if (this.serving !== undefined) {
      this.acceptor?.removeChildAppDescriptor(this.serving.getDescriptor());
    }
    this.serving = app as Child;
    return facts;
  }
}
