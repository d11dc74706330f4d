import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fdatasyncSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bare } from '../lib/bare.ts';
import type { BenchCase } from '../lib/case.ts';
import { withHome } from '../lib/home.ts';
import { medianTime } from '../lib/measure.ts';
import { storeTalk } from '../lib/rollouts.ts';
import type { Row } from '../lib/table.ts';

/** Bytes of the rollout that the resumption is measured with. */
const TALK = 42_000_000;

/**
 * What Node and the disk take for the part of a work that cannot be left out, done with nothing around it: no target that is
 * below one of these can be met on this machine.
 */
export const floors: BenchCase = {
  name: 'floors',
  alone: true,
  async run(_contenders, { quick }) {
    const times = quick ? 5 : 50;
    return withHome(async (home) => [
      row('an empty program', await medianTime(times, () => run(process.execPath, ['-e', '0']))),
      row(
        'an HTTP server that listens',
        await medianTime(times, () => run(process.execPath, ['-e', LISTENS])),
      ),
      row('`/bin/true`, its output read', await medianTime(times, () => run('/bin/true', []))),
      row('a line appended and synced', await medianTime(times, appending(home))),
      row(
        'a file moved to another directory, both synced',
        await medianTime(times, await moving(home, times)),
      ),
      row('a 42 MB rollout read and parsed', await medianTime(quick ? 1 : 5, await parsing(home))),
    ]);
  },
};

const LISTENS = "const s = require('node:http').createServer().listen(0, '127.0.0.1', () => s.close())";

const row = (work: string, figure: number): Row => ({
  work: `Node alone: ${work}`,
  unit: 'ms',
  figures: { [bare.name]: figure },
});

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args);
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'close');
}

function appending(home: string): () => Promise<void> {
  const fd = openSync(join(home, 'lines'), 'a');
  return async () => {
    writeSync(fd, `${'x'.repeat(300)}\n`);
    fdatasyncSync(fd);
  };
}

/** As many files as there are moves, made before the time is taken. */
async function moving(home: string, times: number): Promise<() => Promise<void>> {
  const [from, to] = [join(home, 'from'), join(home, 'to')];
  for (const directory of [from, to]) await mkdir(directory);
  for (let count = 1; count <= times; count += 1)
    await writeFile(join(from, `${count}`), 'x', { flush: true });
  const [fromFd, toFd] = [openSync(from, 'r'), openSync(to, 'r')];
  let count = 0;
  return async () => {
    count += 1;
    linkSync(join(from, `${count}`), join(to, `${count}`));
    fsyncSync(toFd);
    unlinkSync(join(from, `${count}`));
    fsyncSync(fromFd);
  };
}

async function parsing(home: string): Promise<() => Promise<void>> {
  const { path } = await storeTalk(home, TALK);
  return async () => {
    for (const line of readFileSync(path, 'utf8').split('\n')) if (line !== '') JSON.parse(line);
  };
}
