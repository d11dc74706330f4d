import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type OtherProgram, otherProgram } from '../files/held-lock.ts';
import { activePath, temporaryDirectory } from '../rollout/samples.ts';
import { id, ours, refusal, type Stored, stored, timestamp } from './locked-conversation.ts';

const WRITER = join(import.meta.dirname, 'write-conversation.ts');

/** Another daemon that goes for the conversation, by way of its own home. */
const daemon = ({ path, codexHome }: Pick<Stored, 'path' | 'codexHome'>, env = process.env): OtherProgram =>
  otherProgram(process.execPath, [WRITER, path, codexHome, id], { env });

function opened(path: string): number {
  const fd = openSync(path, 'a+');
  onTestFinished(() => closeSync(fd));
  return fd;
}

describe('REL-MP-3: the lock of a rollout file', () => {
  it('keeps a second daemon out, also one that reaches the file from another home', async () => {
    const here = stored();
    const elsewhere = temporaryDirectory();
    symlinkSync(join(here.codexHome, 'sessions'), join(elsewhere, 'sessions'));
    const first = daemon(here);
    expect(await first.nextLine()).toBe('locked');
    const there = { codexHome: elsewhere, path: activePath(elsewhere, timestamp, id) };
    expect(await daemon(there).nextLine()).toBe(
      `RolloutError: ${refusal(`node write-conversation.ts (pid ${first.pid})`)}`,
    );
  });

  it('ends with its process within a second, although a command that it started goes on', async () => {
    const here = stored({ commandLines: true });
    const first = daemon(here);
    expect(await first.nextLine()).toBe('locked');
    first.tell('start a command');
    const command = Number(await first.nextLine());
    onTestFinished(() => void process.kill(command, 'SIGKILL'));
    await first.kill();
    const killedAt = performance.now();
    const lock = ours(here);
    await lock.lockFile(opened(here.path));
    await lock.ensure();
    expect(performance.now() - killedAt).toBeLessThan(1000);
    expect(process.kill(command, 0)).toBe(true);
  });

  it('goes to exactly one of six at once', async () => {
    const here = stored({ commandLines: true });
    const answers = await Promise.all(Array.from({ length: 6 }, () => daemon(here).nextLine()));
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(1);
    expect(answers.filter((answer) => answer.includes('is being written by'))).toHaveLength(5);
  });

  it('keeps nobody from reading, and leaves nothing behind', async () => {
    const here = stored();
    const before = readFileSync(here.path, 'utf8');
    const first = daemon(here);
    expect(await first.nextLine()).toBe('locked');
    expect(readFileSync(here.path, 'utf8')).toBe(before);
    await first.kill();
    expect(execFileSync('find', [here.codexHome, '-type', 'f'], { encoding: 'utf8' })).toBe(`${here.path}\n`);
  });

  it('is done without, and this said, where no program can take it', async () => {
    const here = stored({ commandLines: true });
    const alone = daemon(here, { ...process.env, PATH: temporaryDirectory() });
    expect(await alone.nextLine()).toBe(`no lock for ${here.path}`);
    expect(await alone.nextLine()).toBe(`no lock for ${here.lockPath}`);
    expect(await alone.nextLine()).toBe('locked');
  });
});
