import { constants, openSync } from 'node:fs';
import process from 'node:process';
import type { IPty } from '@lydell/node-pty';
import { type HostedCommand, STARTED } from './hosted-command.ts';

/*
 * A program of its own: gives a command a new terminal. What comes on standard input is typed there, what appears there
 * goes to standard output, after one byte that says that the command was started, and the exit code is that of the
 * command; as in the reference, 1 when a signal ended it. The first line of the input is a `HostedCommand` in JSON; the
 * end of the input ends the command by force. Only failures of the host itself appear on standard error.
 *
 * It is a process because node-pty 1.1.0 lets every program that is started later inherit the terminals of the process
 * it is loaded in, and so a confined command type into the terminal of one that is not. Here nothing is started later.
 */

let terminal: IPty | undefined;
let opening = '';

process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  if (terminal) terminal.write(text);
  else take(text);
});
process.stdin.on('end', endByForce);

function take(text: string): void {
  opening += text;
  const end = opening.indexOf('\n');
  if (end < 0) return;
  const typedAhead = opening.slice(end + 1);
  process.stdin.pause();
  start(JSON.parse(opening.slice(0, end)))
    .then((started) => {
      terminal = started;
      if (typedAhead !== '') terminal.write(typedAhead);
      process.stdin.resume();
    })
    .catch(fail);
}

async function start({ command, env }: HostedCommand): Promise<IPty> {
  const { spawn } = await import('@lydell/node-pty');
  const [program = '', ...args] = command;
  const started = spawn(program, args, { cwd: process.cwd(), env });
  holdOpen(started);
  process.stdout.write(STARTED);
  started.onData((text) => process.stdout.write(text));
  started.onExit(({ exitCode, signal }) => leave(signal ? 1 : exitCode));
  return started;
}

/**
 * Keeps the command's side of the terminal open. Otherwise node-pty hangs up as soon as a command that is about to exit
 * has closed it, and the hang-up may reach the command first: its exit code is lost.
 */
function holdOpen(started: IPty & { readonly ptsName?: string }): void {
  if (started.ptsName !== undefined) openSync(started.ptsName, constants.O_RDWR | constants.O_NOCTTY);
}

function leave(exitCode: number): void {
  process.stdout.write('', () => process.exit(exitCode));
}

function fail(error: unknown): void {
  process.stderr.write(error instanceof Error ? error.message : String(error), () => process.exit(1));
}

function endByForce(): void {
  if (terminal) process.kill(-terminal.pid, 'SIGKILL');
  else process.exit(1);
}
