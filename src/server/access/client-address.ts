import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/**
 * Who to count a request for. Headers of proxies are believed only on connections from the networks of
 * `--trust-proxy`, and for nothing else than this (SEC-HOST-3).
 *
 * @param trusted networks as `address/bits`, or single addresses
 */
export function createClientAddress(trusted: readonly string[]): (request: IncomingMessage) => string {
  const proxies = toBlockList(trusted);
  const isProxy = (address: string): boolean => proxies.check(address, familyOf(address));
  return ({ socket, headers }) => {
    const peer = withoutMapping(socket.remoteAddress ?? 'unix socket');
    if (isIP(peer) === 0 || !isProxy(peer)) return peer;
    // Whatever stands before the last address that no proxy of ours added may be invented.
    const hops = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((hop) => withoutMapping(hop.trim()));
    const client = hops.findLast((hop) => isIP(hop) === 0 || !isProxy(hop));
    return client !== undefined && isIP(client) !== 0 ? client : peer;
  };
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** A listener for both families reports IPv4 peers as `::ffff:1.2.3.4`. */
const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
