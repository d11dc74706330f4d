import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type HeapProbe, openHeapProbe } from './heap-probe.ts';

const CLI = path.resolve(import.meta.dirname, '../../../dist/cli.js');

/** The built daemon with a home of its own below `root`. */
export interface SoakDaemon {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  readonly heap: HeapProbe;
  /** The lines of its log, as JSON has them. */
  readonly log: readonly { readonly level: number; readonly msg: string }[];
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
  kill(): void;
}

export async function startSoakDaemon(
  root: string,
  modelUrl: string,
  flags: readonly string[] = [],
): Promise<SoakDaemon> {
  const home = path.join(root, 'home');
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'config.toml'), configuration(modelUrl));
  const args = ['--inspect=127.0.0.1:0', CLI, 'serve', '--allow-debug', '--port', '0', '--log-level', 'warn'];
  const child = spawn(process.execPath, [...args, '--log-format', 'json', ...flags], {
    cwd: root,
    env: { ...process.env, CODEX_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: SoakDaemon['log'][number][] = [];
  const inspector = Promise.withResolvers<string>();
  createInterface(child.stderr).on('line', (line) => {
    const [, address] = /^Debugger listening on (ws:\S+)/.exec(line) ?? [];
    if (address !== undefined) inspector.resolve(address);
    if (line.startsWith('{')) log.push(JSON.parse(line));
  });
  await started(child);
  const info = JSON.parse(readFileSync(path.join(home, 'codexd/daemon.json'), 'utf8'));
  return {
    pid: Number(child.pid),
    url: info.url,
    token: readFileSync(info.tokenPath, 'utf8').trim(),
    heap: await openHeapProbe(await inspector.promise),
    log,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await gone;
      return code;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

async function started(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the daemon ended: ${code}`)));
  exit.catch(() => {});
  if (!child.stdout) throw new Error('the daemon has no output');
  await Promise.race([once(child.stdout, 'data'), exit]);
}

function configuration(modelUrl: string): string {
  return `model = "soak-model"
model_provider = "soak"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.soak]
name = "Soak"
base_url = "${modelUrl}"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
`;
}
