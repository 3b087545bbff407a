import { SSLApp, type TemplatedApp } from 'uWebSockets.js';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly validTo: string;
  /** SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/**
 * Makes an app that speaks TLS 1.2 and 1.3 with the certificate that is in the files now. Throws
 * with the reason when they cannot be used, so that a bad renewal is noticed before it serves.
 */
export function openTlsApp(files: TlsFiles): { app: TemplatedApp; facts: CertificateFacts } {
  const { certFile, keyFile } = files;
  const cert = readPem(certFile);
  const key = readPem(keyFile);
  let certificate: X509Certificate;
  try {
    // Node says what is wrong; the native library below only that something is.
    createSecureContext({ cert, key });
    certificate = new X509Certificate(cert);
  } catch (error) {
    throw new Error(
      `the certificate ${certFile} and key ${keyFile} do not serve: ${(error as Error).message}`,
    );
  }
  const app = SSLApp({ cert_file_name: certFile, key_file_name: keyFile });
  const { subject, validTo, fingerprint256: fingerprint } = certificate;
  return { app, facts: { subject, validTo, fingerprint } };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
