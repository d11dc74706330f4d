import { getSystemErrorMap } from 'node:util';
import { asSpawnError, SpawnError } from '../exec/spawn-error.ts';
import { explainFailure } from './host-blocks.ts';
import { SandboxUnavailableError } from './unavailable.ts';

/** How a process ended, and what it wrote. */
export interface Finished {
  /** `null` when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stderr: string;
}

export type Outcome =
  /** `denied`: counts as refused by the sandbox, which a plain failure may do as well. */
  | { readonly kind: 'exited'; readonly exitCode: number; readonly denied: boolean }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'timed-out' };

/** What shells report for a program that they do not find. */
const NOT_FOUND = 127;

/** Every failure inside a sandbox but 127 counts as denied by it, as in the reference (protocol-v1, section 7). */
export function outcomeOf({ exitCode, signal, timedOut }: Finished, sandboxed: boolean): Outcome {
  if (timedOut) return { kind: 'timed-out' };
  if (exitCode === null) return { kind: 'signalled', signal };
  return { kind: 'exited', exitCode, denied: sandboxed && exitCode !== 0 && exitCode !== NOT_FOUND };
}

/** Why a sandbox program did not come to start its command, from what it wrote. */
export function startFailure(stderr: string): Error {
  const said = stderr.trim();
  const programs = /^(?:bwrap: execvp |bwrap: Can't chdir to |sandbox-exec: execvp\(\) of ).*: ([^:]+)$/s;
  const cause = said.match(programs)?.[1];
  return cause ? spawnError(cause) : new SandboxUnavailableError(explainFailure(said));
}

/** @param text of strerror(3) */
function spawnError(text: string): Error {
  const known = [...getSystemErrorMap()].find(([, [, message]]) => message === text.toLowerCase());
  if (known === undefined) return new SpawnError('UNKNOWN', text);
  const [errno, [code]] = known;
  const error = asSpawnError(Object.assign(new Error(text), { errno, code }));
  return error instanceof Error ? error : new SpawnError(code, text);
}
