import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const COMPILER = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

const PROGRAM = `
import { connect, type EventUpdate, type TurnResult } from 'codexd/client';
import type { EventMsg } from 'codexd';

const client = await connect();
const conversation = await client.newConversation({ approvalPolicy: 'never', sandbox: 'danger-full-access' });
const turn = conversation.run('run: echo hello');
const kinds = new Set<EventMsg['type']>();
for await (const update of turn) if (update.kind === 'event') kinds.add((update satisfies EventUpdate).msg.type);
const { status }: TurnResult = await turn.result;
console.log(JSON.stringify({ status, ran: kinds.has('exec_command_end') }));
client.close();
`;

/** What `npm pack` makes, in an empty project, with nothing of this one in reach. */
describe('the package, installed into an empty project', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'codexd-install-'));
  const project = path.join(folder, 'project');
  const home = path.join(folder, 'home');
  const bin = path.dirname(process.execPath);
  const env = { ...process.env, CODEX_HOME: home, PATH: `${bin}:${process.env.PATH}` };
  const npx = (...args: string[]) => run('npx', ['--no-install', 'codexd', ...args], { cwd: project, env });
  let files: string[] = [];

  beforeAll(async () => {
    for (const made of [project, home]) mkdirSync(made);
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
    const packed = await run('npm', ['pack', '--json', ...quiet, '--pack-destination', folder], {
      cwd: ROOT,
      env,
    });
    const [archive] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[];
    files = archive?.files.map((file) => file.path) ?? [];
    writeFileSync(path.join(project, 'package.json'), '{"name":"consumer","type":"module","private":true}');
    const tarball = path.join(folder, archive?.filename ?? '');
    await run('npm', ['install', '--prefer-offline', ...quiet, tarball], { cwd: project, env });
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what is needed to run it and to read about it, and no sources, tests or secrets', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/cli.js']));
    expect(
      files.filter((file) => /^(src|test|bench|scripts|docker|node_modules)\/|\.map$|cache/.test(file)),
    ).toEqual([]);
  });

  test('npx codexd serve runs, and a typed program that uses the client library compiles and runs', async () => {
    const daemon = spawn(
      'npx',
      ['--no-install', 'codexd', 'serve', '--demo', '--port', '0', '--log-level', 'warn'],
      {
        cwd: project,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = await once(daemon.stdout, 'data');
    expect(String(line)).toMatch(/^codexd listening on http:\/\/127\.0\.0\.1:\d+\n$/);
    const ended = once(daemon, 'exit');
    try {
      const { stdout: version } = await npx('--version');
      const { version: wanted } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
      expect(version).toBe(`codexd ${wanted}\n`);
      await compile();
      const { stdout } = await run(process.execPath, [path.join(project, 'program.js')], {
        cwd: project,
        env,
      });
      expect(JSON.parse(stdout)).toEqual({ status: 'completed', ran: true });
    } finally {
      await npx('stop');
    }
    expect((await ended)[0]).toBe(0);
  });

  /** With the types of the package checked, too, and no types of Node to lean on. */
  async function compile(): Promise<void> {
    writeFileSync(path.join(project, 'program.ts'), PROGRAM);
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable', 'dom'],
      types: [],
      module: 'nodenext',
    };
    writeFileSync(
      path.join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['program.ts'] }),
    );
    await run(process.execPath, [COMPILER, '-p', project]).catch(({ stdout }) => {
      throw new Error(stdout);
    });
  }
});
