import { isDeepStrictEqual } from 'node:util';
import { joinWords } from '../exec/shell-quote.ts';
import type { Session } from '../exec-session/session.ts';
import { decideExec } from './exec-decision.ts';
import { REJECTED } from './shell.ts';
import type { ToolContext } from './tool.ts';

/** Not what `shell` remembers: a program that may run without any input is another matter on a terminal. */
const remembered = (command: readonly string[]): string[] => ['on a terminal', ...command];

/** Ctrl-C and Ctrl-D: they stop a program, or let it come to its end. */
const STOPPING = ['\u0003', '\u0004'];

/** Whether the user has let the same program, or the same input to it, pass for the rest of the conversation. */
export function isApprovedForSessions(command: readonly string[], context: ToolContext): boolean {
  return context.approvedCommands.has(remembered(command));
}

export async function askForSession(
  command: readonly string[],
  reason: string | undefined,
  context: ToolContext,
): Promise<boolean> {
  const { callId, cwd } = context;
  const decision = await context.ask({ kind: 'exec', callId, command, cwd, ...(reason && { reason }) });
  if (decision === 'approved_for_session') context.approvedCommands.add(remembered(command));
  return decision === 'approved' || decision === 'approved_for_session';
}

/**
 * Types into a session as far as the policies and the user let it; a text is the refusal. What is typed can make a
 * program do anything it may, so it is judged like a command: it passes where the program is confined as this turn wants
 * it, or where the turn wants no confinement.
 */
export async function typeInto(
  session: Session,
  chars: string,
  context: ToolContext,
): Promise<string | undefined> {
  const command = ['write_stdin', ...session.command, chars];
  const decision = decideExec({
    approvalPolicy: context.approvalPolicy,
    sandboxMode: context.sandboxPolicy.mode,
    approved: [...chars].every((char) => STOPPING.includes(char)) || isApprovedForSessions(command, context),
    knownSafe: false,
    escalated: false,
    sandboxAvailable: isConfinedAsWanted(session, context),
  });
  if (decision.kind === 'refuse') {
    const { mode } = context.sandboxPolicy;
    return `input not written: the session runs outside of the ${mode} sandbox, and the approval policy is never to ask`;
  }
  if (decision.kind === 'ask') {
    const reason = `input for a running program: ${joinWords(session.command)}`;
    if (!(await askForSession(command, reason, context))) return REJECTED;
  }
  if (chars !== '') session.write(chars);
  return undefined;
}

function isConfinedAsWanted({ confinement }: Session, { sandboxPolicy, cwd }: ToolContext): boolean {
  return isDeepStrictEqual(confinement, { policy: sandboxPolicy, workspace: cwd });
}
