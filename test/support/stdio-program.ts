import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { type Answer, Ledger, type Place } from './daemon-process.ts';

export const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** A program that was spawned as a JSON-RPC server, and what it has said. */
export class StdioProgram extends Ledger {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  readonly lines: string[] = [];
  readonly #answers = new Map<unknown, (answer: Answer) => void>();
  #lastId = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.child = child;
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    this.ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, stderr })));
  }

  #take(line: string): void {
    this.lines.push(line);
    const message = JSON.parse(line);
    if (message.method) this.add(message);
    else this.#answers.get(message.id)?.(message);
  }

  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** The answer to a request with that id. */
  answerTo(id: unknown): Promise<Answer> {
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  call(method: string, params?: object): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = this.answerTo(id);
    this.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return answer;
  }
}

export function spawnStdio(
  place: Pick<Place, 'home' | 'cwd'>,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): StdioProgram {
  const child = spawn(process.execPath, [CLI, 'stdio', ...args], {
    cwd: place.cwd,
    env: { ...process.env, CODEX_HOME: place.home, ...env },
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new StdioProgram(child);
}

/** The same once it is connected, as far as its answers tell. */
export async function spawnBridge(place: Pick<Place, 'home' | 'cwd'>): Promise<StdioProgram> {
  const program = spawnStdio(place);
  await program.call('getUserAgent');
  return program;
}
