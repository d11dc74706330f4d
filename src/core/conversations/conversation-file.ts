import { join } from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import type { StorageHealth } from '../files/storage-health.ts';
import type { Log } from '../log.ts';
import type { RolloutWriter } from '../rollout/types.ts';
import { createRollout, openRollout } from '../rollout/writer.ts';
import type { Durability, WriterOptions } from '../rollout/writer-options.ts';
import { writerLock } from './writer-lock.ts';

/** Told what happens to the file without our doing. Must not throw. */
export interface FileObserver {
  /** Whole lines that another program appended, before ours follow. */
  onForeign(lines: readonly string[]): void;
  /** What the user should know. */
  onNotice(text: string): void;
}

/** The rollout of a loaded conversation, of which this process is the only writer. */
export interface ConversationFile extends RolloutWriter {
  /**
   * Makes sure that no command line has taken the conversation over; to be asked before each input.
   * @throws RolloutError `locked`
   */
  claim(): Promise<void>;
  /** Gives the file back and removes it: nothing came of the conversation. */
  discard(): Promise<void>;
  /** What was to be told before is told now. */
  observe(observer: FileObserver): void;
}

/** What all conversations of a daemon store their records with. */
export interface ConversationFilesOptions {
  readonly codexHome: string;
  readonly files: FileSystem;
  readonly health: StorageHealth;
  readonly log: Log;
  /** Told how each append to a file ends, and after how many milliseconds. Must not throw. */
  readonly onAppended?: (outcome: 'stored' | 'failed', durationMs: number) => void;
  /** Longest time in ms that a record of a turn waits for a disk in trouble; 30 s when left out. */
  readonly patienceMs?: number;
}

export interface ConversationFiles {
  create(conversationId: string, path: string, durability: Durability): Promise<ConversationFile>;
  open(conversationId: string, path: string, durability: Durability): Promise<ConversationFile>;
}

export function conversationFiles(options: ConversationFilesOptions): ConversationFiles {
  return {
    create: (conversationId, path, durability) =>
      own(options, { conversationId, path, isNew: true }, (settings) =>
        createRollout(path, { ...settings, durability }),
      ),
    async open(conversationId, path, durability) {
      const file = await own(options, { conversationId, path, isNew: false }, async (settings) => {
        const { writer } = await openRollout(path, recoveredDirectory(options.codexHome), {
          ...settings,
          durability,
        });
        return writer;
      });
      return claimed(file);
    },
  };
}

/** Where bytes are kept that lost their place. */
const recoveredDirectory = (codexHome: string): string => join(codexHome, 'codexd', 'recovered');

interface Owned {
  readonly conversationId: string;
  readonly path: string;
  readonly isNew: boolean;
}

async function own(
  options: ConversationFilesOptions,
  { conversationId, path, isNew }: Owned,
  start: (settings: WriterOptions) => Promise<RolloutWriter>,
): Promise<ConversationFile> {
  const { codexHome, files, health, log, patienceMs } = options;
  const { observer, observe } = lateObserver();
  const onUnavailable = (file: string): void =>
    log.warn({ file }, 'this machine has no flock and no perl: the file is not locked');
  const lock = writerLock({ conversationId, rolloutPath: path, codexHome, files, onUnavailable });
  // Nobody else knows a new file before its first input, and starting a program to lock it takes a while.
  let isLocked = !isNew;
  let descriptor: number | undefined;
  const writer = await start({
    files,
    health,
    ...(patienceMs !== undefined && { patienceMs }),
    recoveredDirectory: recoveredDirectory(codexHome),
    async lock(fd) {
      descriptor = fd;
      if (isLocked) await lock.lockFile(fd);
    },
    onForeign: observer.onForeign,
    onNotice(text) {
      log.warn({ conversationId, path }, text);
      observer.onNotice(text);
    },
  });
  return {
    path,
    get size() {
      return writer.size;
    },
    append: (items, appendOptions) => timed(writer.append(items, appendOptions), options.onAppended),
    flush: () => writer.flush(),
    async claim() {
      if (!isLocked && descriptor !== undefined) await lock.lockFile(descriptor);
      isLocked = true;
      await lock.ensure();
    },
    observe,
    async discard() {
      // The failure that led here is what the caller is told.
      await Promise.allSettled([writer.close(), lock.release()]);
      await Promise.allSettled([files.unlink(path)]);
    },
    async close() {
      try {
        await writer.close();
      } finally {
        await lock.release();
      }
    },
  };
}

/** Without anybody to tell, the promise is passed on as it is. */
function timed(appended: Promise<void>, tell: ConversationFilesOptions['onAppended']): Promise<void> {
  if (!tell) return appended;
  const since = performance.now();
  const told = (outcome: 'stored' | 'failed') => (): void => tell(outcome, performance.now() - since);
  appended.then(told('stored'), told('failed'));
  return appended;
}

async function claimed(file: ConversationFile): Promise<ConversationFile> {
  try {
    await file.claim();
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The file is there before the conversation that is told of it. */
function lateObserver(): { observer: FileObserver; observe(observer: FileObserver): void } {
  const waiting: ((observer: FileObserver) => void)[] = [];
  let present: FileObserver | undefined;
  const tell = (news: (observer: FileObserver) => void): void => {
    if (present) news(present);
    else waiting.push(news);
  };
  return {
    observer: {
      onForeign: (lines) => tell((observer) => observer.onForeign(lines)),
      onNotice: (text) => tell((observer) => observer.onNotice(text)),
    },
    observe(observer) {
      present = observer;
      for (const news of waiting.splice(0)) news(observer);
    },
  };
}
