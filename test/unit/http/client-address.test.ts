import { describe, expect, it } from '@jest/globals';
import { clientAddress, parseNetwork } from '../../../app/http/auth/client-address.ts';

const loopback = ['127.0.0.0/8', '::1'];

describe('the client address of a request', () => {
  it.each([
    ['who connected', '203.0.113.7', null, loopback, '203.0.113.7'],
    ['not what a stranger says of himself', '203.0.113.7', '198.51.100.1', loopback, '203.0.113.7'],
    ['whom a Berth proxy names', '127.0.0.1', '198.51.100.1', loopback, '198.51.100.1'],
    [
      'whom it names last: the rest is the client’s',
      '127.0.0.1',
      '1.1.1.1, 198.51.100.1',
      loopback,
      '198.51.100.1',
    ],
    [
      'past all trusted proxies',
      '::1',
      '198.51.100.1, 10.0.0.9',
      [...loopback, '10.0.0.0/8'],
      '198.51.100.1',
    ],
    ['the proxy itself where it names no one', '127.0.0.1', null, loopback, '127.0.0.1'],
    ['the proxy where it names nonsense', '127.0.0.1', '198.51.100.1, nonsense', loopback, '127.0.0.1'],
    ['an IPv4 address in its IPv6 spelling', '::ffff:203.0.113.7', null, loopback, '203.0.113.7'],
    [
      'of IPv6 the network, whose addresses are all one client’s',
      '2001:db8:1:2:3:4:5:6',
      null,
      loopback,
      '2001:db8:1:2::/64',
    ],
    ['no one where a connection has no address', undefined, null, loopback, 'unknown'],
  ])('is %s', (_, peer, forwarded, proxies, address) => {
    expect(clientAddress(peer, forwarded, proxies.map(parseNetwork))).toBe(address);
  });
});
