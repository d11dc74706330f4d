import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The marked blocks of a document, in their order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

export interface Shown {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which examples work as they are written: `codexd` is on the path, installed, and runs with the demo model. */
export interface ExamplePlace extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  /** Runs a block of the language `sh` or `js`. */
  run(block: Block): Promise<Shown>;
}

export async function startExamplePlace(): Promise<ExamplePlace> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-examples-'));
  const [home, bin, work] = ['home', 'bin', 'work'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, bin, work, path.join(work, 'node_modules')]) mkdirSync(folder);
  symlinkSync(ROOT, path.join(work, 'node_modules/codexd'));
  const command = path.join(bin, 'codexd');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/dist/cli.js" "$@"\n`);
  chmodSync(command, 0o755);
  const PATH = `${bin}:${path.dirname(process.execPath)}:${process.env.PATH}`;
  // What the user's own shell does at login is no part of the examples.
  const env = { ...process.env, HOME: work, CODEX_HOME: home, PATH };
  const args = ['serve', '--demo', '--port', '0', '--log-level', 'error'];
  const daemon = spawn(command, args, { env, cwd: work, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(daemon.stdout, 'data');
  return {
    env,
    run: ({ language, text }) => {
      const script = path.join(work, language === 'js' ? 'example.mjs' : 'example.sh');
      writeFileSync(script, text);
      const runner = language === 'js' ? process.execPath : 'bash';
      return shown(runner, script, { env, cwd: work });
    },
    async [Symbol.asyncDispose]() {
      const ended = once(daemon, 'exit');
      daemon.kill();
      await ended;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function shown(
  runner: string,
  script: string,
  place: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<Shown> {
  return new Promise((resolve) => {
    execFile(runner, [script], { ...place, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}
