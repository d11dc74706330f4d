import { describe, expect, test } from 'vitest';
import {
  type FilteredArchitecture,
  isFilteredArchitecture,
  socketFilter,
} from '../../../src/core/sandbox/seccomp.ts';

const ALLOW = 'allow';
const EPERM = 'errno 1';
const ENOSYS = 'errno 38';
const KILL = 'kill';

const X64 = {
  audit: 0xc000003e,
  read: 0,
  socket: 41,
  connect: 42,
  bind: 49,
  socketpair: 53,
  clone: 56,
  unshare: 272,
};
const ARM64 = {
  audit: 0xc00000b7,
  read: 63,
  socket: 198,
  connect: 203,
  bind: 200,
  socketpair: 199,
  clone: 220,
  unshare: 97,
};
const CALLS = { x64: X64, arm64: ARM64 };
const CLONE_NEWUSER = 0x10000000;
const SOCK_CLOEXEC = 0o2000000;

/** What the kernel would do with a call: an interpreter of classic BPF, for the instructions that filters have. */
function verdict(filter: Uint8Array, audit: number, call: number, args: readonly number[] = []): string {
  const view = new DataView(filter.buffer);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, call, true);
  data.setUint32(4, audit, true);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + index * 8, BigInt(value), true);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const operand = view.getUint32(at * 8 + 4, true);
    const jump = (met: boolean): void => {
      at += view.getUint8(at * 8 + (met ? 2 : 3));
    };
    switch (view.getUint16(at * 8, true)) {
      case 0x20:
        accumulator = data.getUint32(operand, true);
        break;
      case 0x54:
        accumulator &= operand;
        break;
      case 0x15:
        jump(accumulator === operand);
        break;
      case 0x35:
        jump(accumulator >= operand);
        break;
      case 0x45:
        jump((accumulator & operand) !== 0);
        break;
      case 0x06:
        return action(operand);
      default:
        throw new Error(`instruction ${at} is unknown`);
    }
  }
  throw new Error('the filter has no end');
}

function action(value: number): string {
  if (value === 0x7fff0000) return ALLOW;
  return value === 0x80000000 ? KILL : `errno ${value & 0xffff}`;
}

describe.each(['x64', 'arm64'] as const)('the filter for %s', (architecture: FilteredArchitecture) => {
  const calls = CALLS[architecture];
  const judge = (network: boolean, call: number, ...args: number[]): string =>
    verdict(socketFilter(architecture, network), calls.audit, call, args);

  test.each(['socket', 'connect', 'bind'] as const)('refuses %s only without network', (name) => {
    expect([judge(false, calls[name]), judge(true, calls[name])]).toEqual([EPERM, ALLOW]);
  });

  test('refuses io_uring only without network', () => {
    expect([judge(false, 425), judge(true, 425)]).toEqual([EPERM, ALLOW]);
  });

  test.each([
    ['a stream', [1, 1], ALLOW],
    ['a stream that is closed on exec', [1, 1 | SOCK_CLOEXEC], ALLOW],
    ['packets', [1, 5], ALLOW],
    ['datagrams', [1, 2], EPERM],
    ['raw, which are datagrams', [1, 3], EPERM],
    ['another family', [30, 1], EPERM],
  ])('judges a pair of sockets: %s', (_name, args, expected) => {
    expect(judge(false, calls.socketpair, ...args)).toBe(expected);
    expect(judge(true, calls.socketpair, ...args)).toBe(ALLOW);
  });

  test.each([true, false])('refuses new user namespaces (network: %s)', (network) => {
    for (const call of [calls.clone, calls.unshare]) {
      expect(judge(network, call, CLONE_NEWUSER | 0x11)).toBe(EPERM);
      expect(judge(network, call, 0x11)).toBe(ALLOW);
    }
    expect(judge(network, 435)).toBe(ENOSYS);
  });

  test('allows what it does not name', () => {
    for (const call of [calls.read, 281, 302, 434, 436, 460]) expect(judge(false, call)).toBe(ALLOW);
  });

  test('ends programs of another architecture', () => {
    const i386 = 0x40000003;
    expect(verdict(socketFilter(architecture, true), i386, 102)).toBe(KILL);
  });
});

test('the x32 numbers of x86-64 do not exist', () => {
  expect(verdict(socketFilter('x64', true), X64.audit, 0x40000000 | X64.socket)).toBe(ENOSYS);
});

test('other architectures are not known', () => {
  expect(['x64', 'arm64', 'ia32', 'riscv64', 'toString'].map(isFilteredArchitecture)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
