import { randomBytes } from 'node:crypto';

const SANE = /^[A-Za-z0-9._-]{1,64}$/;

/** Makes ids that differ between processes by a random part and within one by a counter. */
export class RequestIds {
  private readonly prefix = `req_${randomBytes(5).toString('hex')}`;
  private next = 0;

  /** The client's id when it is short and plain, else a new one. */
  take(incoming: string): string {
    if (incoming !== '' && SANE.test(incoming)) return incoming;
    this.next += 1;
    return this.prefix + this.next.toString(36);
  }
}
