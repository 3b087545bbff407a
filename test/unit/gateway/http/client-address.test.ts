import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressText,
  isLoopback,
  limitKey,
  TrustedProxies,
} from '../../../../src/gateway/http/client-address.ts';

const binary = (...bytes: number[]) => new Uint8Array(bytes).buffer;
const zeros = (n: number) => Array<number>(n).fill(0);

test('binary addresses are read, mapped ones as IPv4', () => {
  assert.equal(addressText(binary(127, 0, 0, 1)), '127.0.0.1');
  assert.equal(addressText(binary(...zeros(10), 255, 255, 10, 0, 0, 9)), '10.0.0.9');
  assert.equal(addressText(binary(...zeros(15), 1)), '0:0:0:0:0:0:0:1');
  assert.equal(addressText(binary(0x20, 0x01, 0xd, 0xb8, ...zeros(11), 5)), '2001:db8:0:0:0:0:0:5');
});

test('loopback is 127/8 and ::1', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '0:0:0:0:0:0:0:1', '::1']) {
    assert.ok(isLoopback(address), address);
  }
  for (const address of ['128.0.0.1', '10.127.0.1', '2001:db8:0:0:0:0:0:1', '']) {
    assert.ok(!isLoopback(address), address);
  }
});

test('all addresses of one IPv6 network share a limit', () => {
  assert.equal(limitKey('10.0.0.1'), '10.0.0.1');
  assert.equal(limitKey('2001:db8:1:2:0:0:0:5'), '2001:db8:1:2/64');
  assert.equal(limitKey('2001:db8::5'), '2001:db8:0:0/64');
  assert.equal(limitKey('::5'), '0:0:0:0/64');
  assert.equal(limitKey('2001:0DB8::5'), '2001:db8:0:0/64');
});

test('a forwarded address counts only as far as trusted proxies vouch for it', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '192.168.1.1', 'fd00::/8']);
  assert.equal(proxies.clientOf('10.1.1.1', '203.0.113.7'), '203.0.113.7');
  assert.equal(proxies.clientOf('10.1.1.1', '198.51.100.1, 203.0.113.7'), '203.0.113.7');
  assert.equal(proxies.clientOf('10.1.1.1', '203.0.113.7, 192.168.1.1'), '203.0.113.7');
  assert.equal(proxies.clientOf('203.0.113.9', '198.51.100.1'), '203.0.113.9');
  assert.equal(proxies.clientOf('10.1.1.1', '::ffff:203.0.113.7'), '203.0.113.7');
  assert.equal(proxies.clientOf('10.1.1.1', '203.0.113.7,::ffff:10.2.2.2'), '203.0.113.7');
  assert.equal(proxies.clientOf('fd00:0:0:0:0:0:0:1', '2001:db8::1'), '2001:db8::1');
  assert.equal(proxies.clientOf('10.1.1.1', 'nonsense'), '10.1.1.1');
  assert.equal(proxies.clientOf('10.1.1.1', ''), '10.1.1.1');
  assert.equal(new TrustedProxies([]).clientOf('10.1.1.1', '203.0.113.7'), '10.1.1.1');
  assert.throws(() => new TrustedProxies(['example.org']), /no address/);
  assert.throws(() => new TrustedProxies(['10.0.0.0/33']), /no address/);
});
