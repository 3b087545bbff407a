import type { Principal } from './principal.ts';

interface Entry {
  readonly principal: Principal;
  readonly expiresSeconds: number;
}

/**
 * Remembers which `Authorization` headers were found good, because checking a signature costs more
 * than the rest of a request. Two generations bound it: when the young one is full it becomes the
 * old one, and what is still used moves over. An entry is good for as long as its grant.
 */
export class TokenCache {
  private readonly maxEntries: number;
  private young = new Map<string, Entry>();
  private old = new Map<string, Entry>();

  /** @param maxEntries of each generation. */
  constructor(maxEntries = 5_000) {
    this.maxEntries = maxEntries;
  }

  get(header: string, nowSeconds: number): Principal | undefined {
    let entry = this.young.get(header);
    if (entry === undefined) {
      entry = this.old.get(header);
      if (entry !== undefined) this.add(header, entry);
    }
    if (entry === undefined || nowSeconds >= entry.expiresSeconds) return undefined;
    return entry.principal.grant?.ended === true ? undefined : entry.principal;
  }

  set(header: string, principal: Principal, expiresSeconds: number): void {
    this.add(header, { principal, expiresSeconds });
  }

  private add(header: string, entry: Entry): void {
    if (this.young.size >= this.maxEntries) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(header, entry);
  }
}
