import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rolloutFaults } from './harness/rollout-faults.ts';
import { recordText, storedMeta, userText } from './harness/stored-conversation.ts';

const before = `${recordText(storedMeta(1))}\n`;
const added = `${recordText(userText('more'))}\n`;

describe('the check of a rollout that was gone on with', () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'codexd-interop-faults-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function faultsOf(after: string): Promise<string[]> {
    const path = join(home, 'rollout.jsonl');
    await writeFile(path, after);
    return rolloutFaults(home, path, Buffer.from(before));
  }

  it('finds nothing wrong with records that were added', async () => {
    expect(await faultsOf(before + added)).toEqual([]);
  });

  it('names what was changed, left out or put twice', async () => {
    expect(await faultsOf(before)).toEqual(['nothing was added']);
    expect(await faultsOf(before.replace('nowhere', 'NOWHERE') + added)).toEqual([
      'what was written before has changed',
    ]);
    expect(await faultsOf(before + before)).toEqual(['there is not one session_meta']);
  });

  it('names lines that are no records, and a last one without an end', async () => {
    expect(await faultsOf(`${before}{"type":"event_msg"}\n${added}torn`)).toEqual([
      'the last line has no end',
      'line 2 is no record',
    ]);
  });

  it('names a second file', async () => {
    await writeFile(join(home, 'other.jsonl'), '');
    expect(await faultsOf(before + added)).toEqual(['there is another file']);
  });
});
