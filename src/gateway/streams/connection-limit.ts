/** Counts open connections per client address, shared by the paths that one limit covers. */
export class ConnectionLimit {
  /** `Infinity` switches the limit off. */
  readonly perAddressMax: number;
  private readonly open = new Map<string, number>();

  constructor(perAddressMax: number) {
    this.perAddressMax = perAddressMax;
  }

  /** True when the address may not open another connection now. */
  isReached(address: string): boolean {
    return (this.open.get(address) ?? 0) >= this.perAddressMax;
  }

  opened(address: string): void {
    this.open.set(address, (this.open.get(address) ?? 0) + 1);
  }

  closed(address: string): void {
    const left = (this.open.get(address) ?? 0) - 1;
    if (left > 0) this.open.set(address, left);
    else this.open.delete(address);
  }
}
