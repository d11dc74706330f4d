import { lstat } from 'node:fs/promises';
import { EmptyCommandError } from '../exec/spawn-error.ts';
import { wrapInBubblewrap } from './bubblewrap.ts';
import { type HiddenPath, layOut } from './layout.ts';
import { outcomeOf } from './outcome.ts';
import { createPlaceholders } from './placeholders.ts';
import { resolveAccess } from './policy.ts';
import { followLinks, unlessUnreachable } from './real-path.ts';
import { wrapInSeatbelt } from './seatbelt.ts';
import type { Sandbox, SandboxedCommand, SandboxRequest, SandboxStatus } from './types.ts';
import { SandboxUnavailableError } from './unavailable.ts';

export interface SandboxOptions {
  readonly status: SandboxStatus;
  /** Never writable, whatever the policy. */
  readonly codexHome: string;
  /** Files and folders that no command may see: the daemon's own folder, and its socket where that is elsewhere. */
  readonly hidden: readonly string[];
}

/** One per daemon, as its commands share the placeholders of protected folders. */
export function createSandbox({ status, codexHome, hidden }: SandboxOptions): Sandbox {
  const placeholders = createPlaceholders();
  return {
    status,
    access: (policy, request) => resolveAccess(policy, { ...request, codexHome }),
    async wrap(command, request) {
      if (command.length === 0) throw new EmptyCommandError();
      const { policy, workspace } = request;
      if (policy.mode === 'danger-full-access') return unconfined(command, request.env);
      if (status.kind === 'none') throw new SandboxUnavailableError(status);
      const access = await resolveAccess(policy, { workspace, env: request.env, codexHome });
      const rules = layOut(access, await present(hidden));
      const env = access.network ? request.env : { ...request.env, CODEX_SANDBOX_NETWORK_DISABLED: '1' };
      const context = { path: status.path, rules, network: access.network, placeholders };
      return status.kind === 'bubblewrap'
        ? wrapInBubblewrap(command, { cwd: request.cwd, env }, context)
        : wrapInSeatbelt(command, env, context);
    },
  };
}

function unconfined(command: readonly string[], env: SandboxRequest['env']): SandboxedCommand {
  return {
    command,
    env,
    pipes: [],
    label: 'None',
    outcome: async (finished) => outcomeOf(finished, false),
    release() {},
  };
}

async function present(paths: readonly string[]): Promise<HiddenPath[]> {
  const found = await Promise.all(
    paths.map(async (hidden) => {
      const real = await followLinks(hidden);
      const entry = real && (await unlessUnreachable(lstat(real.path)));
      return entry && { path: real.path, isFolder: entry.isDirectory() };
    }),
  );
  return found.filter((path) => path !== undefined);
}
