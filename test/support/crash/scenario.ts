import { setTimeout as delay } from 'node:timers/promises';
import { archive, create, Refused, resume, say, set, unarchive } from './acts.ts';
import { type Door, Gone, type Refusal } from './door.ts';
import { type Ledger, type Place, turnState } from './ledger.ts';
import type { Said } from './plan.ts';
import type { SettingsLedger } from './settings-ledger.ts';

/** What a client of the fixed scenario knows and has met. */
export interface Course {
  readonly cwd: string;
  readonly ledgers: Ledger[];
  readonly settings: SettingsLedger;
  /** What was refused; without faults nothing is. */
  readonly refusals: Refusal[];
  /** How long a step may be tried again until it has to work. */
  readonly patienceMs: number;
}

const RETRY_MS = 100;
const TURN_LIMIT_MS = 15_000;

/**
 * Opens a conversation, has three turns with a command in it, archives it, takes it back, goes on with it, and has
 * another turn; chooses a model, signs in and out in between. A step that is refused is tried again until the patience is over.
 * @throws Error when a step does not work in time; Gone when the daemon is dead
 */
export async function playScenario(door: Door, course: Course): Promise<void> {
  const settings = settingsIn(course);
  const ledger = await attempt(course, async () => {
    const opened = await create(door, settings, approve);
    course.ledgers.push(opened);
    return opened;
  });
  await takeTurn(door, ledger, 'turn 1', course);
  await signIn(door, 'sk-first-of-the-crash-test', course);
  await takeTurn(door, ledger, 'turn 2', course);
  await chooseModel(door, 'another-model', course);
  await takeTurn(door, ledger, 'turn 3', course);
  await attempt(course, () => move(door, ledger, archive, 'archived_sessions'));
  await signIn(door, undefined, course);
  await attempt(course, () => move(door, ledger, unarchive, 'sessions'));
  await signIn(door, 'sk-second-of-the-crash-test', course);
  await attempt(course, () => resume(door, ledger, settings, approve));
  await takeTurn(door, ledger, 'turn 4', course);
}

/**
 * Leaves one conversation in the middle of a turn and another in the middle of its way to the archive: the daemon has to
 * die there.
 */
export async function playUntilMove(door: Door, course: Course): Promise<void> {
  const settings = settingsIn(course);
  const [busy, moving] = [await create(door, settings, approve), await create(door, settings, approve)];
  course.ledgers.push(busy, moving);
  for (const ledger of course.ledgers) await takeTurn(door, ledger, 'turn 1', course);
  const said: Said = { say: 'turn cut off', steps: [{ command: ['sleep', '20'], talk: 10 }] };
  await say(door, busy, JSON.stringify(said));
  await archive(door, moving);
}

/** Goes on with a conversation wherever its file is, and has one more turn. */
export async function useAgain(door: Door, ledger: Ledger, course: Course): Promise<void> {
  if (!ledger.places.includes('sessions'))
    await attempt(course, () => move(door, ledger, unarchive, 'sessions'));
  await attempt(course, () => resume(door, ledger, settingsIn(course), approve));
  await takeTurn(door, ledger, 'turn after all', course);
}

function chooseModel(door: Door, model: string, course: Course): Promise<void> {
  const call = ['setDefaultModel', { model, reasoningEffort: null }] as const;
  return attempt(course, () => set(door, course.settings, { model }, call));
}

function signIn(door: Door, apiKey: string | undefined, course: Course): Promise<void> {
  const call =
    apiKey === undefined ? (['logoutChatGpt', {}] as const) : (['loginApiKey', { apiKey }] as const);
  return attempt(course, () => set(door, course.settings, { apiKey }, call));
}

const settingsIn = ({ cwd }: Course) => ({ cwd, approvalPolicy: 'never', sandbox: 'danger-full-access' });
const approve = async (): Promise<string> => 'approved';

async function takeTurn(door: Door, ledger: Ledger, name: string, course: Course): Promise<void> {
  let tries = 0;
  await attempt(course, async () => {
    tries += 1;
    const said: Said = { say: `${name} try ${tries}`, steps: [{ command: ['echo', name], thinks: true }] };
    await say(door, ledger, JSON.stringify(said));
  });
  await becomeIdle(door, ledger, name);
}

async function becomeIdle(door: Door, ledger: Ledger, name: string): Promise<void> {
  const limit = AbortSignal.timeout(TURN_LIMIT_MS);
  const gone = door.drained().then(() => Promise.reject(new Gone()));
  gone.catch(() => {});
  while (turnState(ledger) !== 'idle') {
    const late = (): Promise<never> => Promise.reject(new Error(`${name} does not end`));
    await Promise.race([ledger.next(limit).catch(late), gone]);
  }
}

/** A move whose last sync failed is refused and done all the same; whoever tries it again finds that out. */
async function move(
  door: Door,
  ledger: Ledger,
  act: (door: Door, ledger: Ledger) => Promise<void>,
  to: Place,
): Promise<void> {
  try {
    await act(door, ledger);
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.reason?.startsWith('storage_')) throw error;
    const { result } = await door.call('getConversation', { conversationId: ledger.id });
    if (result?.archived !== (to === 'archived_sessions')) throw error;
    ledger.path = String(result.path);
    ledger.places = [to];
  }
}

async function attempt<T>(course: Course, step: () => Promise<T>): Promise<T> {
  const limit = Date.now() + course.patienceMs;
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      course.refusals.push(error.refusal);
      if (Date.now() >= limit) throw error;
      await delay(RETRY_MS);
    }
  }
}
