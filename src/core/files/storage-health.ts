import { ballast } from './ballast.ts';
import { type FileSystem, realFileSystem } from './file-system.ts';
import { rateLimited } from './rate-limited.ts';
import { isOutOfSpace, type StorageProblem, storageProblem } from './storage-problem.ts';

/** What went wrong with a file; the message names it. */
export interface StorageFailure {
  readonly message: string;
  /** The operating system's name of the error. */
  readonly code: string | undefined;
}

/** What all who write know together about the disk. */
export interface StorageHealth {
  /** The worst that is the matter just now, for readiness. */
  readonly problem: StorageProblem | undefined;
  /** From the first time that space ran out until there is room for the ballast again. */
  readonly isFull: boolean;
  /** @param source who keeps trying and will report a recovery; absent when the operation was given up */
  failed(failure: StorageFailure, source?: object): void;
  /** The source works again, or has given up. */
  recovered(source: object): void;
  /** Makes the ballast, if that can be done. */
  start(): Promise<void>;
  /** Ends the timers and the work under way; the ballast stays for the next start. */
  close(): Promise<void>;
}

export interface StorageHealthOptions {
  /** The file that is given back when the disk is full. */
  readonly ballastPath: string;
  readonly ballastBytes?: number;
  readonly files?: FileSystem;
  /** Told of each failure, and must not throw. */
  readonly onFailure?: () => void;
  /** Told of failures and of the end of them. */
  readonly log?: (text: string) => void;
  readonly logIntervalMs?: number;
  /** How often to look for room on a full disk, in ms. */
  readonly checkIntervalMs?: number;
}

const MEBIBYTE = 1024 * 1024;
const WORST_FIRST: readonly StorageProblem[] = ['storage_full', 'storage_unwritable', 'storage_error'];

/** One per daemon. */
export function storageHealth(options: StorageHealthOptions): StorageHealth {
  const { ballastBytes = MEBIBYTE, files = realFileSystem, checkIntervalMs = 1_000 } = options;
  const report = rateLimited(options.log ?? (() => undefined), options.logIntervalMs ?? 10_000);
  const reserve = ballast(options.ballastPath, ballastBytes, files);
  const failing = new Map<object, StorageProblem>();
  let work: Promise<unknown> = Promise.resolve();
  let isFull = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  const problem = (): StorageProblem | undefined => {
    const present = new Set(failing.values());
    return isFull ? 'storage_full' : WORST_FIRST.find((candidate) => present.has(candidate));
  };
  const reportWhenOver = (): void => {
    if (problem() === undefined) report('storage works again');
  };
  const startCheck = (): void => {
    work = check();
  };
  const checkLater = (): void => {
    if (!isClosed) timer = setTimeout(startCheck, checkIntervalMs).unref();
  };
  const check = async (): Promise<void> => {
    if (!(await reserve.make())) return checkLater();
    isFull = false;
    reportWhenOver();
  };
  const giveBack = async (before: Promise<unknown>): Promise<void> => {
    await before;
    await reserve.giveBack();
    await check();
  };
  return {
    get problem() {
      return problem();
    },
    get isFull() {
      return isFull;
    },
    failed(failure, source) {
      options.onFailure?.();
      report(failure.message);
      if (source !== undefined) failing.set(source, storageProblem(failure.code));
      if (isFull || isClosed || !isOutOfSpace(failure.code)) return;
      isFull = true;
      work = giveBack(work);
    },
    recovered(source) {
      if (failing.delete(source)) reportWhenOver();
    },
    async start() {
      work = reserve.make();
      await work;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await work;
    },
  };
}
