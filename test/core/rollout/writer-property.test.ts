import { appendFileSync, existsSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseObject } from '../../../src/core/rollout/line.ts';
import { countingFiles } from '../../support/faulty-files.ts';
import { item, userRecord, userText } from './samples.ts';
import { linesOf, newWriter, type TestWriter } from './writers.ts';

interface Append {
  readonly kind: 'append';
  readonly records: number;
  readonly sync: boolean;
  readonly urgent: boolean;
  readonly wait: boolean;
}

type Step =
  | Append
  | { readonly kind: 'fail'; readonly code: string; readonly after: number; readonly operations: number }
  | { readonly kind: 'remove' }
  | { readonly kind: 'foreign' };

const CODES = ['ENOSPC', 'EIO', 'EROFS', 'EDQUOT', 'EACCES', 'EMFILE', 'EINTR'];

const append: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('append'),
  records: fc.integer({ min: 1, max: 3 }),
  sync: fc.boolean(),
  urgent: fc.boolean(),
  wait: fc.boolean(),
});
const fail: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('fail'),
  code: fc.constantFrom(...CODES),
  after: fc.integer({ min: 0, max: 12 }),
  operations: fc.integer({ min: 1, max: 12 }),
});
const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: append },
    { weight: 3, arbitrary: fail },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'remove' }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'foreign' }) },
  ),
  { minLength: 1, maxLength: 14 },
);

/** A disk that takes writes in pieces, and after some operations fails as many as it is told. */
function troubledDisk() {
  const disk = { code: 'EIO', after: 0, failures: 0, keptPieces: 0 };
  const files = countingFiles({
    shorten: (_operation, length) => Math.ceil(length / 2),
    fail({ name }) {
      if (disk.failures === 0 || disk.after-- > 0) return undefined;
      disk.failures -= 1;
      if (name === 'ftruncateSync' || name === 'fstatSync') disk.keptPieces += 1;
      return disk.code;
    },
  });
  return { disk, files };
}

interface Expected {
  readonly text: string;
  readonly step: Append;
  isRefused: boolean;
}

/** One writer on a troubled disk, and what its file should hold. */
class Trial {
  readonly #disk = troubledDisk();
  readonly #expected: Expected[] = [];
  readonly #running: Promise<void>[] = [];
  #made: TestWriter | undefined;
  #foreign = 0;

  async run(sequence: readonly Step[]): Promise<void> {
    const made = await newWriter({ files: this.#disk.files, syncDelayMs: 1 });
    this.#made = made;
    for (const step of sequence) await this.#take(step, made);
    this.#disk.disk.failures = 0;
    await Promise.all(this.#running);
    await made.writer.close();
  }

  check(): void {
    const { texts, torn } = readableTexts(this.#made?.path ?? '');
    const ours = texts.filter((text) => !text.startsWith('foreign'));
    const present = new Set(ours);
    const due = this.#expected.filter((record) => !this.#mayBeMissing(record) || present.has(record.text));
    expect(ours).toEqual(due.map(({ text }) => text));
    // Where a piece could not be taken back, it may have spoilt what follows it, or be whole.
    if (this.#disk.disk.keptPieces > 0) return;
    expect(torn).toBe(0);
    expect(texts.length - ours.length).toBe(this.#foreign);
    expect(this.#expected.filter((record) => isLie(record, present))).toEqual([]);
  }

  #mayBeMissing({ step, isRefused }: Expected): boolean {
    return step.urgent && isRefused;
  }

  async #take(step: Step, { writer, path }: TestWriter): Promise<void> {
    if (step.kind === 'fail') this.#startTrouble(step);
    else if (step.kind === 'remove') rmSync(path, { force: true });
    else if (step.kind === 'foreign') this.#appendForeign(path);
    else await this.#append(step, writer);
  }

  #startTrouble({ code, after, operations }: Extract<Step, { kind: 'fail' }>): void {
    Object.assign(this.#disk.disk, { code, after, failures: operations });
  }

  #appendForeign(path: string): void {
    if (!existsSync(path)) return;
    this.#foreign += 1;
    appendFileSync(path, `${item(userText(`foreign ${this.#foreign}`))}\n`);
  }

  async #append(step: Append, writer: TestWriter['writer']): Promise<void> {
    const { sync, urgent } = step;
    const first = this.#expected.length;
    const records = Array.from({ length: step.records }, (_, n): Expected => {
      return { text: `record ${first + n}`, step, isRefused: false };
    });
    this.#expected.push(...records);
    const items = records.map(({ text }) => userRecord(text));
    const appended = writer.append(items, { sync, urgent }).catch(() => {
      for (const record of records) record.isRefused = true;
    });
    if (step.wait && this.#disk.disk.failures === 0) await appended;
    else this.#running.push(appended);
  }
}

function readableTexts(path: string): { texts: string[]; torn: number } {
  const lines = linesOf(path);
  const texts = lines.flatMap((line) => {
    const { payload } = parseObject(line) ?? {};
    const content = z.object({ content: z.array(z.object({ text: z.string() })) }).safeParse(payload);
    return content.success ? content.data.content.map(({ text }) => text) : [];
  });
  return { texts, torn: lines.filter((line) => parseObject(line) === undefined).length };
}

/** Somebody was told that it is not stored, and yet it is; after a failed sync that is possible. */
const isLie = ({ step, isRefused, text }: Expected, present: ReadonlySet<string>): boolean =>
  step.urgent && !step.sync && isRefused && present.has(text);

it('leaves in the file what was acknowledged or kept, in order and untorn, whatever the disk and others do', async () => {
  const property = fc.asyncProperty(steps, async (sequence) => {
    const trial = new Trial();
    await trial.run(sequence);
    trial.check();
  });
  await fc.assert(property, { numRuns: Number(process.env.PROPERTY_RUNS ?? 40) });
});
