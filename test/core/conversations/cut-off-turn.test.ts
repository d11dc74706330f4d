import { execFile } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Closing, closeCutOffTurn } from '../../../src/core/conversations/cut-off-turn.ts';
import { openTurns } from '../../../src/core/conversations/open-turns.ts';
import { realFileSystem } from '../../../src/core/files/file-system.ts';
import { holdLock } from '../files/held-lock.ts';
import {
  activePath,
  assistantText,
  conversationId,
  conversationLines,
  event,
  item,
  temporaryDirectory,
  userText,
  writeLines,
} from '../rollout/samples.ts';
import { onlyWriter } from './only-writer.ts';
import { recordingLog } from './recording-log.ts';

const DAEMON = join(import.meta.dirname, 'mortal-daemon.ts');
const id = conversationId(1);
const ABORTED = { type: 'event_msg', payload: { type: 'turn_aborted', reason: 'interrupted' } };

/** A home with a conversation, and what a daemon does there when it starts. */
function home() {
  const codexHome = temporaryDirectory();
  const path = activePath(codexHome, '2025-09-10T10-00-00', id);
  const folder = join(codexHome, 'codexd', 'open-turns');
  const open = onlyWriter(codexHome, id, realFileSystem);
  const turns = openTurns({ folder, log: recordingLog().log });
  return {
    codexHome,
    path,
    archived: join(codexHome, 'archived_sessions', basename(path)),
    turns,
    open,
    async closeAll(): Promise<Closing[]> {
      const cutOff = await turns.cutOff();
      return Promise.all(cutOff.map((turn) => closeCutOffTurn(turn, { openTurns: turns, open })));
    },
    notes: (): string[] => readdirSync(folder),
  };
}

/** A home where a turn was cut off after some records. */
function cutOff() {
  const here = home();
  writeLines(here.path, conversationLines(id));
  here.turns.begin(id, { path: here.path, offset: readFileSync(here.path).length });
  appendFileSync(here.path, `${item(assistantText('so far'))}\n`);
  return here;
}

const recordsOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

const endsOf = (path: string): number =>
  recordsOf(path).filter(({ payload }) => (payload as { type?: string }).type === 'turn_aborted').length;

describe('a turn that was cut off', () => {
  it('is ended by one record at the end of the file, and its note is gone', async () => {
    const here = cutOff();
    const before = readFileSync(here.path, 'utf8');
    expect(await here.closeAll()).toEqual(['closed']);
    expect(readFileSync(here.path, 'utf8').startsWith(before)).toBe(true);
    expect(recordsOf(here.path).slice(6)).toEqual([{ timestamp: expect.any(String), ...ABORTED }]);
    expect(here.notes()).toEqual([]);
    expect(await here.closeAll()).toEqual([]);
  });

  it('is ended also when nothing but its input was stored, or the last record was torn', async () => {
    const here = home();
    writeLines(here.path, conversationLines(id));
    here.turns.begin(id, { path: here.path, offset: readFileSync(here.path).length });
    appendFileSync(here.path, `${item(userText('the input'))}\n`);
    expect(await here.closeAll()).toEqual(['closed']);
    const torn = cutOff();
    appendFileSync(torn.path, item(assistantText('torn')).slice(0, -5));
    expect(await torn.closeAll()).toEqual(['closed']);
    expect(recordsOf(torn.path).at(-1)).toMatchObject(ABORTED);
  });

  it('had not begun when nothing of it was stored, or only a torn part of its input', async () => {
    const here = home();
    writeLines(here.path, conversationLines(id));
    const before = readFileSync(here.path);
    here.turns.begin(id, { path: here.path, offset: before.length });
    expect(await here.closeAll()).toEqual(['not_begun']);
    here.turns.begin(id, { path: here.path, offset: before.length });
    appendFileSync(here.path, item(userText('the input')).slice(0, -5));
    expect(await here.closeAll()).toEqual(['not_begun']);
    expect(readFileSync(here.path)).toEqual(before);
  });

  it('is not ended twice when its end was stored before its note was removed', async () => {
    const here = cutOff();
    appendFileSync(here.path, `${event({ type: 'turn_aborted', reason: 'interrupted' })}\n`);
    expect(await here.closeAll()).toEqual(['already_closed']);
    expect(endsOf(here.path)).toBe(1);
    expect(here.notes()).toEqual([]);
  });

  it('is ended when a power cut took records that its note tells of', async () => {
    const here = cutOff();
    here.turns.end(id, readFileSync(here.path).length + 1);
    expect(await here.closeAll()).toEqual(['closed']);
    expect(endsOf(here.path)).toBe(1);
  });

  it('is ended when a power cut left the length of the records that its note tells of, and nothing else', async () => {
    const here = cutOff();
    appendFileSync(here.path, `${item(assistantText('the end'))}\n`);
    const whole = readFileSync(here.path);
    here.turns.end(id, whole.length);
    writeFileSync(here.path, whole.fill(0, whole.length - 20));
    expect(await here.closeAll()).toEqual(['closed']);
    expect(endsOf(here.path)).toBe(1);
  });

  it('has its end when it stored all that its note tells of, also in the archive', async () => {
    const here = cutOff();
    here.turns.end(id, readFileSync(here.path).length);
    mkdirSync(dirname(here.archived));
    renameSync(here.path, here.archived);
    expect(await here.closeAll()).toEqual(['already_closed']);
    expect(endsOf(here.archived)).toBe(0);
    expect(here.notes()).toEqual([]);
  });

  it('is ended although an earlier turn was aborted, and somebody spoke of it', async () => {
    const here = home();
    const earlier = event({ type: 'turn_aborted', reason: 'interrupted' });
    writeLines(here.path, [...conversationLines(id), earlier]);
    here.turns.begin(id, { path: here.path, offset: readFileSync(here.path).length });
    appendFileSync(here.path, `${item(assistantText(`what about ${earlier}\n"turn_aborted"`))}\n`);
    expect(await here.closeAll()).toEqual(['closed']);
    expect(endsOf(here.path)).toBe(2);
  });

  it('is ended in the archive when the file was moved there, once while it has both names', async () => {
    const here = cutOff();
    mkdirSync(dirname(here.archived));
    linkSync(here.path, here.archived);
    expect(await here.closeAll()).toEqual(['closed']);
    const moved = cutOff();
    mkdirSync(dirname(moved.archived));
    renameSync(moved.path, moved.archived);
    expect(await moved.closeAll()).toEqual(['closed']);
    expect([endsOf(here.archived), endsOf(moved.archived)]).toEqual([1, 1]);
  });

  it('is forgotten when its file is gone', async () => {
    const here = cutOff();
    rmSync(here.path);
    expect(await here.closeAll()).toEqual(['missing']);
    expect(here.notes()).toEqual([]);
  });

  it('is forgotten when the file is shorter than it was, or no rollout', async () => {
    const shorter = cutOff();
    truncateSync(shorter.path, 0);
    appendFileSync(shorter.path, `${conversationLines(id)[0]}\n`);
    const folder = cutOff();
    rmSync(folder.path);
    mkdirSync(folder.path);
    for (const here of [shorter, folder]) {
      expect(await here.closeAll()).toEqual(['not_ours']);
      expect(here.notes()).toEqual([]);
    }
    expect(recordsOf(shorter.path)).toHaveLength(1);
  });

  it('is left to a program that has gone on and numbers its lines', async () => {
    const here = cutOff();
    appendFileSync(
      here.path,
      `${JSON.stringify({ timestamp: '', ordinal: 7, type: 'world_state', payload: {} })}\n`,
    );
    const before = readFileSync(here.path, 'utf8');
    expect(await here.closeAll()).toEqual(['not_ours']);
    expect(readFileSync(here.path, 'utf8')).toBe(before);
  });

  it('is left to the program that writes the conversation now', async () => {
    const here = cutOff();
    await holdLock(here.path);
    expect(await here.closeAll()).toEqual(['locked']);
    expect(endsOf(here.path)).toBe(0);
    expect(here.notes()).toEqual([]);
  });

  it('keeps its note when the file cannot be opened just now', async () => {
    const here = cutOff();
    const [turn] = await here.turns.cutOff();
    const open = () => Promise.reject(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' }));
    if (turn === undefined) throw new Error('no note');
    await expect(closeCutOffTurn(turn, { openTurns: here.turns, open })).rejects.toThrow('EIO');
    expect(here.notes()).toEqual([id]);
  });

  it('has one end when it is closed by several at once', async () => {
    const here = cutOff();
    const outcomes = (await Promise.all(Array.from({ length: 5 }, () => here.closeAll()))).flat();
    expect(outcomes.filter((outcome) => outcome === 'closed')).toHaveLength(1);
    expect(endsOf(here.path)).toBe(1);
    expect(here.notes()).toEqual([]);
  });
});

/** What it said: its changes to the disk, with the one that it died before. */
function runDaemon(job: 'turn' | 'close', { codexHome, path }: Home, dieAt: number) {
  return new Promise<{ said: string[]; died: boolean }>((resolve, reject) => {
    const args = [DAEMON, job, codexHome, id, path, String(dieAt)];
    const child = execFile(process.execPath, args, (error, stdout, stderr) => {
      if (error !== null && error.signal !== 'SIGKILL') reject(new Error(stderr));
      else resolve({ said: stdout.split('\n').slice(0, -1), died: error !== null });
    });
    onTestFinished(() => void child.kill('SIGKILL'));
  });
}

type Home = ReturnType<typeof home>;

/** Runs the job in fresh homes, dying before each of its changes to the disk, two at a time. */
async function dieEverywhere(
  job: 'turn' | 'close',
  prepare: () => Home,
  check: (here: Home, said: readonly string[]) => Promise<void>,
): Promise<number> {
  let dieAt = 0;
  let isOver = false;
  const dieOnce = async (): Promise<void> => {
    dieAt += 1;
    const here = prepare();
    const { said, died } = await runDaemon(job, here, dieAt);
    isOver ||= !died;
    await check(here, said);
  };
  const worker = async (): Promise<void> => {
    while (!isOver) await dieOnce();
  };
  await Promise.all([worker(), worker()]);
  return dieAt;
}

describe('REL-CR-2: a daemon that is killed before any change to the disk', { timeout: 60_000 }, () => {
  it('leaves a turn that the next one ends if its input was stored and it was not over', async () => {
    const prepare = (): Home => {
      const here = home();
      writeLines(here.path, conversationLines(id));
      return here;
    };
    const deaths = await dieEverywhere('turn', prepare, async (here, said) => {
      const isOver = said.includes('over');
      await here.closeAll();
      const isStored = readFileSync(here.path, 'utf8').includes('the input');
      expect({ said, ends: endsOf(here.path) }).toEqual({ said, ends: isStored && !isOver ? 1 : 0 });
      expect(await here.turns.cutOff()).toEqual([]);
    });
    expect(deaths).toBeGreaterThan(6);
  });

  it('has ended the turn at most once, and the next one sees to it that it is once', async () => {
    const deaths = await dieEverywhere('close', cutOff, async (here) => {
      expect(endsOf(here.path)).toBeLessThanOrEqual(1);
      await here.closeAll();
      expect(endsOf(here.path)).toBe(1);
      expect(await here.turns.cutOff()).toEqual([]);
    });
    expect(deaths).toBeGreaterThan(1);
  });
});
