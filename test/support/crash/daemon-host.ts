import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { DiskEntry } from './disk-record.ts';
import type { Address } from './door.ts';
import type { Fault } from './fault.ts';
import { COMPILE_CACHE } from './real-daemon.ts';

const ENTRY = path.join(import.meta.dirname, 'faulty-daemon.ts');

export interface StartRequest {
  readonly do: 'start';
  readonly root: string;
  readonly fault: Fault | undefined;
}

export type HostRequest = StartRequest | { readonly do: 'stop' };

export type HostReply =
  | { readonly did: 'start'; readonly address: Address }
  | ({ readonly did: 'stop' } & Remains)
  | { readonly did: 'fail'; readonly message: string };

/** What is known of a daemon that was stopped. */
export interface Remains {
  /** Names of its file operations, in order. */
  readonly operations: readonly string[];
  /** Files below its root that it has left open. */
  readonly open: readonly string[];
  /** What happened to its files, if that was written down. */
  readonly record: readonly DiskEntry[];
}

/** A process in which daemons run, one after another, each with a fault of its own. */
export interface DaemonHost {
  /** @throws Error with the daemon's own message when it does not start; {@link HostDied} when the process has ended */
  start(root: string, fault?: Fault): Promise<Address>;
  /** Stops the daemon at once. */
  stop(): Promise<Remains>;
  /** Resolves when the process has ended, with its signal or exit code. */
  readonly ended: Promise<string>;
  kill(): void;
}

export class HostDied extends Error {
  override readonly name = 'HostDied';
}

export function openHost(): DaemonHost {
  const host = fork(ENTRY, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  const ended = once(host, 'exit').then(([code, signal]) => String(signal ?? code));
  return {
    async start(root, fault) {
      const reply = await ask(host, ended, { do: 'start', root, fault });
      if (reply.did === 'start') return reply.address;
      throw new Error(reply.did === 'fail' ? reply.message : 'not an answer to a start');
    },
    async stop() {
      const reply = await ask(host, ended, { do: 'stop' });
      if (reply.did === 'stop') return reply;
      throw new Error(reply.did === 'fail' ? reply.message : 'not an answer to a stop');
    },
    ended,
    kill: () => void host.kill('SIGKILL'),
  };
}

async function ask(host: ChildProcess, ended: Promise<string>, request: HostRequest): Promise<HostReply> {
  if (!host.connected) throw new HostDied(await ended);
  const reply = once(host, 'message').then(([message]) => message as HostReply);
  host.send(request);
  return Promise.race([reply, ended.then((how) => Promise.reject(new HostDied(how)))]);
}
