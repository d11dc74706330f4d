import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { McpServer } from '../../../src/core/config/types.ts';
import { type McpConnections, startMcpServers } from '../../../src/core/mcp/connections.ts';
import type { ProcessScope } from '../../../src/core/process-scope.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';

/** An MCP server that follows the script it gets as JSON, and writes down what it received. */
const PROGRAM = `
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const script = JSON.parse(process.argv[2]);
const note = (entry) => appendFileSync(script.journal, JSON.stringify(entry) + '\\n');
const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
const act = {
  exit: ({ exit }) => process.exit(exit),
  spawn: ({ spawn: args, detached = false }, id) => {
    const { pid } = spawn(process.execPath, ['-e', ...args], { stdio: 'inherit', detached });
    say({ id, result: { content: [{ type: 'text', text: String(pid) }] } });
  },
  lines: ({ lines }, id) => { for (const line of lines) console.log(line.replaceAll('$ID', JSON.stringify(id))); },
  delay: ({ delay, ...rest }, id) => setTimeout(() => follow(rest, id), delay),
  closeOutput: () => process.stdout.end(),
  silence: () => {},
};
const follow = (step, id) => {
  const kind = Object.keys(act).find((name) => name in step);
  if (kind) act[kind](step, id);
  else say({ id, ...step });
};
note({ pid: process.pid, cwd: process.cwd(), umask: process.umask(), env: process.env });
if (script.ignoreTermination) { process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); }
const answers = {
  initialize: { result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's', version: '1' } } },
  'tools/list': { result: { tools: script.tools ?? [] } },
  ...script.answers,
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  note(message);
  const step = message.method === 'tools/call' ? script.calls?.[message.params.name] : answers[message.method];
  if (step) follow(step, message.id);
});
`;

type Step = Readonly<Record<string, unknown>>;

export interface Script {
  readonly tools?: readonly unknown[];
  /** Tool -> what happens on its call. */
  readonly calls?: Readonly<Record<string, Step>>;
  /** Method -> what happens instead of the usual answer. */
  readonly answers?: Readonly<Record<string, Step>>;
  readonly ignoreTermination?: boolean;
}

export interface JournalEntry {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly pid?: number;
  readonly cwd?: string;
  readonly umask?: number;
  readonly env?: Record<string, string>;
  readonly [member: string]: unknown;
}

export interface ScriptedServer extends McpServer {
  journal(): JournalEntry[];
}

export const tool = (name: string, inputSchema: unknown = { type: 'object' }) => ({ name, inputSchema });

export const says = (text: string): Step => ({ result: { content: [{ type: 'text', text }] } });

/** A new folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mcp-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** @param settings what the configuration of the server says besides the program */
export async function scriptedServer(
  script: Script = {},
  settings: Partial<McpServer> = {},
): Promise<ScriptedServer> {
  const folder = await temporaryFolder();
  const program = join(folder, 'server.mjs');
  const journal = join(folder, 'journal');
  await writeFile(program, PROGRAM);
  await writeFile(journal, '');
  return {
    command: process.execPath,
    args: [program, JSON.stringify({ ...script, journal })],
    env: {},
    startupTimeoutMs: 15_000,
    ...settings,
    journal: () =>
      readFileSync(journal, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly umask?: number;
  readonly cwd?: string;
}

export interface LogLine {
  readonly details: object;
  readonly message: string;
}

/** The servers themselves are what is tested here, not what has left them. */
const unwatched: ProcessScope = {
  env: {},
  within: () => unwatched,
  watch: () => () => undefined,
  isAlive: async () => false,
  endAll: async () => undefined,
};

/** Starts the servers, and ends them with the test. */
export async function connected(
  servers: Readonly<Record<string, McpServer>>,
  { env = {}, umask = 0o022, cwd = tmpdir() }: Surroundings = {},
): Promise<McpConnections & { readonly warnings: readonly LogLine[] }> {
  const warnings: LogLine[] = [];
  const ignore = () => undefined;
  const log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (details: object, message: string) => warnings.push({ details, message }),
  };
  const host = { env: { PATH: process.env.PATH, ...env }, umask, processes: unwatched };
  const connections = await startMcpServers(servers, { host, version: '1.2.3', log, cwd });
  onTestFinished(() => connections.close());
  return Object.assign(connections, { warnings });
}

export interface Call {
  readonly output: Promise<string>;
  readonly events: EventMsg[];
}

export function call(
  connections: McpConnections,
  name: string,
  argumentsText = '{}',
  signal: AbortSignal = new AbortController().signal,
): Call {
  const events: EventMsg[] = [];
  const emit = (msg: EventMsg) => events.push(structuredClone(msg));
  const output = connections.call(name, argumentsText, { callId: 'c1', emit, signal });
  return { output, events };
}

/** A zombie that its new parent has not collected yet counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
