/** `process.arch` values whose system calls we know. */
export type FilteredArchitecture = 'x64' | 'arm64';

interface SystemCalls {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number;
  readonly socket: number;
  readonly connect: number;
  readonly bind: number;
  readonly socketpair: number;
  readonly clone: number;
  readonly unshare: number;
}

/** From asm/unistd_64.h and asm-generic/unistd.h. */
const SYSTEM_CALLS: Readonly<Record<FilteredArchitecture, SystemCalls>> = {
  x64: { audit: 0xc000003e, socket: 41, connect: 42, bind: 49, socketpair: 53, clone: 56, unshare: 272 },
  arm64: {
    audit: 0xc00000b7,
    socket: 198,
    connect: 203,
    bind: 200,
    socketpair: 199,
    clone: 220,
    unshare: 97,
  },
};
/** The same on all architectures, as every call added since Linux 5.1. */
const IO_URING_SETUP = 425;
const CLONE3 = 435;
/** Set in the numbers of the x32 calls, which the x86-64 audit value includes. */
const X32_BIT = 0x40000000;

const EPERM = 1;
const ENOSYS = 38;
const CLONE_NEWUSER = 0x10000000;
const AF_UNIX = 1;
const SOCK_TYPE_MASK = 0xf;
const SOCK_STREAM = 1;
const SOCK_SEQPACKET = 5;

/** Opcodes of linux/bpf_common.h. */
const LOAD = 0x20;
const AND = 0x54;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_SET = 0x45;
const RETURN = 0x06;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const fail = (errno: number): number => 0x00050000 | errno;

/** Offsets into `struct seccomp_data`; of an argument, its low half on little-endian machines. */
const NUMBER = 0;
const AUDIT = 4;
const argument = (index: number): number => 16 + 8 * index;

/** `struct sock_filter`: the jumps count the instructions to skip. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

export function isFilteredArchitecture(name: string): name is FilteredArchitecture {
  return Object.hasOwn(SYSTEM_CALLS, name);
}

/**
 * The filter for `bwrap --seccomp`, an array of `struct sock_filter`. Namespaces alone leave two gaps: unix sockets
 * that have a path (docker, D-Bus, ssh-agent) are reached from any network namespace, and a new user namespace would
 * open the mount calls again. So:
 * - always: no new user namespaces, `clone3` does not exist (its flags cannot be seen; the C libraries then use `clone`)
 * - without network: no sockets but connected pairs, which cannot be sent elsewhere; EPERM as in the reference
 *   (protocol-v1, section 7). No `io_uring`, which makes sockets without the calls that are filtered here.
 * - calls of another architecture, such as 32-bit programs make, end the process
 */
export function socketFilter(architecture: FilteredArchitecture, network: boolean): Uint8Array {
  const calls = SYSTEM_CALLS[architecture];
  return encode([
    [LOAD, 0, 0, AUDIT],
    [JUMP_IF_EQUAL, 1, 0, calls.audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    [JUMP_IF_AT_LEAST, 0, 1, X32_BIT],
    [RETURN, 0, 0, fail(ENOSYS)],
    ...refuse(CLONE3, ENOSYS),
    ...refuseNewUserNamespace(calls.clone),
    ...refuseNewUserNamespace(calls.unshare),
    ...(network ? [] : refuseSockets(calls)),
    [RETURN, 0, 0, ALLOW],
  ]);
}

function refuseSockets(calls: SystemCalls): Instruction[] {
  return [
    ...[calls.socket, calls.connect, calls.bind, IO_URING_SETUP].flatMap((call) => refuse(call, EPERM)),
    ...refuseUnconnectedPairs(calls.socketpair),
  ];
}

function refuse(call: number, errno: number): Instruction[] {
  return onlyFor(call, [[RETURN, 0, 0, fail(errno)]]);
}

function refuseNewUserNamespace(call: number): Instruction[] {
  return onlyFor(call, [
    [LOAD, 0, 0, argument(0)],
    [JUMP_IF_SET, 0, 1, CLONE_NEWUSER],
    [RETURN, 0, 0, fail(EPERM)],
    [RETURN, 0, 0, ALLOW],
  ]);
}

/** A datagram socket may send to any address, also when it is one of a pair. */
function refuseUnconnectedPairs(socketpair: number): Instruction[] {
  return onlyFor(socketpair, [
    [LOAD, 0, 0, argument(0)],
    [JUMP_IF_EQUAL, 0, 4, AF_UNIX],
    [LOAD, 0, 0, argument(1)],
    [AND, 0, 0, SOCK_TYPE_MASK],
    [JUMP_IF_EQUAL, 2, 0, SOCK_STREAM],
    [JUMP_IF_EQUAL, 1, 0, SOCK_SEQPACKET],
    [RETURN, 0, 0, fail(EPERM)],
    [RETURN, 0, 0, ALLOW],
  ]);
}

/** Expects the number of the call in the accumulator; `body` has to return. */
function onlyFor(call: number, body: readonly Instruction[]): Instruction[] {
  return [[JUMP_IF_EQUAL, 0, body.length, call], ...body];
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return bytes;
}
