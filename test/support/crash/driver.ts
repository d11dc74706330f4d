import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../soak/random.ts';
import { archive, create, interrupt, resume, type Settings, say, unarchive } from './acts.ts';
import { type Door, Gone } from './door.ts';
import { type Ledger, turnState } from './ledger.ts';
import { drawSaid } from './plan.ts';
import { eventsOf, readRolloutFile } from './rollout-file.ts';

const DECISIONS = ['approved', 'approved', 'approved_for_session', 'denied', 'abort'] as const;
/** After this long without an end a turn is interrupted. */
const PATIENCE_MS = 1_000;

export interface Tally {
  turns: number;
  resumed: number;
  archived: number;
  readonly faults: string[];
}

export interface Stage {
  readonly cwd: string;
  readonly tally: Tally;
  /** Everything that was ever opened. */
  readonly ledgers: Ledger[];
  /** Conversations that a client may go on with; each is taken by one. */
  readonly resumable: Ledger[];
  /** Never the same twice. */
  newName(): string;
}

/** One client: goes on with a conversation or opens one, talks in it, moves it about, until the daemon is gone. */
export async function drive(door: Door, random: Random, stage: Stage): Promise<void> {
  try {
    for (;;) await useConversation(door, random, stage);
  } catch (error) {
    if (error instanceof Gone) return;
    stage.tally.faults.push(error instanceof Error ? String(error.stack) : String(error));
  }
}

async function useConversation(door: Door, random: Random, stage: Stage): Promise<void> {
  const approvalPolicy = random.pick(['never', 'never', 'on-request', 'untrusted']);
  const settings = { cwd: stage.cwd, approvalPolicy, sandbox: 'danger-full-access' };
  const ledger = await open(door, random, stage, settings);
  for (;;) {
    const turns = 1 + random.below(6);
    for (let turn = 0; turn < turns; turn++) await takeTurn(door, ledger, random, stage);
    if (random.chance(0.5)) await say(door, ledger, drawSaid(stage.newName(), random));
    await archive(door, ledger);
    stage.tally.archived += 1;
    if (random.chance(0.5)) return void stage.resumable.push(ledger);
    await unarchive(door, ledger);
    await goOn(door, ledger, random, stage, settings);
  }
}

async function open(door: Door, random: Random, stage: Stage, settings: Settings): Promise<Ledger> {
  const [known] = random.chance(0.8) ? stage.resumable.splice(random.below(stage.resumable.length), 1) : [];
  if (!known) {
    const ledger = await create(door, settings, () => consent(random));
    stage.ledgers.push(ledger);
    return ledger;
  }
  if (!known.places.includes('sessions')) await unarchive(door, known);
  await goOn(door, known, random, stage, settings);
  return known;
}

async function goOn(
  door: Door,
  ledger: Ledger,
  random: Random,
  { tally }: Stage,
  settings: Settings,
): Promise<void> {
  const shown = await resume(door, ledger, settings, () => consent(random));
  const stored = eventsOf(readRolloutFile(ledger.path).lines);
  if (!isDeepStrictEqual(shown, stored)) tally.faults.push(`${ledger.id}: resumed with other messages`);
  tally.resumed += 1;
}

/** At once, late, or too late. */
async function consent(random: Random): Promise<string> {
  if (random.chance(0.05)) await delay(2 * PATIENCE_MS, undefined, { ref: false });
  else if (random.chance(0.3)) await delay(random.below(100), undefined, { ref: false });
  return random.pick(DECISIONS);
}

/** Says something, perhaps more while it runs, perhaps interrupts, and waits until the turn is over. */
async function takeTurn(door: Door, ledger: Ledger, random: Random, stage: Stage): Promise<void> {
  await say(door, ledger, drawSaid(stage.newName(), random));
  stage.tally.turns += 1;
  if (random.chance(0.3)) {
    await delay(random.below(60));
    await say(door, ledger, drawSaid(stage.newName(), random));
  }
  if (random.chance(0.15)) {
    await delay(random.below(150));
    await interrupt(door, ledger);
  }
  if (await isIdleWithin(ledger, PATIENCE_MS)) return;
  await interrupt(door, ledger);
  if (await isIdleWithin(ledger, PATIENCE_MS)) return;
  if (turnState(ledger) === 'running') await requireAlive(door, ledger, stage);
}

async function isIdleWithin(ledger: Ledger, milliseconds: number): Promise<boolean> {
  const patience = AbortSignal.timeout(milliseconds);
  while (turnState(ledger) === 'running') {
    const isLate = await ledger.next(patience).then(
      () => false,
      () => true,
    );
    if (isLate) return false;
  }
  return true;
}

/** An interrupted turn that does not end is a fault, unless the daemon was killed meanwhile. */
async function requireAlive(door: Door, { id }: Ledger, { tally }: Stage): Promise<void> {
  const { result } = await door.call('getConversation', { conversationId: id });
  if (result?.turn !== null) tally.faults.push(`${id}: a turn does not end`);
}
