import type { Approval, ApprovalHandler } from '../../client/approvals.ts';
import type { ReviewDecision } from '../../protocol/vocabulary/policies.ts';
import { showChanges } from '../terminal/changes.ts';
import { displayCommand } from '../terminal/command-line.ts';
import type { Screen } from '../terminal/screen.ts';
import { visible, visibleLine } from '../terminal/visible.ts';

/** Questions of the agent that a person answers by typing a line. */
export interface Questions {
  /** Whether the next line is an answer. */
  readonly waiting: boolean;
  readonly ask: ApprovalHandler;
  answer(line: string): void;
}

const CHOICES = '[y]es, yes and [a]lways for this session, [n]o, or [q]uit the turn?';

const DECISIONS: Readonly<Record<string, ReviewDecision>> = {
  y: 'approved',
  yes: 'approved',
  a: 'approved_for_session',
  always: 'approved_for_session',
  n: 'denied',
  no: 'denied',
  q: 'abort',
  quit: 'abort',
};

export interface QuestionOptions {
  /** Resolves when everything is shown that came before the question. */
  caughtUp(): Promise<void>;
  /** A question came or went. */
  onChange(): void;
}

export function createQuestions(screen: Screen, { caughtUp, onChange }: QuestionOptions): Questions {
  const open: { readonly approval: Approval; readonly settle: (decision?: ReviewDecision) => void }[] = [];

  function showNext(): void {
    const [next] = open;
    if (next) showQuestion(screen, next.approval);
    onChange();
  }

  async function ask(approval: Approval): Promise<ReviewDecision | undefined> {
    await caughtUp();
    if (approval.signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<ReviewDecision | undefined>();
    const question = { approval, settle: resolve };
    open.push(question);
    if (open.length === 1) showNext();
    approval.signal.addEventListener('abort', () => {
      const place = open.indexOf(question);
      if (place === -1) return;
      open.splice(place, 1);
      screen.talk(`settled elsewhere: ${decisionOf(approval)}\n`, 'yellow');
      resolve(undefined);
      if (place === 0) showNext();
    });
    return promise;
  }

  return {
    get waiting() {
      return open.length > 0;
    },
    ask,
    answer(line) {
      const decision = DECISIONS[line.trim().toLowerCase()];
      if (decision === undefined) {
        screen.talk(`${CHOICES}\n`);
        onChange();
        return;
      }
      open.shift()?.settle(decision);
      showNext();
    },
  };
}

function decisionOf({ signal }: Approval): string {
  const { decision } = Object(signal.reason) as { decision?: ReviewDecision };
  return decision ?? 'nobody says how';
}

function showQuestion(screen: Screen, approval: Approval): void {
  screen.endLine();
  if (approval.method === 'execCommandApproval') {
    const { command, cwd } = approval.params;
    screen.talk('Run this command?\n', 'yellow');
    screen.talk(`  ${visible(displayCommand(command))}\n`, 'bold');
    screen.talk(`  in ${visibleLine(cwd)}\n`);
  } else {
    screen.talk('Change these files?\n', 'yellow');
    showChanges(screen, approval.params.file_changes);
  }
  const { reason } = approval.params;
  if (reason !== undefined) screen.talk(`  because: ${visibleLine(reason)}\n`);
  screen.talk(`${CHOICES}\n`);
}
