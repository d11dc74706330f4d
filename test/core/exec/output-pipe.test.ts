import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type OutputPipe, openOutputPipe } from '../../../src/core/exec/output-pipe.ts';
import { runCommand } from '../../../src/core/exec/run.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const openFiles = () => readdirSync('/proc/self/fd').length;

async function opened(): Promise<OutputPipe> {
  const pipe = await openOutputPipe();
  if (!pipe) throw new Error('no pipe');
  return pipe;
}

describe.runIf(process.platform === 'linux')('pipes for output', () => {
  test('without mkfifo a command still runs', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    expect(await openOutputPipe()).toBeUndefined();
    const command = ['/bin/sh', '-c', 'echo out; echo err >&2'];
    const result = await runCommand({ command, cwd: '/', env: {}, timeoutMs: 5_000 });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  test('leave nothing in the temporary folder', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'codexd-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    vi.stubEnv('TMPDIR', folder);
    // More than are kept for use again, so that at least one is made anew.
    const pipes = await Promise.all(Array.from({ length: 40 }, opened));
    expect(readdirSync(folder)).toEqual([]);
    for (const pipe of pipes) pipe.release();
  });

  test('are used again after their end, and are empty then', async () => {
    const first = await opened();
    writeSync(first.writer, 'first');
    first.closeWriter();
    expect(await textOf(first)).toBe('first');
    first.release();
    vi.stubEnv('PATH', '/nonexistent');
    const second = await opened();
    writeSync(second.writer, 'second');
    second.closeWriter();
    expect(await textOf(second)).toBe('second');
    second.release();
  });

  test('are read until their release while somebody can still write', async () => {
    const before = openFiles();
    const pipe = await opened();
    const seen = Promise.withResolvers<string>();
    const read = pipe.reader.read((bytes) => seen.resolve(bytes.toString()));
    writeSync(pipe.writer, 'some');
    expect(await seen.promise).toBe('some');
    pipe.release();
    await read;
    expect(openFiles()).toBeLessThanOrEqual(before);
  });

  test('hand on much in portions, and the error of who takes it', async () => {
    const pipe = await opened();
    const sizes: number[] = [];
    const read = pipe.reader.read((bytes) => {
      sizes.push(bytes.length);
      if (sizes.length === 20) throw new Error('enough');
    });
    const written = promisify(execFile)('/bin/sh', [
      '-c',
      `cat /dev/zero > /proc/${process.pid}/fd/${pipe.writer}`,
    ]);
    await expect(read).rejects.toThrow('enough');
    expect(sizes).toHaveLength(20);
    pipe.release();
    await expect(written).rejects.toThrow();
  });

  test('are closed for good when they are given up before their end', async () => {
    const before = openFiles();
    const pipe = await opened();
    pipe.release();
    await pipe.reader.read(() => {});
    expect(openFiles()).toBeLessThanOrEqual(before);
  });
});

async function textOf({ reader }: OutputPipe): Promise<string> {
  let text = '';
  await reader.read((bytes) => {
    text += bytes.toString();
  });
  return text;
}
