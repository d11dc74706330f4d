import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Place } from './daemon-process.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `codexd` command of the build, as it runs. */
export interface Terminal {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Everything on both outputs so far. */
  readonly shown: () => string;
  type(line: string): void;
  /** Resolves when the text is on an output, from the given position of `shown` on. */
  sees(text: string | RegExp, from?: number): Promise<void>;
}

export function openTerminal(
  { home, cwd }: Pick<Place, 'home' | 'cwd'>,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Terminal {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { ...process.env, CODEX_HOME: home, ...env },
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const texts = { stdout: '', stderr: '', both: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
      texts.both += text;
      child.emit('shown');
    });
  }
  child.stdin.on('error', () => {});
  const finished = once(child, 'close').then(([code]) => ({
    code,
    stdout: texts.stdout,
    stderr: texts.stderr,
  }));
  finished.then(() => child.emit('shown'));
  return {
    child,
    finished,
    shown: () => texts.both,
    type: (line) => void child.stdin.write(`${line}\n`),
    async sees(text, from = 0) {
      const has = () => {
        const seen = texts.both.slice(from);
        return typeof text === 'string' ? seen.includes(text) : text.test(seen);
      };
      while (!has()) {
        if (child.exitCode !== null) throw new Error(`ended without ${text}: ${texts.both}`);
        await once(child, 'shown');
      }
    },
  };
}

/** Runs it to its end. */
export function runCodexd(
  place: Pick<Place, 'home' | 'cwd'>,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const terminal = openTerminal(place, args, env);
  terminal.child.stdin.end(input);
  return terminal.finished;
}
