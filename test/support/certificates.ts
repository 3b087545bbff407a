import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Why no certificate can be made here, or `false`. */
export const noOpenssl: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';

/** Writes a self-signed certificate for `localhost` and its key over whatever the files hold. */
export function makeCertificate(directory: string, commonName: string): void {
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-nodes', '-days', '1', '-newkey', 'ec'],
      ...['-pkeyopt', 'ec_paramgen_curve:prime256v1', '-subj', `/CN=${commonName}`],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
      ...['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')],
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
}
