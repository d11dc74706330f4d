import { constants } from 'node:fs';
import { join } from 'node:path';
import { openRegularFile } from './rollout/regular-file.ts';

/** The prompt history that terminals of the Codex CLI keep; a resuming client is told how much of it there is. */
export interface HistoryLog {
  /** Inode of the file, 0 when there is none. */
  readonly id: number;
  /** Its lines. */
  readonly entries: number;
}

const NEWLINE = 0x0a;

/** Facts about `$CODEX_HOME/history.jsonl` (protocol-v1, section 16). A file that cannot be read counts as none. */
export async function readHistoryLog(codexHome: string): Promise<HistoryLog> {
  try {
    await using file = await openRegularFile(join(codexHome, 'history.jsonl'), constants.O_RDONLY);
    const { ino } = await file.stat();
    let entries = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) entries += countLines(chunk);
    return { id: ino, entries };
  } catch {
    return { id: 0, entries: 0 };
  }
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
