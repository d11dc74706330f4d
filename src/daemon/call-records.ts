import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { RecordedCall } from '../rpc/idempotency.ts';
import { openPrivateFile } from './private-path.ts';

const Begun = z.strictObject({ key: z.string(), fingerprint: z.string(), at: z.number() });
const Finished = Begun.extend({ result: z.unknown() }).refine((record) => 'result' in record);
const Failed = z.strictObject({ key: z.string(), failed: z.literal(true) });

/** One line of the journal; `at` is in milliseconds since 1970. */
const JournalRecord = z.union([Begun, Finished, Failed]);
export type JournalRecord = z.infer<typeof JournalRecord>;

export interface Records {
  /** In the order of their beginning. */
  readonly calls: readonly RecordedCall[];
  /** The oldest part first. */
  readonly paths: readonly string[];
  /** Number of the newest part. */
  readonly last: number;
}

const PART_NAME = /^\d{8}\.jsonl$/;

/** What earlier processes wrote. A line that is not whole was never acted upon, and is passed over. */
export async function readRecords(folder: string, log: Logger): Promise<Records> {
  const names = (await readdir(folder)).filter((name) => PART_NAME.test(name)).sort();
  const paths = names.map((name) => join(folder, name));
  const calls = new Map<string, RecordedCall>();
  for (const path of paths) await readPart(path, calls, log);
  return { calls: [...calls.values()], paths, last: Number.parseInt(names.at(-1) ?? '0', 10) };
}

async function readPart(path: string, calls: Map<string, RecordedCall>, log: Logger): Promise<void> {
  await using file = await openPrivateFile(path);
  let unreadable = 0;
  for await (const line of file.readLines()) {
    const record = parseRecord(line);
    if (record) apply(record, calls);
    else unreadable += 1;
  }
  if (unreadable > 0) log.warn({ path, unreadable }, 'lines of the journal of keyed calls were passed over');
}

function parseRecord(line: string): JournalRecord | undefined {
  try {
    return JournalRecord.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function apply(record: JournalRecord, calls: Map<string, RecordedCall>): void {
  if ('failed' in record) {
    calls.delete(record.key);
    return;
  }
  const { key, fingerprint, at } = record;
  // A clock that was set back makes nothing older.
  const age = Math.max(0, Date.now() - at);
  calls.set(key, {
    key,
    fingerprint,
    age,
    ...('result' in record && { outcome: { result: record.result } }),
  });
}
