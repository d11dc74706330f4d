import { PatchError } from './errors.ts';
import { readHeredocCommand } from './heredoc.ts';
import { parsePatch } from './parse.ts';

/** A command that is really a patch. */
export interface PatchInvocation {
  readonly patch: string;
  /** As written after `cd`, relative to the command's own directory; `undefined` without `cd`. */
  readonly workdir: string | undefined;
}

const BARE_PATCH = 'patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]';

/**
 * Tells whether a command applies a patch (protocol-v1, section 12).
 * @returns `undefined` for any other command, which is to be run
 * @throws {PatchError} when the command is a patch and nothing else
 */
export function readPatchInvocation(command: readonly string[]): PatchInvocation | undefined {
  const [program, argument, script] = command;
  if (argument !== undefined && command.length === 2 && isApplyPatch(program)) {
    return { patch: argument, workdir: undefined };
  }
  if (command.length === 3 && program === 'bash' && argument === '-lc') return readScript(script ?? '');
  if (command.length === 1) refuseBarePatch(program ?? '');
  return undefined;
}

function isApplyPatch(program: string | undefined): boolean {
  return program === 'apply_patch' || program === 'applypatch';
}

function readScript(script: string): PatchInvocation | undefined {
  const heredoc = readHeredocCommand(script);
  if (!heredoc) refuseBarePatch(script);
  return heredoc && { patch: heredoc.body, workdir: heredoc.workdir };
}

function refuseBarePatch(text: string): void {
  try {
    parsePatch(text);
  } catch (error) {
    if (error instanceof PatchError) return;
    throw error;
  }
  throw new PatchError(BARE_PATCH);
}
