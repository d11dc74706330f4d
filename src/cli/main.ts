import { CommanderError } from 'commander';
import { OperatorError } from '../daemon/operator-error.ts';
import type { LoadDaemon } from '../daemon/types.ts';
import { note } from './output.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * Runs one command line.
 *
 * @param args without the program's own name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 130 or 143 after a second signal
 */
export async function main(args: readonly string[], loadDaemon: LoadDaemon): Promise<number> {
  let exitCode = FAILED;
  const program = createProgram(loadDaemon, (code) => {
    exitCode = code;
  });
  if (args.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  // Commander has printed its message, or the help that was asked for, by now.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  if (error instanceof UsageError || error instanceof OperatorError) {
    note(`error: ${error.message}`);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
  note(error instanceof Error && error.stack ? error.stack : String(error));
  return FAILED;
}
