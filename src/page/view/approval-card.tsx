import { useEffect, useId, useState } from 'preact/hooks';
import type { Approval } from '../../client/approvals.ts';
import type { ReviewDecision } from '../../protocol/vocabulary/policies.ts';
import type { Question } from '../state/questions.ts';
import { scriptOf } from '../text/command-line.ts';
import { Visible } from '../text/visible.tsx';
import { FileChangesView } from './file-changes-view.tsx';

/** Milliseconds in which a card takes no answer: what was meant for something else may hit it as it appears. */
const SETTLING = 500;

const CHOICES: readonly (readonly [ReviewDecision, string])[] = [
  ['approved', 'Allow once'],
  ['approved_for_session', 'Allow for this session'],
  ['denied', 'Deny'],
  ['abort', 'Deny and stop'],
];

/** A question of the agent (SEC-UI-3). It is gone as soon as anybody has answered. */
export function ApprovalCard({ question: { approval, answer } }: { question: Question }) {
  const [isReady, setReady] = useState(false);
  const [isAnswered, setAnswered] = useState(false);
  const title = useId();

  useEffect(() => {
    const timer = setTimeout(() => setReady(true), SETTLING);
    return () => clearTimeout(timer);
  }, []);

  function decide(decision: ReviewDecision): void {
    if (!isReady || isAnswered || approval.signal.aborted) return;
    setAnswered(true);
    answer(decision);
  }

  return (
    <section class="item approval" role="alert" aria-labelledby={title}>
      <h2 id={title}>
        {approval.method === 'execCommandApproval' ? 'Run this command?' : 'Change these files?'}
      </h2>
      {approval.params.reason && (
        <p class="reason">
          <Visible text={approval.params.reason} />
        </p>
      )}
      <Asked approval={approval} />
      <div class="decisions">
        {CHOICES.map(([decision, label]) => (
          <button
            key={decision}
            type="button"
            class={decision === 'approved' ? 'primary' : ''}
            aria-disabled={!isReady || isAnswered}
            onClick={() => decide(decision)}
          >
            {label}
          </button>
        ))}
      </div>
    </section>
  );
}

function Asked({ approval }: { approval: Approval }) {
  if (approval.method === 'applyPatchApproval') return <AskedPatch params={approval.params} />;
  const { command, cwd, _meta: { program } = {} } = approval.params;
  const script = scriptOf(command);
  return (
    <>
      {script !== undefined && (
        <pre class="script">
          <Visible text={script} />
        </pre>
      )}
      <dl>
        <dt>Program</dt>
        <dd>
          <code>
            <Visible text={program ?? command[0] ?? ''} />
          </code>
        </dd>
        <dt>Words</dt>
        <dd>
          <ol class="words" start={0}>
            {command.map((word, index) => (
              <li key={index}>
                <code>
                  <Visible text={word} />
                </code>
              </li>
            ))}
          </ol>
        </dd>
        <dt>Folder</dt>
        <dd>
          <code>
            <Visible text={cwd} />
          </code>
        </dd>
      </dl>
    </>
  );
}

function AskedPatch({ params }: { params: Extract<Approval, { method: 'applyPatchApproval' }>['params'] }) {
  const { file_changes: changes, grant_root: root } = params;
  return (
    <>
      {root !== undefined && (
        <p>
          It asks to write anywhere in{' '}
          <code>
            <Visible text={root} />
          </code>
        </p>
      )}
      <FileChangesView changes={changes} whole />
    </>
  );
}
