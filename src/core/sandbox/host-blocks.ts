import type { Obstacle } from './unavailable.ts';

interface HostBlock {
  readonly signs: RegExp;
  readonly obstacle: Obstacle;
}

const NO_SANDBOX_WANTED =
  'Where the machine or container is the boundary already, choose the sandbox mode danger-full-access.';

/** What bubblewrap says where the host keeps it from working (security, SEC-EXEC-6), the special before the general. */
const HOST_BLOCKS: readonly HostBlock[] = [
  {
    signs: /RTM_NEWADDR|RTM_NEWLINK/,
    obstacle: {
      reason:
        'The host lets bubblewrap make a network namespace but not set it up (AppArmor does so on Ubuntu 24.04).',
      remedy:
        'Give /usr/bin/bwrap an AppArmor profile with "userns,", or run: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    },
  },
  {
    signs:
      /setting up uid map|No permissions to (?:create|creating) (?:a )?new namespace|new namespace failed: (?:Operation not permitted|Permission denied)/i,
    obstacle: {
      reason: 'The host does not let bubblewrap create a user namespace.',
      remedy:
        'Run one of: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), ' +
        'sysctl -w kernel.unprivileged_userns_clone=1 (Debian); in a container, allow user namespaces in its seccomp profile. ' +
        NO_SANDBOX_WANTED,
    },
  },
  {
    signs: /new namespace failed: No space left on device/i,
    obstacle: {
      reason: 'The limit of user namespaces is reached or 0.',
      remedy: 'Run: sysctl -w user.max_user_namespaces=15000',
    },
  },
  {
    signs: /kernel does not support user namespaces|new namespace failed: Invalid argument/i,
    obstacle: {
      reason: 'The kernel has no user namespaces.',
      remedy: `Use a kernel with CONFIG_USER_NS. ${NO_SANDBOX_WANTED}`,
    },
  },
  {
    signs: /Failed to make \/ slave|pivot_root|mount proc|setting up newroot bind|Failed to mount tmpfs/i,
    obstacle: {
      reason: 'The container does not let bubblewrap mount.',
      remedy:
        'Start the container with mounts allowed (Docker: --security-opt seccomp=unconfined --security-opt ' +
        `apparmor=unconfined --security-opt systempaths=unconfined). ${NO_SANDBOX_WANTED}`,
    },
  },
  {
    signs: /Unknown option/,
    obstacle: {
      reason: 'This bubblewrap is too old.',
      remedy: 'Install bubblewrap 0.4 or later.',
    },
  },
  {
    signs: /PR_SET_SECCOMP/,
    obstacle: {
      reason: 'The kernel refuses seccomp filters.',
      remedy: `Use a kernel with CONFIG_SECCOMP_FILTER. ${NO_SANDBOX_WANTED}`,
    },
  },
];

/** Puts what the sandbox program wrote into words that lead somewhere; its own words stay visible. */
export function explainFailure(output: string): Obstacle {
  const said = output.trim().slice(0, 500);
  const known = HOST_BLOCKS.find(({ signs }) => signs.test(said))?.obstacle;
  return {
    reason: `${known?.reason ?? 'The sandbox program failed before it started the command.'} It said: ${said || 'nothing.'}`,
    remedy: known?.remedy ?? NO_SANDBOX_WANTED,
  };
}
