import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { listRollouts } from '../../../src/core/rollout/catalog.ts';
import {
  activePath,
  conversationId,
  conversationLines,
  fileName,
  temporaryDirectory,
  writeLines,
} from './samples.ts';

export const id = conversationId(1);
const timestamp = '2025-09-10T10-00-00';
const name = fileName(timestamp, id);

const MEMORY = '/dev/shm';

export const hasOtherDevice = existsSync(MEMORY) && statSync(MEMORY).dev !== statSync(tmpdir()).dev;

export interface StoredFile {
  readonly codexHome: string;
  readonly active: string;
  readonly archived: string;
  readonly content: Buffer;
}

/** A home with one conversation; `elsewhere` puts the archive on another file system. */
export function storedFile(place: 'sessions' | 'archive', elsewhere = false): StoredFile {
  const codexHome = temporaryDirectory();
  if (elsewhere) {
    const other = mkdtempSync(join(MEMORY, 'codexd-archive-'));
    onTestFinished(() => rmSync(other, { recursive: true, force: true }));
    symlinkSync(other, join(codexHome, 'archived_sessions'));
  }
  const active = activePath(codexHome, timestamp, id);
  const archived = join(codexHome, 'archived_sessions', name);
  const path = writeLines(place === 'sessions' ? active : archived, conversationLines(id));
  return { codexHome, active, archived, content: readFileSync(path) };
}

const places = ({ active, archived }: StoredFile): string[] => [active, archived].filter(existsSync);

/** The file is whole wherever it has a name, and it has one. */
export function expectWhole(stored: StoredFile): void {
  expect(places(stored).length).toBeGreaterThan(0);
  for (const path of places(stored)) expect(readFileSync(path)).toEqual(stored.content);
}

/** One file in one place, and nothing of the move left. */
export function expectOne(stored: StoredFile): string {
  expectWhole(stored);
  expect(places(stored)).toHaveLength(1);
  const [path = ''] = places(stored);
  expect(statSync(path).nlink).toBe(1);
  const hidden = readdirSync(stored.codexHome, { recursive: true, encoding: 'utf8' });
  const elsewhere = existsSync(join(stored.codexHome, 'archived_sessions'))
    ? readdirSync(join(stored.codexHome, 'archived_sessions'))
    : [];
  expect([...hidden, ...elsewhere].filter((entry) => /\.(moving|partial)$/.test(entry))).toEqual([]);
  return path;
}

/** How often the two lists show a conversation. */
export async function timesListed({ codexHome }: StoredFile): Promise<number> {
  const pages = [false, true].map((archived) => listRollouts({ codexHome, pageSize: 9, archived }));
  return (await Promise.all(pages)).flatMap(({ items }) => items).length;
}
