import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIMIT_MS = 30_000;
const GREETING = [
  { id: 1, method: 'initialize', params: { clientInfo: { name: 'build', version: '0' } } },
  { id: 2, method: 'getAuthStatus', params: {} },
];

/** Lets the built program start and answer once, so that its compiled code lies beside it when it is first used. */
export async function compileOnce(cli: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'codexd-build-'));
  // A daemon that the environment names is not the one to greet.
  const { CODEXD_URL: _, ...inherited } = process.env;
  const env = { ...inherited, CODEX_HOME: home };
  const daemon = spawn(process.execPath, [cli, 'serve', '--port', '0', '--log-level', 'error'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
  });
  const ended = once(daemon, 'exit');
  await Promise.race([once(daemon.stdout, 'data'), ended]);
  const input = GREETING.map((request) => `${JSON.stringify(request)}\n`).join('');
  const client = spawnSync(process.execPath, [cli, 'stdio'], { env, input, timeout: LIMIT_MS });
  daemon.kill('SIGTERM');
  const [exitCode] = await ended;
  rmSync(home, { recursive: true, force: true });
  if (exitCode === 0 && client.status === 0) return;
  throw new Error(
    `the built program does not start, answer and end: exit codes ${exitCode}, ${client.status}`,
  );
}
