import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../core/log.ts';
import { systemErrorCode } from './operator-error.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

/** So many crashes within so many milliseconds are a loop (REL-SIG-6). */
const CRASHES = 5;
const WITHIN_MS = 60_000;

/** `running`: a run has begun; the end of one takes the file away. Times in milliseconds since 1970, of when a crash was found. */
const Stored = z.object({ running: z.boolean(), crashes: z.array(z.number()).max(100) });

export interface CrashRecord {
  /** The runs before this one crashed, one after the other, and this one will unless something is left out. */
  readonly isLoop: boolean;
  /**
   * Runs the daemon. Whatever comes of it, the run has an end, unless `crash` resolved: an error that nobody caught. When
   * that cannot be recorded, it is logged, and the next start takes it for a crash.
   */
  during<T>(crash: Promise<unknown>, run: () => Promise<T>): Promise<T>;
}

/**
 * Keeps account of runs that had no end, in `crashes.json`; whoever calls holds the instance lock. What cannot be read
 * counts as no crash, and what cannot be written is logged.
 */
export async function recordStart(folder: string, log: Log, now = Date.now()): Promise<CrashRecord> {
  const path = join(folder, 'crashes.json');
  const write = async (stored: z.infer<typeof Stored>): Promise<void> => {
    await writePrivateFile(path, JSON.stringify(stored)).catch((err: unknown) =>
      log.warn({ err }, 'how this run ends cannot be recorded'),
    );
  };
  const before = await read(path, log);
  const found = before.running ? [...before.crashes, now] : before.crashes;
  const crashes = found.filter((at) => at <= now && now - at < WITHIN_MS).slice(-CRASHES);
  await write({ running: true, crashes });
  return {
    isLoop: crashes.length >= CRASHES,
    async during(crash, run) {
      let isCrash = false;
      void crash.then(() => {
        isCrash = true;
      });
      try {
        return await run();
      } finally {
        if (!isCrash) await forget(path, log);
      }
    },
  };
}

async function forget(path: string, log: Log): Promise<void> {
  await rm(path, { force: true }).catch((err: unknown) =>
    log.warn({ err }, 'how this run ended cannot be recorded'),
  );
}

async function read(path: string, log: Log): Promise<z.infer<typeof Stored>> {
  const nothing = { running: false, crashes: [] };
  try {
    return Stored.safeParse(JSON.parse(await readPrivateFile(path))).data ?? nothing;
  } catch (err) {
    if (systemErrorCode(err) !== 'ENOENT') log.warn({ err }, 'crashes.json cannot be read');
    return nothing;
  }
}
