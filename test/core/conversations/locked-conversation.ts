import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import {
  type WriterLock,
  type WriterLockOptions,
  writerLock,
} from '../../../src/core/conversations/writer-lock.ts';
import { lockDescriptor } from '../../../src/core/files/kernel-lock.ts';
import {
  activePath,
  conversationId,
  conversationLines,
  temporaryDirectory,
  writeLines,
} from '../rollout/samples.ts';

export const id = conversationId(1);
export const timestamp = '2025-09-10T10-00-00';

export interface Stored {
  readonly codexHome: string;
  readonly path: string;
  readonly lockPath: string;
}

/** A conversation in a home of its own, which newer command lines have been used in, too, or not. */
export function stored({ commandLines = false } = {}): Stored {
  const codexHome = temporaryDirectory();
  const path = writeLines(activePath(codexHome, timestamp, id), conversationLines(id));
  const directory = join(codexHome, 'thread-writer-locks');
  if (commandLines) mkdirSync(directory);
  return { codexHome, path, lockPath: join(directory, `${id}.lock`) };
}

/** Our own lock of the conversation. */
export function ours({ path, codexHome }: Stored, options: Partial<WriterLockOptions> = {}): WriterLock {
  const lock = writerLock({ conversationId: id, rolloutPath: path, codexHome, ...options });
  onTestFinished(() => lock.release());
  return lock;
}

/** Only Linux tells who has a lock. */
export const refusal = (by: string): string =>
  `conversation ${id} is being written by ${process.platform === 'linux' ? by : 'another process'}`;

export const refused = (by: string) => expect.objectContaining({ fault: 'locked', message: refusal(by) });

/** Whether a program that knows nothing of us could take the lock now. */
export async function isFree(path: string): Promise<boolean> {
  const fd = openSync(path, 'r');
  try {
    return (await lockDescriptor(fd)) === 'locked';
  } finally {
    closeSync(fd);
  }
}
