import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RecordedRequest } from '../../../src/demo/recording.ts';
import { callAnswer, functionCall, type OutputItem, textAnswer } from '../../../src/demo/responses.ts';
import { answerCalls } from '../harness/answering.ts';
import { callOutputs } from '../harness/call-outputs.ts';
import type { Conversation } from '../harness/conversation.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at, isRecord, type JsonObject } from '../harness/json.ts';
import { addFile } from '../harness/patch-text.ts';
import type { Stage } from '../harness/stage.ts';
import { strictWorkspace } from './strict-workspace.ts';

const POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'];
const MODES = ['read-only', 'workspace-write', 'danger-full-access'];

/** `again` is the call of `approved_for_session` once more, when it has been approved. */
const DECISIONS = ['approved', 'approved_for_session', 'again', 'denied', 'abort'] as const;
type Decision = (typeof DECISIONS)[number];

interface Kind {
  readonly name: string;
  /** The tool, and its arguments with names of files that are the call's own. */
  readonly call: (id: string) => readonly [tool: string, args: unknown];
  /** Where a call that went through leaves a file, if it does. */
  readonly mark?: (id: string) => string;
}

const bash = (script: string) => ({ command: ['bash', '-c', script] });
const inside = (id: string) => `inside-${id}`;
const outside = (id: string) => `../outside-${id}`;

const KINDS: readonly Kind[] = [
  { name: 'known to be safe', call: () => ['shell', { command: ['echo', 'safe'] }] },
  { name: 'other', call: (id) => ['shell', bash(`echo ${id}`)] },
  {
    name: 'escalated',
    mark: outside,
    call: (id) => [
      'shell',
      {
        ...bash(`echo out 2>/dev/null > ${outside(id)} && echo free || echo kept in`),
        with_escalated_permissions: true,
        justification: 'it has to be',
      },
    ],
  },
  {
    name: 'fails in a sandbox',
    mark: outside,
    call: (id) => ['shell', bash(`exec 2>/dev/null; echo out > ${outside(id)} || exit 1; echo done`)],
  },
  { name: 'patch inside', mark: inside, call: (id) => ['apply_patch', { input: addFile(inside(id), id) }] },
  {
    name: 'patch outside',
    mark: outside,
    call: (id) => ['apply_patch', { input: addFile(outside(id), id) }],
  },
];

/** One line of the table. */
interface Row {
  readonly mode: string;
  readonly kind: Kind;
  readonly decision: Decision;
  readonly callId: string;
}

const ROWS: readonly Row[] = MODES.flatMap((mode) =>
  KINDS.flatMap((kind) =>
    DECISIONS.map((decision) => ({ mode, kind, decision, callId: `${mode}, ${kind.name}, ${decision}` })),
  ),
);

function callOf({ mode, kind, decision, callId }: Row): OutputItem {
  const [tool, args] = kind.call(fileId(mode, decision));
  return functionCall(tool, args, callId);
}

function fileId(mode: string, decision: Decision): string {
  return `${mode}-${decision === 'again' ? 'approved_for_session' : decision}`;
}

/** The model makes the calls that the user names, and is done when it sees their outputs. */
function answers(_stage: Stage, { body }: RecordedRequest) {
  const last = body.input.at(-1);
  const wanted = String(at(last, 'content', 0, 'text')).split('; ');
  const calls = ROWS.filter(({ callId }) => wanted.includes(callId)).map(callOf);
  return calls.length > 0 ? callAnswer(...calls) : textAnswer('done');
}

/** What became of one call. The output of an aborted one reaches the model or not, as chance has it. */
function observe(stage: Stage, { mode, kind, decision, callId }: Row, end?: unknown): JsonObject {
  const { messages } = stage.target;
  const about = messages.filter(({ params }) =>
    [at(params, 'call_id'), at(params, 'msg', 'call_id')].includes(callId),
  );
  return {
    events: about.map(({ method = '', params }) => outlineOf(method, params)).join(' | '),
    ...(end === 'codex/event/turn_aborted' ? { end } : { saw: callOutputs(stage)[callId] }),
    ...(kind.mark && { mark: existsSync(resolve(stage.cwd, kind.mark(fileId(mode, decision)))) }),
  };
}

/** The event or question with what the decision is seen by. */
function outlineOf(method: string, params: unknown): string {
  const told = at(params, 'msg') ?? params;
  const facts = ['reason', 'grant_root', 'auto_approved', 'exit_code', 'success'].filter(
    (fact) => isRecord(told) && told[fact] !== undefined,
  );
  return [method.replace('codex/event/', ''), ...facts.map((fact) => `${fact}: ${at(told, fact)}`)].join(
    ', ',
  );
}

/** All calls of a mode in one turn, then, as an abort ends the turn, one turn for each call that is to be aborted. */
async function playMode(stage: Stage, policy: string, mode: string): Promise<void> {
  const settings = { approvalPolicy: policy, sandbox: mode };
  const rows = ROWS.filter((row) => row.mode === mode);
  const together = rows.filter(({ decision }) => decision !== 'abort');
  const conversation = await stage.newConversation(settings);
  await conversation.say(together.map(({ callId }) => callId).join('; '));
  for (const row of together) stage.note(row.callId, observe(stage, row));
  await playAborts(stage, await stage.newConversation(settings), rows);
}

async function playAborts(stage: Stage, conversation: Conversation, rows: readonly Row[]): Promise<void> {
  for (const row of rows.filter(({ decision }) => decision === 'abort')) {
    await conversation.send(row.callId);
    const { method } = await conversation.turnEnd();
    stage.note(row.callId, observe(stage, row, method));
  }
}

/** Every policy in every mode, with every kind of call and every decision (protocol-v1, section 7). */
export const approvalTable: readonly InteropCase[] = POLICIES.map((policy) => ({
  name: `what is asked and run under ${policy}`,
  config: strictWorkspace,
  answers,
  compare: ['notes'],
  async play(stage) {
    const decide = ({ decision }: Row) => (decision === 'again' ? 'denied' : decision);
    answerCalls(stage, Object.fromEntries(ROWS.map((row) => [row.callId, decide(row)])));
    for (const mode of MODES) await playMode(stage, policy, mode);
  },
}));
