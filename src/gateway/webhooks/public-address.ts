import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { AddressList } from '../../lib/address-list.ts';

/**
 * What a server must not be made to call on behalf of others: this machine, its neighbours, addresses
 * of no single host (RFC 6890 and its successors in the IANA registries of special addresses). IPv4
 * addresses within IPv6 ones (::ffff:0:0/96) are looked up as what they are.
 */
const SPECIAL = new AddressList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
]);

/** True for the address of one host in the public Internet. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && !SPECIAL.includes(address);
}

/** A host name leads to an address that may not be called. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
}

/**
 * Name resolution that knows public addresses only. It is what the socket connects by, so that a name
 * cannot be checked as one address and called as another.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  const all: LookupAllOptions = { ...options, all: true };
  systemLookup(hostname, all, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const usable = addresses.filter(({ address }) => isPublicAddress(address));
    if (usable.length === 0) {
      return callback(new PrivateAddressError(`${hostname} has no public address`), '', 0);
    }
    if (options.all) callback(null, usable);
    else callback(null, usable[0].address, usable[0].family);
  });
};
