import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { UsageError } from './usage-error.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The literal address to listen on. A name is looked up here, once, so that it cannot mean something else later.
 *
 * @throws {UsageError} for an address, or a name with any address, that is not loopback (SEC-BIND-1)
 */
export async function resolveLoopbackHost(host: string): Promise<string> {
  const literal = host.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(literal) === 0 ? await lookUp(literal) : [literal];
  const [first] = addresses;
  if (first === undefined || !addresses.every(isLoopback)) throw new UsageError(remoteRecipe(host));
  return addresses.find((address) => isIP(address) === 4) ?? first;
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

async function lookUp(name: string): Promise<string[]> {
  // To a listener, the empty name means every address.
  if (name === '') throw new UsageError('--host is empty; the name cannot be resolved');
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new UsageError(`--host ${name}: the name cannot be resolved (${(error as Error).message})`);
  }
}

function remoteRecipe(host: string): string {
  return [
    `--host ${host} would let other machines reach codexd, which runs commands as you; it listens on loopback only.`,
    'To use it from another machine, forward the port there:',
    '  ssh -N -L 4517:127.0.0.1:4517 USER@THIS-MACHINE',
  ].join('\n');
}
