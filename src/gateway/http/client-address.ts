import { BlockList, isIP } from 'node:net';

/** Text of a binary peer address: 4 bytes, or 16 with IPv4-mapped ones shown as IPv4. */
export function addressText(binary: ArrayBuffer): string {
  const bytes = new Uint8Array(binary);
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return '';
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff;
  if (mapped && bytes[11] === 0xff) return bytes.subarray(12).join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] << 8) | bytes[i + 1]).toString(16));
  return groups.join(':');
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '0:0:0:0:0:0:0:1' || address === '::1';
}

/**
 * The key an address is rate-limited under: an IPv4 address itself, of IPv6 the first 64 bits,
 * because one client usually holds all addresses behind them.
 */
export function limitKey(address: string): string {
  if (!address.includes(':')) return address;
  return `${expandIpv6(address).slice(0, 4).join(':')}/64`;
}

function expandIpv6(address: string): string[] {
  const [head, tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill('0'), ...right];
}

/** Proxies whose `X-Forwarded-For` is believed. */
export class TrustedProxies {
  private readonly list = new BlockList();
  readonly any: boolean;

  /** @param entries addresses or CIDR ranges; throws on one that is neither. */
  constructor(entries: readonly string[]) {
    this.any = entries.length > 0;
    for (const entry of entries) {
      const [address, bits] = entry.split('/');
      const family = isIP(address);
      const prefix = bits === undefined ? undefined : Number(bits);
      const most = family === 4 ? 32 : 128;
      if (family === 0 || (prefix !== undefined && !(prefix >= 0 && prefix <= most))) {
        throw new Error(`trusted proxy ${entry} is no address and no CIDR range`);
      }
      const type = family === 4 ? 'ipv4' : 'ipv6';
      if (prefix === undefined) this.list.addAddress(address, type);
      else this.list.addSubnet(address, prefix, type);
    }
  }

  trusts(address: string): boolean {
    const family = isIP(address);
    return this.any && family !== 0 && this.list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  /** The client's address: the last one in the chain that no trusted proxy vouches for. */
  clientOf(peer: string, forwardedFor: string): string {
    let client = peer;
    const chain = forwardedFor.split(',').map((hop) => hop.trim());
    while (this.trusts(client)) {
      const hop = chain.pop();
      if (hop === undefined || isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  }
}
