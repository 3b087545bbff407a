import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { isIP, isIPv4 } from 'node:net';
import { AddressList } from '../../lib/address-list.ts';

/** Text of a binary peer address: 4 bytes, or 16 with IPv4-mapped ones shown as IPv4. */
export function addressText(binary: ArrayBuffer): string {
  const bytes = new Uint8Array(binary);
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
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
  const network = expandIpv6(address).slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}/64`;
}

/** An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address. */
function plainAddress(address: string): string {
  const inner = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  return inner !== undefined && isIPv4(inner) ? inner : address;
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
  private readonly list: AddressList;

  /** @param entries addresses or CIDR ranges; throws on one that is neither. */
  constructor(entries: readonly string[]) {
    this.list = new AddressList(entries);
  }

  trusts(address: string): boolean {
    return this.list.includes(address);
  }

  /** The client's address: the last one in the chain that no trusted proxy vouches for. */
  clientOf(peer: string, forwardedFor: string): string {
    let client = peer;
    const chain = forwardedFor.split(',').map((hop) => hop.trim());
    while (this.trusts(client)) {
      const hop = chain.pop();
      if (hop === undefined || isIP(hop) === 0) break;
      client = plainAddress(hop);
    }
    return client;
  }
}

export interface ClientOptions {
  readonly trustedProxies?: readonly string[];
  /** Refuses what comes over plain HTTP from outside this machine. */
  readonly requireTls?: boolean;
  /** True when the port itself speaks TLS. */
  readonly servesTls?: boolean;
}

/** Where requests and upgrades come from, and whether their way may be overheard. */
export class Clients {
  private readonly proxies: TrustedProxies;
  private readonly refusesPlain: boolean;

  constructor(options: ClientOptions = {}) {
    this.proxies = new TrustedProxies(options.trustedProxies ?? []);
    this.refusesPlain = options.requireTls === true && options.servesTls !== true;
  }

  /** The client's address: its peer's, or what trusted proxies say of whom they serve. */
  addressOf(res: HttpResponse, req: HttpRequest): string {
    const peer = addressText(res.getRemoteAddress());
    return this.proxies.trusts(peer) ? this.proxies.clientOf(peer, forwardedFor(req)) : peer;
  }

  /** True when the request came unencrypted from outside this machine and must not. */
  mustUseTls(res: HttpResponse, req: HttpRequest): boolean {
    if (!this.refusesPlain) return false;
    const peer = addressText(res.getRemoteAddress());
    const forwarded = isForwarded(req);
    if (!this.proxies.trusts(peer)) return forwarded || !isLoopback(peer);
    if (!forwarded) return !isLoopback(peer);
    return req.getHeader('x-forwarded-proto').toLowerCase() !== 'https';
  }
}

/** True when a proxy says that it asks for someone else. */
export function isForwarded(req: HttpRequest): boolean {
  return req.getHeader('x-forwarded-for') !== '' || req.getHeader('forwarded') !== '';
}

/** The whole chain: some proxies add a header of their own behind the one that a client sent. */
function forwardedFor(req: HttpRequest): string {
  const chain: string[] = [];
  req.forEach((name, value) => {
    if (name === 'x-forwarded-for') chain.push(value);
  });
  return chain.join(',');
}
