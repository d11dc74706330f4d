import { constants } from 'node:fs';
import { basename, join } from 'node:path';
import type { RolloutItem, RolloutLine } from '../../protocol/vocabulary/rollout.ts';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { RolloutError, type RolloutFault } from '../rollout/errors.ts';
import { parseLine } from '../rollout/line.ts';
import { readLines, textOf } from '../rollout/lines.ts';
import { archiveDirectory } from '../rollout/path.ts';
import { openRegularFile } from '../rollout/regular-file.ts';
import type { RolloutWriter } from '../rollout/types.ts';
import type { CutOffTurn, OpenTurns } from './open-turns.ts';
import { homeOfRollout } from './rollout-home.ts';
import { hasWholeRecords } from './whole-records.ts';

/**
 * - `closed`: the turn has its end now
 * - `already_closed`: it had one
 * - `not_begun`: nothing of it was stored
 * - `missing`: the rollout is gone
 * - `not_ours`: what is there is not the rollout that the turn was written to, or cannot be continued
 * - `locked`: another program writes the conversation, and has gone on from where the turn was cut off
 */
export type Closing = 'closed' | 'already_closed' | 'not_begun' | 'missing' | 'not_ours' | 'locked';

export interface ClosingOptions {
  readonly openTurns: Pick<OpenTurns, 'end' | 'forget'>;
  /** Opens an existing rollout for appending, as its only writer and after repairing a torn end. */
  open(path: string): Promise<RolloutWriter>;
  readonly files?: FileSystem;
}

const TURN_ABORTED = 'turn_aborted';
const RECORD: RolloutItem = { type: 'event_msg', payload: { type: TURN_ABORTED, reason: 'interrupted' } };

/**
 * Gives a turn that was cut off the end of one that was interrupted, durably, and removes its note. It may be cut off
 * itself at any moment, and done again: there is one such record in the end.
 * @throws RolloutError when the disk does not let us look or write; the note stays for the next time
 */
export async function closeCutOffTurn(turn: CutOffTurn, options: ClosingOptions): Promise<Closing> {
  const closing = await close(turn, options).catch((error) => {
    const outcome = error instanceof RolloutError ? outcomeOf(error) : undefined;
    if (outcome === undefined) throw error;
    return outcome;
  });
  options.openTurns.end(turn.conversationId);
  options.openTurns.forget(turn.conversationId);
  return closing;
}

const OUTCOME_OF: Partial<Record<RolloutFault, Closing>> = {
  locked: 'locked',
  empty: 'not_ours',
  no_session_meta: 'not_ours',
  not_a_file: 'not_ours',
  invalid_record: 'not_ours',
  numbered: 'not_ours',
};

const outcomeOf = ({ fault, code }: RolloutError): Closing | undefined =>
  code === 'EISDIR' ? 'not_ours' : OUTCOME_OF[fault];

async function close(turn: CutOffTurn, { open, files = realFileSystem }: ClosingOptions): Promise<Closing> {
  const writer = await openWhereItIs(turn.path, open);
  if (writer === undefined) return 'missing';
  try {
    const before = await endOfTurn(writer.path, turn, files);
    if (before !== undefined) return before;
    await writer.append([RECORD], { sync: true });
    return 'closed';
  } finally {
    await writer.close();
  }
}

/** It may have been archived meanwhile. */
async function openWhereItIs(path: string, open: ClosingOptions['open']): Promise<RolloutWriter | undefined> {
  const home = homeOfRollout(path);
  const places = home === undefined ? [path] : [path, join(archiveDirectory(home), basename(path))];
  for (const place of places) {
    const writer = await open(place).catch((error) => {
      if (error instanceof RolloutError && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (writer !== undefined) return writer;
  }
  return undefined;
}

/** `undefined` when the turn has none yet. */
async function endOfTurn(
  path: string,
  { offset, end }: CutOffTurn,
  files: FileSystem,
): Promise<Closing | undefined> {
  await using file = await openRegularFile(path, constants.O_RDONLY, files);
  const { size } = await file.stat();
  if (size <= offset) return size === offset ? 'not_begun' : 'not_ours';
  if (end !== undefined && (await hasWholeRecords(path, { offset, end }, files))) return 'already_closed';
  for await (const lines of readLines(file)) {
    for (const line of lines) {
      const end = line.start < offset ? undefined : endIn(textOf(line) ?? '');
      if (end !== undefined) return end;
    }
  }
  return undefined;
}

function endIn(text: string): Closing | undefined {
  if (!text.includes(TURN_ABORTED) && !text.includes('"ordinal"')) return undefined;
  const parsed = parseLine(text);
  if (parsed.kind === 'damaged') return undefined;
  // A program that numbers its lines has gone on, and could not read one without a number.
  if (parsed.numbered) return 'not_ours';
  const isAborted = parsed.kind === 'record' && isTurnAborted(parsed.line);
  return isAborted ? 'already_closed' : undefined;
}

const isTurnAborted = (line: RolloutLine): boolean =>
  line.type === 'event_msg' && line.payload.type === TURN_ABORTED;
