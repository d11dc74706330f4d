import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { conversationLines, line, metaLine, sessionMeta, userEvent } from '../core/rollout/samples.ts';
import { openDaemonWorld } from '../support/lifecycle/daemon-world.ts';
import { storedFile } from '../support/lifecycle/stored-files.ts';

const LIMIT_MS = 2_000;
const TEN_GIGABYTES = 10 * 1024 ** 3;

const RESUMING = 'error resuming conversation: ';
const NO_ID = `${RESUMING}failed to parse conversation ID from rollout file`;

const lines = (...texts: string[]): string => `${texts.join('\n')}\n`;

interface Odd {
  /** Makes the thing at that path. */
  make(file: string, id: string): void;
  /** What the client calls it. */
  path?(file: string): string;
  /** The answer; `undefined` is a success. */
  readonly reason?: string;
  readonly message?: string;
}

const write =
  (content: (id: string) => string) =>
  (file: string, id: string): void =>
    writeFileSync(file, content(id));

/** Bytes at the beginning, and then a hole. */
function writeSparse(file: string, beginning: string): void {
  const fd = openSync(file, 'w');
  writeSync(fd, beginning);
  ftruncateSync(fd, TEN_GIGABYTES);
  closeSync(fd);
}

const ODD: Readonly<Record<string, Odd>> = {
  'is empty': { make: write(() => ''), reason: 'rollout_empty', message: `${RESUMING}empty session file` },
  'is not there': {
    make: () => {},
    reason: 'rollout_io',
    message: `${RESUMING}No such file or directory (os error 2)`,
  },
  'has a name that no file can have': {
    make: () => {},
    path: (file) => `${file}\0`,
    reason: 'rollout_io',
    message: `${RESUMING}file name contained an unexpected NUL byte`,
  },
  'has lines without a type, as before 0.30': {
    make: write((id) =>
      lines(JSON.stringify(sessionMeta(id)), JSON.stringify({ type: 'message', role: 'user' })),
    ),
    reason: 'rollout_no_session_meta',
    message: NO_ID,
  },
  'is no text at all': {
    make: (file) => writeFileSync(file, Buffer.alloc(100_000, 0xfe)),
    reason: 'rollout_no_session_meta',
    message: NO_ID,
  },
  'has records of a future version besides': {
    make: write((id) => lines(metaLine(id), line('from_the_future', { a: 1 }), userEvent('hi'))),
  },
  'has another id in its first record than in its name': {
    make: write(() => lines(...conversationLines(randomUUID()))),
  },
  'is a directory': {
    make: (file) => mkdirSync(file),
    reason: 'rollout_not_a_file',
    message: `${RESUMING}Is a directory (os error 21)`,
  },
  'is a pipe that nobody writes to': {
    make: (file) => execFileSync('mkfifo', [file]),
    reason: 'rollout_not_a_file',
    message: `${RESUMING}not a regular file`,
  },
  'is a link to a device': {
    make: (file) => symlinkSync('/dev/zero', file),
    reason: 'rollout_not_a_file',
    message: `${RESUMING}not a regular file`,
  },
  'is 10 GB of nothing': {
    make: (file) => writeSparse(file, ''),
    reason: 'rollout_no_session_meta',
    message: NO_ID,
  },
  'is 10 GB after a good beginning': {
    make: (file, id) => writeSparse(file, lines(...conversationLines(id))),
    reason: 'rollout_invalid_record',
    message: `${RESUMING}line 6 is longer than 268435456 bytes`,
  },
};

describe.runIf(process.platform !== 'win32')(
  'resuming a file has a defined result in two seconds when it',
  () => {
    test.each(Object.entries(ODD))(
      '%s (REL-LC-14)',
      async (_, { make, path: named = (file: string) => file, reason = 'ok', message = '' }) => {
        const world = await openDaemonWorld();
        const { id, sessions } = storedFile(world.home, randomUUID());
        mkdirSync(path.dirname(sessions), { recursive: true });
        make(sessions, id);
        const other = await world.daemon.newConversation();

        const before = performance.now();
        const resumed = world.callers[0].call('resumeConversation', { path: named(sessions) });
        await world.daemon.say(other.conversationId, 'hi');
        await world.turns.beyond(other.conversationId, 'ended', 0);
        const othersTook = performance.now() - before;
        const outcome = await resumed;
        const took = performance.now() - before;

        expect([outcome.reason, outcome.message]).toEqual([reason, message]);
        expect([othersTook, took].filter((milliseconds) => milliseconds > LIMIT_MS)).toEqual([]);
        const { status } = await world.daemon.fetch('/v1/conversations');
        expect(status).toBe(200);
      },
    );
  },
);
