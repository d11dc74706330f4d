import { execFileSync } from 'node:child_process';
import { constants, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { readHead } from '../../../src/core/rollout/head.ts';
import {
  assistantText,
  conversationId,
  conversationLines,
  event,
  item,
  metaLine,
  sessionMeta,
  temporaryDirectory,
  userEvent,
  userText,
  writeLines,
} from './samples.ts';

const id = conversationId(1);
const store = (lines: readonly string[]) => writeLines(join(temporaryDirectory(), 'r.jsonl'), lines);
const headOf = (lines: readonly string[]) => readHead(store(lines));

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('the head of a rollout', () => {
  it('tells the meta, the preview and that the user said something', async () => {
    const meta = sessionMeta(id);
    expect(await headOf(conversationLines(id, 'what?'))).toMatchObject({
      leadingMeta: meta,
      meta,
      preview: 'what?',
      hasUserMessage: true,
    });
  });

  it('ends with the tenth item', async () => {
    const nine = Array.from({ length: 9 }, () => item(assistantText('a')));
    const late = [item(userText('late')), userEvent('late')];
    expect(await headOf([metaLine(id), ...nine.slice(1), ...late])).toMatchObject({ preview: 'late' });
    expect(await headOf([metaLine(id), ...nine, ...late])).toMatchObject({
      preview: undefined,
      hasUserMessage: false,
    });
  });

  it('is found behind long records', async () => {
    for (const length of [20_000, 200_000]) {
      const lines = [
        metaLine(id, { instructions: 'ü'.repeat(length) }),
        ...conversationLines(id, 'far').slice(1),
      ];
      expect(await headOf(lines)).toMatchObject({ preview: 'far', hasUserMessage: true });
    }
  });

  it('takes in a last line without an end', async () => {
    const path = store([]);
    writeFileSync(path, `${metaLine(id)}\n${item(userText('open end'))}`);
    expect(await readHead(path)).toMatchObject({ preview: 'open end' });
  });

  it('does not show what programs said in the name of the user', async () => {
    const todaysInstructions = '# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>\nbe kind\n</INSTRUCTIONS>';
    const developer = { ...userText('skills'), role: 'developer' };
    const lines = [metaLine(id), item(developer), item(userText(todaysInstructions)), item(userText('mine'))];
    expect(await headOf([...lines, event({ type: 'user_message', message: 'mine' })])).toMatchObject({
      preview: 'mine',
      hasUserMessage: true,
    });
  });

  it.each([
    ['a pipe', 'not a regular file'],
    ['a directory', 'Is a directory (os error 21)'],
    ['a link', 'Symbolic link loop (os error 40)'],
    ['missing', 'No such file or directory (os error 2)'],
  ])('is refused when the file is %s', async (name, message) => {
    const directory = temporaryDirectory();
    execFileSync('mkfifo', [join(directory, 'a pipe')]);
    execFileSync('mkdir', [join(directory, 'a directory')]);
    symlinkSync(store(conversationLines(id)), join(directory, 'a link'));
    await expect(readHead(join(directory, name))).rejects.toThrow(message);
  });

  it('closes what it opened and says why when reading fails', async () => {
    const path = store(conversationLines(id));
    const closed: number[] = [];
    const files: FileSystem = {
      ...realFileSystem,
      readSync: () => {
        throw systemError('EIO');
      },
      closeSync: (fd) => {
        closed.push(fd);
        realFileSystem.closeSync(fd);
      },
      open: () => Promise.reject(systemError('EIO')),
    };
    await expect(readHead(path, files)).rejects.toThrow('I/O error (os error 5)');
    expect(closed).toHaveLength(1);
  });

  it('neither follows links nor waits', async () => {
    let flags: unknown;
    const files: FileSystem = {
      ...realFileSystem,
      openSync: (path, given, mode) => {
        flags = given;
        return openSync(path, given ?? 'r', mode);
      },
    };
    await readHead(store(conversationLines(id)), files);
    expect(Number(flags) & constants.O_NOFOLLOW).not.toBe(0);
    expect(Number(flags) & constants.O_NONBLOCK).not.toBe(0);
  });
});
