import type { Logger } from 'pino';
import type { FrontDoor } from './gateway/front-door.ts';

/** Serves new connections with the certificate that is in its file now; open ones go on. */
export function reloadCertificate(frontDoor: FrontDoor, log: Logger): void {
  try {
    const certificate = frontDoor.reload();
    if (certificate !== undefined) log.info({ certificate }, 'certificate reloaded');
    else log.info('nothing to reload: this port does not speak TLS');
  } catch (error) {
    log.error({ err: error }, 'certificate not reloaded: the one before stays in use');
  }
}
