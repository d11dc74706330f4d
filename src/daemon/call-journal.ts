import { closeSync, constants, fdatasync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { storageProblem } from '../core/files/storage-problem.ts';
import { RpcError } from '../protocol/errors.ts';
import type { CallJournal, RecordedCall } from '../rpc/idempotency.ts';
import { type JournalRecord, readRecords } from './call-records.ts';
import { systemErrorCode } from './operator-error.ts';
import { ensurePrivateFolder } from './private-path.ts';

/** A part of the journal takes records for so long, and is then kept until they are too old (milliseconds). */
const PART_MS = 5 * 60_000;
const KEPT_MS = 10 * 60_000;
const PART_BYTES = 4 * 1024 * 1024;
/** However much is called: so many parts, the one that is written not among them. */
const MAX_PARTS = 4;
/** Milliseconds until what was written has been synced (reliability, REL-WR-2). */
const SYNC_WITHIN_MS = 200;

interface Part {
  readonly path: string;
  /** By the clock that only goes forward. */
  readonly closedAt: number;
}

interface OpenPart {
  readonly path: string;
  readonly fd: number;
  readonly openedAt: number;
  bytes: number;
}

export interface OpenedJournal {
  readonly journal: CallJournal;
  readonly recorded: readonly RecordedCall[];
  close(): void;
}

/**
 * The journal of keyed calls in a folder of its own: JSON lines in numbered files (0600), each dropped as a whole when
 * its last record is older than a key is remembered. A part is written by one process only, so that a line that was
 * cut off is the last one.
 *
 * @throws {OperatorError} when others could have written into the folder
 */
export async function openCallJournal(folder: string, log: Logger): Promise<OpenedJournal> {
  await ensurePrivateFolder(folder);
  const { calls, paths, last } = await readRecords(folder, log);
  const closedAt = performance.now();
  const writer = createWriter(
    folder,
    paths.map((path) => ({ path, closedAt })),
    last + 1,
    log,
  );
  return { recorded: calls, journal: journalOf(writer, log), close: writer.close };
}

interface Writer {
  /** Throws the system's error. */
  append(record: JournalRecord): void;
  close(): void;
}

function journalOf(writer: Writer, log: Logger): CallJournal {
  /** Whatever becomes of the note: the call is begun on disk, so that it is not run twice. */
  const note = (record: JournalRecord): void => {
    try {
      writer.append(record);
    } catch (err) {
      log.warn({ err }, 'how a call with an idempotency key ended could not be stored');
    }
  };
  return {
    begun(key, fingerprint) {
      try {
        writer.append({ key, fingerprint, at: Date.now() });
      } catch (error) {
        throw notStored(error);
      }
    },
    finished: (key, fingerprint, result) =>
      note({ key, fingerprint, at: Date.now(), result: result ?? null }),
    failed: (key) => note({ key, failed: true }),
  };
}

const notStored = (cause: unknown): RpcError =>
  new RpcError('unavailable', 'the idempotency key cannot be stored, so the call was not run', {
    reason: storageProblem(systemErrorCode(cause)),
    cause,
  });

function createWriter(folder: string, parts: Part[], first: number, log: Logger): Writer {
  let number = first;
  let open: OpenPart | undefined;
  let syncing: NodeJS.Timeout | undefined;

  function sync(): void {
    syncing = undefined;
    if (!open) return;
    fdatasync(open.fd, (err) => {
      // A part that was closed meanwhile is synced by its closing.
      if (err && err.code !== 'EBADF') log.warn({ err }, 'the journal of keyed calls could not be synced');
    });
  }

  function closePart(): void {
    if (!open) return;
    closeSync(open.fd);
    parts.push({ path: open.path, closedAt: performance.now() });
    open = undefined;
  }

  function dropOld(): void {
    const before = performance.now() - KEPT_MS;
    while (parts[0] && (parts[0].closedAt < before || parts.length > MAX_PARTS)) {
      rmSync(parts[0].path, { force: true });
      parts.shift();
    }
  }

  function openPart(): OpenPart {
    closePart();
    dropOld();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${String(number).padStart(8, '0')}.jsonl`);
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW, 0o600);
    number += 1;
    return { path, fd, openedAt: performance.now(), bytes: 0 };
  }

  const isFull = ({ bytes, openedAt }: OpenPart): boolean =>
    bytes > PART_BYTES || performance.now() - openedAt > PART_MS;

  return {
    append(record) {
      open = open && !isFull(open) ? open : openPart();
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      try {
        if (writeSync(open.fd, line) !== line.length)
          throw Object.assign(new Error('cut off'), { code: 'ENOSPC' });
      } catch (error) {
        // Nothing may follow a line that is not whole.
        closePart();
        throw error;
      }
      open.bytes += line.length;
      syncing ??= setTimeout(sync, SYNC_WITHIN_MS).unref();
    },
    close() {
      clearTimeout(syncing);
      closePart();
    },
  };
}
