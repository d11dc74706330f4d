import { execFile } from 'node:child_process';
import { systemErrorCode } from '../../daemon/operator-error.ts';

export interface ToolResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What it complained about, in one line. */
  readonly complaint: string;
}

/** The program is not on the path. */
export class NoToolError extends Error {
  override readonly name = 'NoToolError';
}

/** Runs a program of the system; a failure is a result, too. */
export type Tool = (...args: readonly string[]) => Promise<ToolResult>;

/**
 * @param env of the program, whose `PATH` says where it is
 * @returns what runs it; rejects with a {@link NoToolError} when there is none
 */
export function findTool(name: string, env: NodeJS.ProcessEnv): Tool {
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile(name, args, { env }, (error, stdout, stderr) => {
        if (systemErrorCode(error) === 'ENOENT') reject(new NoToolError(`there is no ${name} here`));
        else resolve({ ok: error === null, stdout, complaint: oneLine(stderr || stdout) });
      });
    });
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, '; ');
