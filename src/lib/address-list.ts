import { BlockList, isIP } from 'node:net';

/** Addresses and CIDR ranges, IPv4 and IPv6. */
export class AddressList {
  private readonly list = new BlockList();
  readonly empty: boolean;

  /** Throws on an entry that is neither an address nor a range. */
  constructor(entries: readonly string[]) {
    this.empty = entries.length === 0;
    for (const entry of entries) {
      const range = parseRange(entry);
      if (range === undefined) throw new Error(`${entry} is no address and no CIDR range`);
      const { address, bits, family } = range;
      if (bits === undefined) this.list.addAddress(address, family);
      else this.list.addSubnet(address, bits, family);
    }
  }

  includes(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** True for `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`. */
export function isAddressOrRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

function parseRange(text: string) {
  const [address, prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const family = version === 4 ? ('ipv4' as const) : ('ipv6' as const);
  if (prefix === undefined) return { address, bits: undefined, family };
  const bits = Number(prefix);
  if (!/^\d{1,3}$/.test(prefix) || bits > (version === 4 ? 32 : 128)) return undefined;
  return { address, bits, family };
}
