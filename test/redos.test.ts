import { globSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../src/core/exec/parse-command.ts';
import { isKnownSafe } from '../src/core/exec/safe-command.ts';
import { readPlainScript } from '../src/core/exec/shell-words.ts';
import { readPatchInvocation } from '../src/core/patch/invocation.ts';
import { parsePatch } from '../src/core/patch/parse.ts';
import { parseLine } from '../src/core/rollout/line.ts';
import { parseRolloutName } from '../src/core/rollout/path.ts';
import { formatPretty } from '../src/daemon/pretty.ts';
import { createRedactor } from '../src/daemon/redact.ts';
import { readableOutput } from '../src/page/text/terminal-output.ts';
import { EventId } from '../src/protocol/vocabulary/ids.ts';
import { findDuplicateMember } from '../src/rpc/duplicate-members.ts';
import { parseMessage } from '../src/rpc/message.ts';
import { prefersHtml } from '../src/server/access/accept.ts';
import { createClientAddress } from '../src/server/access/client-address.ts';
import { readSessionCookie } from '../src/server/access/cookie.ts';
import { isAllowedHost, targetAuthority } from '../src/server/host.ts';

const SRC = path.resolve(import.meta.dirname, '../src');
const MIB = 1024 * 1024;
/** Milliseconds for a mebibyte. Linear work takes a tenth of it on a busy machine, quadratic work takes minutes. */
const LIMIT = 2_000;

const request = (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;
const redactor = createRedactor();
const clientAddress = createClientAddress(['127.0.0.1']);

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'the Host header': (text) => isAllowedHost(text, { bound: '127.0.0.1', port: 1, allowed: [] }),
  'the target of a request': targetAuthority,
  'the Accept header': (text) => prefersHtml(request({ accept: text })),
  cookies: (text) => readSessionCookie(request({ cookie: text }), 1),
  'forwarded addresses': (text) => clientAddress(request({ 'x-forwarded-for': text })),
  'a JSON-RPC message': (text) => parseMessage(text),
  'members that are there twice': findDuplicateMember,
  'what a command printed': readableOutput,
  'an event id': (text) => EventId.safeParse(text),
  'a line of the log': (text) => redactor.redact(text),
  'a line of the log for people': (text) => formatPretty(JSON.stringify({ level: 30, msg: text }), false),
  'a shell script': readPlainScript,
  'a command to tell of': (text) => parseCommand(['bash', '-lc', text]),
  'a command that may be safe': (text) => isKnownSafe(['bash', '-lc', text]),
  'a patch': parsePatch,
  'a patch in a command': (text) => readPatchInvocation(['bash', '-lc', text]),
  'a line of a rollout': parseLine,
  'the name of a rollout': parseRolloutName,
};

const HOSTILE = [
  'a',
  '(',
  '/',
  ' ',
  '\u0301',
  '"',
  '\\',
  '=',
  ':',
  ',',
  '-',
  '{',
  '\n',
  'Bearer ',
  'eyJa.',
  '://',
  'a=',
  'a b',
];

describe('SEC-REDOS-1: a mebibyte of anything is read in linear time as', () => {
  it.each(Object.entries(READERS))('%s', (_name, read) => {
    for (const piece of HOSTILE) {
      const text = piece.repeat(Math.ceil(MIB / piece.length));
      const started = performance.now();
      try {
        read(text);
      } catch {
        // Refusing it is as good as reading it.
      }
      expect([piece, performance.now() - started < LIMIT]).toEqual([piece, true]);
    }
  });
});

describe('SEC-IN-16 SEC-REDOS-1: regular expressions', () => {
  it('are made of text at run time in few places, none of which takes a pattern of a client', () => {
    const makers = globSync('**/*.ts', { cwd: SRC }).filter((file) =>
      /new RegExp\(|\bRegExp\(/.test(readFileSync(path.join(SRC, file), 'utf8')),
    );
    expect(makers.sort()).toEqual([
      'core/context/git-nearest-remote.ts',
      'core/exec/command-argument.ts',
      'core/exec/environment.ts',
      'core/files/lock-holder.ts',
      'core/patch/heredoc.ts',
      'core/user-agent.ts',
      'daemon/children/proc-table.ts',
      'daemon/redact.ts',
      'page/text/terminal-output.ts',
    ]);
  });
});
