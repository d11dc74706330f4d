import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkArchivedPath, moveToSessions } from '../../../src/core/rollout/archive.ts';
import { findRollout } from '../../../src/core/rollout/catalog.ts';
import { finishMoves } from '../../../src/core/rollout/finish-moves.ts';
import { expectOne, id, storedFile, timesListed } from './moves.ts';
import { conversationId, conversationLines, temporaryDirectory, writeLines, writeText } from './samples.ts';

const other = conversationId(2);

describe('the path of a conversation to take out of the archive', () => {
  it('is found by the id, or accepted', async () => {
    const { codexHome, archived } = storedFile('archive');
    expect(await checkArchivedPath(codexHome, undefined, id.toUpperCase())).toBe(archived);
    expect(await checkArchivedPath(codexHome, archived, id)).toBe(archived);
  });

  it('is not found when nothing has the id', async () => {
    const { codexHome } = storedFile('archive');
    await expect(checkArchivedPath(codexHome, undefined, other)).rejects.toMatchObject({
      fault: 'not_found',
      message: `conversation not found: ${other}`,
    });
  });

  it('is refused, given or not, when the conversation is active', async () => {
    const { codexHome, active } = storedFile('sessions');
    mkdirSync(join(codexHome, 'archived_sessions'));
    for (const path of [undefined, active])
      await expect(checkArchivedPath(codexHome, path, id)).rejects.toMatchObject({ fault: 'not_archived' });
  });

  it.each([
    ['is relative', (archived: string) => basename(archived)],
    ['leads out', (archived: string) => `${dirname(archived)}/../config.toml`],
  ])('is outside when it %s', async (_what, change) => {
    const { codexHome, archived } = storedFile('archive');
    writeText(join(codexHome, 'config.toml'), '');
    const path = change(archived);
    await expect(checkArchivedPath(codexHome, path, id)).rejects.toMatchObject({
      fault: 'outside_sessions',
      message: `rollout path \`${path}\` must be in archived_sessions directory`,
    });
  });

  it('is not found when it is missing', async () => {
    const { codexHome, archived } = storedFile('archive');
    await expect(checkArchivedPath(codexHome, `${archived}x`, id)).rejects.toMatchObject({
      fault: 'not_found',
    });
  });

  it('does not match another id, nor a name without a time', async () => {
    const { codexHome, archived } = storedFile('archive');
    await expect(checkArchivedPath(codexHome, archived, other)).rejects.toMatchObject({
      fault: 'id_mismatch',
    });
    const renamed = join(dirname(archived), `${id}.jsonl`);
    renameSync(archived, renamed);
    await expect(checkArchivedPath(codexHome, renamed, id)).rejects.toMatchObject({ fault: 'id_mismatch' });
  });
});

describe('taking out of the archive', () => {
  it('moves the file to the day of its name', async () => {
    const stored = storedFile('archive');
    expect(await moveToSessions(stored.codexHome, stored.archived)).toBe(stored.active);
    expect(expectOne(stored)).toBe(stored.active);
    expect(await findRollout(stored.codexHome, id)).toEqual({ path: stored.active, archived: false });
  });

  it('SEC-PATH-3: never overwrites a file', async () => {
    const { codexHome, active, archived } = storedFile('archive');
    writeText(active, 'theirs');
    await expect(moveToSessions(codexHome, archived)).rejects.toMatchObject({ fault: 'exists' });
    expect(readFileSync(active, 'utf8')).toBe('theirs');
    expect(existsSync(archived)).toBe(true);
  });

  it('SEC-PATH-3: does not follow a day that leads out of the sessions', async () => {
    const { codexHome, active, archived } = storedFile('archive');
    const outside = temporaryDirectory();
    mkdirSync(dirname(dirname(active)), { recursive: true });
    symlinkSync(outside, dirname(active));
    await expect(moveToSessions(codexHome, archived)).rejects.toMatchObject({ fault: 'io' });
    expect(existsSync(archived)).toBe(true);
    expect(existsSync(join(outside, basename(active)))).toBe(false);
  });

  it('fails as outside when somebody else was faster', async () => {
    const { codexHome, active, archived } = storedFile('archive');
    mkdirSync(dirname(active), { recursive: true });
    renameSync(archived, active);
    await expect(moveToSessions(codexHome, archived)).rejects.toMatchObject({ fault: 'outside_sessions' });
  });
});

describe('what the end of a process left', () => {
  it('is listed once and stays in the archive when the file has both names', async () => {
    const stored = storedFile('sessions');
    mkdirSync(dirname(stored.archived));
    linkSync(stored.active, stored.archived);
    expect(await timesListed(stored)).toBe(1);
    expect(await findRollout(stored.codexHome, id)).toEqual({ path: stored.archived, archived: true });
    expect(await finishMoves(stored.codexHome)).toEqual({ finished: [stored.archived], failed: [] });
    expect(expectOne(stored)).toBe(stored.archived);
  });

  it('is found on another day than that of the name, too', async () => {
    const stored = storedFile('sessions');
    const elsewhere = join(dirname(dirname(stored.active)), '11', basename(stored.active));
    mkdirSync(dirname(elsewhere));
    renameSync(stored.active, elsewhere);
    mkdirSync(dirname(stored.archived));
    linkSync(elsewhere, stored.archived);
    await finishMoves(stored.codexHome);
    expect(existsSync(elsewhere)).toBe(false);
    expect(expectOne(stored)).toBe(stored.archived);
  });

  it.each(['sessions', 'archived_sessions'])(
    'is given its name back when it is hidden in %s',
    async (root) => {
      const stored = storedFile(root === 'sessions' ? 'sessions' : 'archive');
      const path = root === 'sessions' ? stored.active : stored.archived;
      const hidden = `.${basename(path)}.${conversationId(7)}.moving`;
      renameSync(path, join(stored.codexHome, root, hidden));
      expect(await finishMoves(stored.codexHome)).toEqual({ finished: [path], failed: [] });
      expect(expectOne(stored)).toBe(path);
    },
  );

  it('is removed when it is a copy that was not finished', async () => {
    const stored = storedFile('sessions');
    mkdirSync(dirname(stored.archived));
    const partial = `.${basename(stored.archived)}.${conversationId(7)}.partial`;
    writeFileSync(join(dirname(stored.archived), partial), 'half');
    expect(await finishMoves(stored.codexHome)).toEqual({ finished: [], failed: [] });
    expect(expectOne(stored)).toBe(stored.active);
  });

  it('does not mean other files that happen to have two names', async () => {
    const stored = storedFile('archive');
    const backup = join(temporaryDirectory(), 'backup');
    linkSync(stored.archived, backup);
    writeLines(stored.active, conversationLines(id));
    expect(await finishMoves(stored.codexHome)).toEqual({ finished: [], failed: [] });
    for (const path of [stored.active, stored.archived, backup]) expect(existsSync(path)).toBe(true);
  });

  it('is told when it cannot be finished, and does not keep the rest from it', async () => {
    const stored = storedFile('sessions');
    const hidden = `.${basename(stored.active)}.${conversationId(7)}.moving`;
    writeText(join(stored.codexHome, 'sessions', hidden), 'another file of that name');
    mkdirSync(dirname(stored.archived));
    linkSync(stored.active, stored.archived);
    const { finished, failed } = await finishMoves(stored.codexHome);
    expect(finished).toEqual([stored.archived]);
    expect(failed.map(({ message }) => message)).toEqual([expect.stringContaining(hidden)]);
  });

  it('is nothing in an empty home', async () => {
    expect(await finishMoves(temporaryDirectory())).toEqual({ finished: [], failed: [] });
  });
});
