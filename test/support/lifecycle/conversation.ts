import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ConversationModel } from './model.ts';
import type { Act, Course } from './operation.ts';
import type { Outcome } from './outcome.ts';
import { type Place, type StoredFile, storeConversation } from './stored-files.ts';
import type { Moment } from './turn-log.ts';
import type { World } from './world.ts';

/** One conversation of a world, and the ids that its clients were given. */
export interface RealConversation {
  readonly world: World;
  readonly file: StoredFile;
  readonly subscriptions: Map<Act, string>;
  /** The latest that it asked for consent with. */
  approvalId: string | undefined;
  /** Texts whose answers the model may be holding. */
  readonly held: string[];
  /** Texts of the input that led to a question. */
  readonly asked: string[];
}

export function createConversation(world: World, place: Place): RealConversation {
  const file = storeConversation(world.home, place);
  return { world, file, subscriptions: new Map(), approvalId: undefined, held: [], asked: [] };
}

/** The input that leads to such a turn; `name` makes it different from all others. A command that runs makes a file of it. */
export const inputText = (course: Course, name: string): string =>
  ({ end: `say ${name}`, hold: `hold ${name}`, ask: `run : > ${name}` })[course];

/** Does what the act says and gives what came of it. */
export async function carryOut(
  conversation: RealConversation,
  act: Act,
  model: ConversationModel,
): Promise<Outcome | undefined> {
  const { world, file } = conversation;
  if (act.operation.kind === 'release') {
    release(conversation);
    return undefined;
  }
  const caller = world.callers[act.caller] ?? world.callers[0];
  const [method, params] = callOf(conversation, act, model);
  const outcome = await caller.call(method, params);
  const { result } = outcome;
  if (act.operation.kind === 'listen' && result)
    conversation.subscriptions.set(act, String(result.subscriptionId));
  if (act.operation.kind === 'say' && act.operation.course === 'hold') conversation.held.push(act.text);
  if (act.operation.kind === 'say' && act.operation.course === 'ask') conversation.asked.push(act.text);
  if (result && method === 'getConversation' && result.conversationId !== file.id)
    throw new Error(`asked for ${file.id}, got ${result.conversationId}`);
  return outcome;
}

export function release({ held, world }: RealConversation): void {
  for (const text of held.splice(0)) world.script.open(text);
}

type Call = readonly [method: string, params: Record<string, unknown>];

function callOf(conversation: RealConversation, act: Act, model: ConversationModel): Call {
  const { operation } = act;
  const { file, world } = conversation;
  const conversationId = file.id;
  switch (operation.kind) {
    case 'get':
      return ['getConversation', { conversationId }];
    case 'interrupt':
      return ['interruptConversation', { conversationId }];
    case 'list':
      return ['listConversations', { archived: operation.archived }];
    case 'resume':
      return ['resumeConversation', { path: file[operation.file] }];
    case 'archive': {
      const rolloutPath = operation.path === 'own' ? file.sessions : path.join(world.home, 'config.toml');
      return ['archiveConversation', { conversationId, rolloutPath }];
    }
    case 'unarchive':
      return [
        'unarchiveConversation',
        { conversationId, ...(operation.by === 'path' && { rolloutPath: file.archived }) },
      ];
    case 'say':
      return sayCall(conversationId, act.text, operation, world);
    case 'listen':
      return ['addConversationListener', { conversationId }];
    case 'unlisten': {
      const attached = model.listeners[operation.listener];
      const known = attached && conversation.subscriptions.get(attached.act);
      return ['removeConversationListener', { subscriptionId: known ?? randomUUID() }];
    }
    case 'answer':
      return [
        'answerApproval',
        { approvalId: conversation.approvalId ?? randomUUID(), decision: operation.decision },
      ];
    case 'release':
      throw new Error('no client can release what the model holds');
  }
}

function sayCall(
  conversationId: string,
  text: string,
  { course, as }: { course: Course; as: 'message' | 'turn' },
  { cwd }: World,
): Call {
  const items = [{ type: 'text', data: { text } }];
  if (as === 'message' && course !== 'ask') return ['sendUserMessage', { conversationId, items }];
  return [
    'sendUserTurn',
    {
      conversationId,
      items,
      cwd,
      approvalPolicy: 'untrusted',
      sandboxPolicy: { mode: 'danger-full-access' },
      model: 'test-model',
      summary: 'auto',
    },
  ];
}

/** What the turn comes to when the model has made that step; nothing when the step concerns no turn. */
export function momentAfter(
  before: ConversationModel,
  act: Act,
  after: ConversationModel,
): Moment | undefined {
  const starts = act.operation.kind === 'say' && before.turn === 'none' && before.source !== undefined;
  if (starts) return ({ none: 'ended', held: 'held', asking: 'asked' } as const)[after.turn];
  return before.turn !== 'none' && after.turn === 'none' ? 'ended' : undefined;
}

/** Remembers what is asked, to answer it. */
export async function noteApproval(conversation: RealConversation): Promise<void> {
  const { world, file } = conversation;
  const { result } = await world.callers[0].call('listApprovals', { conversationId: file.id });
  const [approval] = (result?.items ?? []) as { approvalId: string }[];
  if (!approval) throw new Error(`nothing is asked in ${file.id}`);
  conversation.approvalId = approval.approvalId;
}
