import type { Duplex } from 'node:stream';
import type { Rule } from './layout.ts';
import { bubblewrapArguments } from './linux.ts';
import { type Finished, type Outcome, outcomeOf, startFailure } from './outcome.ts';
import type { Held, Placeholders } from './placeholders.ts';
import { isFilteredArchitecture, socketFilter } from './seccomp.ts';
import type { PipeUser, SandboxedCommand, SandboxRequest } from './types.ts';
import { SandboxUnavailableError } from './unavailable.ts';

export interface BubblewrapContext {
  /** Of `bwrap`. */
  readonly path: string;
  readonly rules: readonly Rule[];
  readonly network: boolean;
  readonly placeholders: Placeholders;
}

/** @throws {SandboxUnavailableError} when a rule cannot be enforced */
export function wrapInBubblewrap(
  command: readonly string[],
  { cwd, env }: Pick<SandboxRequest, 'cwd' | 'env'>,
  { path, rules, network, placeholders }: BubblewrapContext,
): SandboxedCommand {
  const filter = filterFor(process.arch, network);
  const { mountable, release } = holdMountPoints(rules, placeholders);
  const status = createStatusReader();
  return {
    command: [path, ...bubblewrapArguments({ rules: mountable, network, cwd }, command)],
    env,
    pipes: [feed(filter), status.attach],
    label: 'LinuxSeccomp',
    outcome: (finished) => bubblewrapOutcome(finished, status.started()),
    release() {
      status.close();
      release();
    },
  };
}

function filterFor(architecture: string, network: boolean): Uint8Array {
  if (isFilteredArchitecture(architecture)) return socketFilter(architecture, network);
  throw new SandboxUnavailableError({
    reason: `There is no filter of system calls for the processor ${architecture}.`,
    remedy: 'Use an x64 or arm64 machine, or choose the sandbox mode danger-full-access.',
  });
}

interface MountPoints {
  readonly mountable: readonly Rule[];
  release(): void;
}

/** Makes sure that every path of a rule can be mounted on; a path that cannot come to be needs no protection. */
function holdMountPoints(rules: readonly Rule[], placeholders: Placeholders): MountPoints {
  const held: Held[] = [];
  const release = (): void => {
    for (const { release } of held) release();
  };
  try {
    const mountable = rules.filter((rule) => {
      if (rule.treatment !== 'read') return true;
      const mountPoint = placeholders.hold(rule.path);
      held.push(mountPoint);
      if (mountPoint.found === 'link') throw unprotectable(rule.path);
      return mountPoint.found !== 'impossible';
    });
    return { mountable, release };
  } catch (error) {
    release();
    throw error instanceof SandboxUnavailableError ? error : unpreparable(error);
  }
}

function unpreparable(error: unknown): SandboxUnavailableError {
  const cause = error instanceof Error ? error.message : String(error);
  return new SandboxUnavailableError(
    {
      reason: `A protected path could not be prepared: ${cause}.`,
      remedy: 'See to its folder and try again.',
    },
    { cause: error },
  );
}

/** Linux mounts on what a link points to, so the link itself could be replaced. */
function unprotectable(path: string): SandboxUnavailableError {
  return new SandboxUnavailableError({
    reason: `${path} is a symbolic link in a writable folder and cannot be kept from being replaced.`,
    remedy: 'Put a folder in its place, or run the command without a sandbox.',
  });
}

function feed(bytes: Uint8Array): PipeUser {
  return (end) => {
    // A program that ends before it has read all shows that in its exit.
    end.on('error', () => end.destroy());
    end.end(bytes);
  };
}

/** An exit code is reported only for a command that was really started (bwrap(1), --json-status-fd). */
const EXIT_CODE = /"exit-code": ?\d/;

function createStatusReader() {
  let pipe: Duplex | undefined;
  let text = '';
  const reported = Promise.withResolvers<boolean>();
  const attach: PipeUser = (end) => {
    pipe = end;
    end.on('error', () => end.destroy());
    end.once('close', () => reported.resolve(EXIT_CODE.test(text)));
    end.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
    });
  };
  return {
    attach,
    /** Whether the command was started; settles after the end of the process. */
    started: () => (pipe ? reported.promise : false),
    close: () => pipe?.destroy(),
  };
}

async function bubblewrapOutcome(finished: Finished, started: Promise<boolean> | boolean): Promise<Outcome> {
  const outcome = outcomeOf(finished, true);
  if (outcome.kind === 'exited' && !(await started)) throw startFailure(finished.stderr);
  return outcome;
}
