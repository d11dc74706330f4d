import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, type Client, type Message, openClient } from './client.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { drawPlan, FINISHED, type Plan } from './plan.ts';
import type { Random } from './random.ts';

const MCP_SERVER = path.join(import.meta.dirname, 'tiny-mcp-server.ts');
const DECISIONS = ['approved', 'approved', 'approved_for_session', 'denied', 'abort'] as const;
/** After an interrupt a turn has to be over; commands get two seconds of grace. */
const INTERRUPT_LIMIT_MS = 15_000;

export interface Tally {
  conversations: number;
  turns: number;
  interrupts: number;
  approvals: number;
  readonly faults: string[];
}

export interface Stage {
  readonly address: Address;
  readonly root: string;
  readonly tally: Tally;
  /** Ids of conversations that somebody may listen to. */
  readonly live: Set<string>;
  readonly stopping: AbortSignal;
}

interface Conversation {
  readonly id: string;
  readonly rolloutPath: string;
  readonly ledger: Ledger;
}

/** One user: opens a conversation, talks in it, interrupts, archives it, and opens the next, until told to stop. */
export async function runActor(name: string, random: Random, stage: Stage): Promise<void> {
  const cwd = path.join(stage.root, 'work', name);
  mkdirSync(cwd, { recursive: true });
  const ledgers = new Map<string, Ledger>();
  const client: Client = await openClient(stage.address, (message) => {
    const id = String(message.params?.conversationId ?? message.params?.conversation_id);
    ledgers.get(id)?.note(message);
    if (message.id !== undefined) void answerApproval(client, message, random, stage);
  });
  while (!stage.stopping.aborted) {
    const conversation = await open(client, cwd, random, ledgers, stage);
    const turns = 1 + random.below(8);
    for (let turn = 0; turn < turns && !stage.stopping.aborted; turn++) {
      await takeTurn(client, conversation, random, stage);
    }
    await close(client, conversation, random, stage);
    stage.tally.turns += conversation.ledger.turns.size;
    const faults = conversation.ledger.faults();
    stage.tally.faults.push(...faults.map((fault) => `${conversation.id}: ${fault}`));
    ledgers.delete(conversation.id);
  }
  await client.close();
}

async function open(
  client: Client,
  cwd: string,
  random: Random,
  ledgers: Map<string, Ledger>,
  stage: Stage,
): Promise<Conversation> {
  const approvalPolicy = random.pick(['never', 'never', 'untrusted', 'on-request', 'on-failure']);
  const config = random.chance(0.15)
    ? { 'mcp_servers.tiny.command': process.execPath, 'mcp_servers.tiny.args': [MCP_SERVER] }
    : undefined;
  const sandbox = random.pick(['danger-full-access', 'danger-full-access', 'workspace-write']);
  const { result, error } = await client.call('newConversation', { cwd, approvalPolicy, sandbox, config });
  if (!result) throw new Error(`newConversation: ${error?.message}`);
  const conversation = {
    id: String(result.conversationId),
    rolloutPath: String(result.rolloutPath),
    ledger: createLedger(),
  };
  ledgers.set(conversation.id, conversation.ledger);
  await client.call('addConversationListener', { conversationId: conversation.id });
  stage.live.add(conversation.id);
  stage.tally.conversations += 1;
  return conversation;
}

/** Says something, perhaps more while it runs, perhaps interrupts, and waits until the conversation is idle. */
async function takeTurn(
  client: Client,
  conversation: Conversation,
  random: Random,
  stage: Stage,
): Promise<void> {
  await say(client, conversation, drawPlan(random), stage);
  if (random.chance(0.3)) {
    await delay(random.below(600));
    await say(client, conversation, drawPlan(random), stage);
  }
  if (random.chance(0.3)) {
    await delay(random.below(800));
    await interrupt(client, conversation, stage);
  }
  await becomeIdle(client, conversation, 1000 + random.below(3000), stage);
}

async function say(client: Client, { id }: Conversation, plan: Plan, { tally }: Stage): Promise<void> {
  const items = [{ type: 'text', data: { text: JSON.stringify(plan) } }];
  const { error } = await client.call('sendUserMessage', { conversationId: id, items });
  if (error) tally.faults.push(`${id}: sendUserMessage: ${error.message}`);
}

async function interrupt(client: Client, { id }: Conversation, { tally }: Stage): Promise<void> {
  tally.interrupts += 1;
  const { error } = await client.call('interruptConversation', { conversationId: id });
  if (error) tally.faults.push(`${id}: interruptConversation: ${error.message}`);
}

/** Interrupts what takes longer than the patience; approvals that nobody answers do. */
async function becomeIdle(
  client: Client,
  conversation: Conversation,
  patienceMs: number,
  stage: Stage,
): Promise<void> {
  if (await isIdleWithin(client, conversation, patienceMs)) return;
  await interrupt(client, conversation, stage);
  if (await isIdleWithin(client, conversation, INTERRUPT_LIMIT_MS)) return;
  stage.tally.faults.push(`${conversation.id}: a turn does not end`);
}

async function isIdleWithin(
  client: Client,
  { id, ledger }: Conversation,
  milliseconds: number,
): Promise<boolean> {
  const limit = Date.now() + milliseconds;
  do {
    const { result } = await client.call('getConversation', { conversationId: id });
    if (result?.turn === null && ledger.isQuiet()) return true;
    await delay(50);
  } while (Date.now() < limit);
  return false;
}

/** Archives the conversation: in the middle of a turn, or after it has shown that it is still of use. */
async function close(
  client: Client,
  conversation: Conversation,
  random: Random,
  stage: Stage,
): Promise<void> {
  const { id: conversationId, rolloutPath, ledger } = conversation;
  const abruptly = random.chance(0.3) && !stage.stopping.aborted;
  await say(client, conversation, abruptly ? drawPlan(random) : { steps: [] }, stage);
  if (abruptly) await delay(random.below(400));
  else {
    await becomeIdle(client, conversation, INTERRUPT_LIMIT_MS, stage);
    if (ledger.lastMessage !== FINISHED) stage.tally.faults.push(`${conversationId}: is of no use any more`);
  }
  stage.live.delete(conversationId);
  const { error } = await client.call('archiveConversation', { conversationId, rolloutPath });
  if (error) stage.tally.faults.push(`${conversationId}: archiveConversation: ${error.message}`);
}

/** At once, late, or never. */
export async function answerApproval(
  client: Client,
  { id }: Message,
  random: Random,
  { tally }: Pick<Stage, 'tally'>,
): Promise<void> {
  if (id === undefined || random.chance(0.2)) return;
  const decision = random.pick(DECISIONS);
  if (random.chance(0.4)) await delay(random.below(1500));
  tally.approvals += 1;
  client.answer(id, { decision });
}
