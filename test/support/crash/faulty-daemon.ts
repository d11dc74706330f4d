import { appendFileSync, existsSync, readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import type { FileSystem } from '../../../src/core/files/file-system.ts';
import type { RunningDaemon } from '../../../src/daemon/types.ts';
import { countingFiles, type Operation } from '../faulty-files.ts';
import type { HostReply, HostRequest, StartRequest } from './daemon-host.ts';
import type { DiskEntry } from './disk-record.ts';
import { type Fault, isRefusable } from './fault.ts';
import { recordingFiles } from './recording-files.ts';

/**
 * The program of a daemon host: runs the built daemon on a file system that fails, or kills this very process, at the
 * operation that it is told.
 */

const DIST = path.resolve(import.meta.dirname, '../../../dist');
const { startDaemon }: typeof import('../../../src/daemon/daemon.ts') = await import(
  `${DIST}/daemon/daemon.js`
);
const { createRedactor }: typeof import('../../../src/daemon/redact.ts') = await import(
  `${DIST}/daemon/redact.js`
);

const { openHome }: typeof import('../../../src/daemon/home.ts') = await import(`${DIST}/daemon/home.js`);

const TOKEN = 'a-token-that-only-this-test-knows-0123456789';

let daemon: RunningDaemon | undefined;
let operations: string[] = [];
let record: readonly DiskEntry[] = [];
let root = '';

/** Syncs of the first rollout that is synced take long, those of the others do not. */
function slowFiles(syncMs: number): FileSystem {
  let slow: string | undefined;
  return countingFiles({
    delay({ name, path: file }) {
      if (name !== 'handle.datasync' || !file?.endsWith('.jsonl')) return undefined;
      slow ??= file;
      return file === slow ? delay(syncMs) : undefined;
    },
  });
}

function faultyFiles(fault: Fault | undefined): FileSystem {
  let firedAt: number | undefined;
  const die = (moment: 'before' | 'after', { index, name }: Operation): void => {
    if (fault?.kind !== 'kill' || fault.moment !== moment) return;
    if (fault.at === index || fault.at === name) process.kill(process.pid, 'SIGKILL');
  };
  return countingFiles({
    before(operation) {
      operations.push(operation.name);
      die('before', operation);
    },
    after: (operation) => die('after', operation),
    fail({ index, name }) {
      if (fault?.kind !== 'error' || index < fault.at || !isRefusable(fault.code, name)) return undefined;
      const now = performance.now();
      firedAt ??= now;
      const isOver = index > fault.at && now - firedAt >= fault.lastsMs;
      return isOver ? undefined : fault.code;
    },
  });
}

/** What a daemon says when it is over, and its folder is gone, is for nobody. */
function openLog(root: string): pino.Logger {
  const write = (line: string): void => {
    if (existsSync(root)) appendFileSync(path.join(root, 'daemon.log'), line);
  };
  return pino({ level: 'warn' }, { write });
}

async function start(request: StartRequest): Promise<HostReply> {
  operations = [];
  record = [];
  root = request.root;
  const { codexHome: home } = await openHome({ CODEX_HOME: path.join(root, 'home') });
  const socketPath = path.join(home, `${process.pid}.sock`);
  daemon = await startDaemon({
    codexHome: home,
    processCwd: root,
    env: { ...process.env, CODEX_HOME: home },
    host: '127.0.0.1',
    port: 0,
    socketPath,
    cliOverrides: [],
    profile: undefined,
    demo: false,
    token: TOKEN,
    log: openLog(root),
    redactor: createRedactor(),
    userUmask: 0o022,
    version: '0.0.0',
    files: filesWith(request.fault),
  });
  return { did: 'start', address: { url: daemon.url, socket: socketPath, token: TOKEN } };
}

function filesWith(fault: Fault | undefined): FileSystem {
  if (fault?.kind === 'slow') return slowFiles(fault.syncMs);
  if (fault?.kind !== 'none') return faultyFiles(fault);
  const files = recordingFiles();
  record = files.entries;
  return files;
}

async function stop(): Promise<HostReply> {
  await daemon?.abort();
  daemon = undefined;
  return { did: 'stop', operations, open: openFiles(), record };
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const file = readlinkSync(`/proc/self/fd/${fd}`);
      return file.startsWith(`${root}/`) ? [file] : [];
    } catch {
      // The descriptor that the list itself was read with.
      return [];
    }
  });
}

process.on('message', (request: HostRequest) => {
  const done = request.do === 'start' ? start(request) : stop();
  done
    .catch((error): HostReply => ({ did: 'fail', message: String(error) }))
    .then((reply) => process.send?.(reply));
});
