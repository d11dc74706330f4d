import { z } from 'zod';

export const ApprovalPolicy = z.enum(['untrusted', 'on-failure', 'on-request', 'never']).meta({
  id: 'ApprovalPolicy',
  description: 'When the agent asks before it runs a command or writes a file.',
});
export type ApprovalPolicy = z.infer<typeof ApprovalPolicy>;

export const SandboxMode = z
  .enum(['read-only', 'workspace-write', 'danger-full-access'])
  .meta({ id: 'SandboxMode' });
export type SandboxMode = z.infer<typeof SandboxMode>;

/** The members are snake_case on the wire, unlike those of every other params object (protocol-v1, section 3). */
export const SandboxPolicy = z
  .discriminatedUnion('mode', [
    z.object({ mode: z.literal('danger-full-access') }),
    z.object({ mode: z.literal('read-only') }),
    z.object({
      mode: z.literal('workspace-write'),
      writable_roots: z.array(z.string()).optional(),
      network_access: z.boolean().optional(),
      exclude_tmpdir_env_var: z.boolean().optional(),
      exclude_slash_tmp: z.boolean().optional(),
    }),
  ])
  .meta({ id: 'SandboxPolicy' });
export type SandboxPolicy = z.infer<typeof SandboxPolicy>;

export const ReasoningEffort = z.enum(['minimal', 'low', 'medium', 'high']).meta({ id: 'ReasoningEffort' });
export type ReasoningEffort = z.infer<typeof ReasoningEffort>;

export const ReasoningSummary = z
  .enum(['auto', 'concise', 'detailed', 'none'])
  .meta({ id: 'ReasoningSummary' });
export type ReasoningSummary = z.infer<typeof ReasoningSummary>;

export const Verbosity = z.enum(['low', 'medium', 'high']).meta({ id: 'Verbosity' });
export type Verbosity = z.infer<typeof Verbosity>;

export const AbortReason = z.enum(['interrupted', 'replaced']).meta({ id: 'AbortReason' });
export type AbortReason = z.infer<typeof AbortReason>;

export const ReviewDecision = z
  .enum(['approved', 'approved_for_session', 'denied', 'abort'])
  .meta({ id: 'ReviewDecision', description: 'Answer to an approval request.' });
export type ReviewDecision = z.infer<typeof ReviewDecision>;

export const AuthMode = z.enum(['apikey', 'chatgpt']).meta({ id: 'AuthMode' });
export type AuthMode = z.infer<typeof AuthMode>;
