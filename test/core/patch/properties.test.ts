import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../../src/core/patch/apply.ts';
import { diskOperations } from '../../../src/core/patch/disk-operations.ts';
import { PatchError } from '../../../src/core/patch/errors.ts';
import { parsePatch } from '../../../src/core/patch/parse.ts';
import { planPatch } from '../../../src/core/patch/plan.ts';
import { unifiedDiff } from '../../../src/core/patch/unified-diff.ts';
import { readTree } from './file-tree.ts';
import { patchOf } from './patch-text.ts';
import { applyUnifiedDiff } from './unified-diff-reader.ts';
import { fillFolder, workFolder } from './work-folder.ts';

const disk = diskOperations({ umask: 0o022 });

/** Few different lines, so that the same ones occur in many places, and lines that look like patch syntax. */
const line = fc.constantFrom(
  'a',
  'b',
  'c',
  ' a',
  'a ',
  '',
  '@@',
  '*** End Patch',
  '+a',
  '-b',
  '\u2014x',
  'é\u00a0',
);
const text = fc.array(line, { maxLength: 25 }).map((lines) => lines.map((each) => `${each}\n`).join(''));

/** An update from one text to another, with one chunk for each hunk of their diff. */
function updateLines(before: string, after: string, context: number): string[] {
  const diff = unifiedDiff(before, after, context).split('\n').slice(0, -1);
  return diff.map((each) => (each.startsWith('@@ ') ? '@@' : each));
}

/** The folder's only file after a patch that should turn `before` into something else. */
async function applyUpdate(
  cwd: string,
  before: string,
  lines: readonly string[],
): Promise<string | undefined> {
  fillFolder(cwd, { f: before });
  const result = await applyPatch(await planPatch(patchOf('*** Update File: f', ...lines), cwd), disk);
  expect(result).toEqual({ success: true, stdout: expect.stringContaining('M f\n'), stderr: '' });
  return readTree(cwd).f;
}

describe('random edits', () => {
  test('of a whole file come out as they were meant, whatever its lines', async () => {
    const cwd = workFolder();
    const endsInBlankLine = (content: string) => /(^|\n)\n$/.test(content);
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        fc.pre(before !== after && !endsInBlankLine(before) && !endsInBlankLine(after));
        expect(await applyUpdate(cwd, before, updateLines(before, after, 1_000_000))).toBe(after);
      }),
      { numRuns: 150 },
    );
  });

  test('in many places come out as they were meant, with little context', async () => {
    const cwd = workFolder();
    const kept = fc.integer({ min: 1, max: 6 });
    const change = fc.record({ kept, removed: fc.nat({ max: 2 }), added: fc.nat({ max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), kept, async (changes, context) => {
        const before: string[] = ['first\n'];
        const after: string[] = ['first\n'];
        for (const [i, { kept, removed, added }] of changes.entries()) {
          const named = (what: string, count: number) =>
            Array.from({ length: count }, (_, k) => `${what} ${i} ${k}\n`);
          before.push(...named('kept', kept), ...named('removed', removed));
          after.push(...named('kept', kept), ...named('added', added));
        }
        const [old, changed] = [before.join(''), after.join('')];
        fc.pre(old !== changed);
        expect(await applyUpdate(cwd, old, updateLines(old, changed, context))).toBe(changed);
      }),
      { numRuns: 100 },
    );
  });

  test('give unified diffs that lead from the old text to the new', () => {
    const anyText = fc.tuple(text, fc.constantFrom('', 'last', 'x\ry', 'z\r')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: 0, max: 4 }), (before, after, context) => {
        expect(applyUnifiedDiff(before, unifiedDiff(before, after, context))).toBe(after);
      }),
      { numRuns: 1_000 },
    );
  });

  test('give diffs as short as they can be', () => {
    const short = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n'), { maxLength: 12 });
    fc.assert(
      fc.property(short, short, (before, after) => {
        const diff = unifiedDiff(before.join(''), after.join(''), 0);
        expect(diff.match(/^[+-]/gm)?.length ?? 0).toBe(editDistance(before, after));
      }),
      { numRuns: 500 },
    );
  });
});

describe('a patch is applied whole or not at all', () => {
  const name = fc.constantFrom('f', 'g', 'd/h', './f', 'd/../g', 'new', 'd/e/new', 'd', 'f/x');
  const body = fc.array(
    fc.tuple(fc.constantFrom(' ', '-', '+', ''), line).map((parts) => parts.join('')),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  const chunk = fc
    .tuple(fc.constantFrom('@@', '@@ a', '@@ b'), body, fc.boolean())
    .map(([header, lines, end]) => [header, ...lines, ...(end ? ['*** End of File'] : [])]);
  const hunk = fc.oneof(
    fc
      .tuple(
        name,
        fc.array(
          line.map((each) => `+${each}`),
          { maxLength: 3 },
        ),
      )
      .map(([file, lines]) => [`*** Add File: ${file}`, ...lines]),
    name.map((file) => [`*** Delete File: ${file}`]),
    fc
      .tuple(name, fc.option(name), fc.array(chunk, { minLength: 1, maxLength: 2 }))
      .map(([file, move, chunks]) => [
        `*** Update File: ${file}`,
        ...(move === null ? [] : [`*** Move to: ${move}`]),
        ...chunks.flat(),
      ]),
  );
  const patch = fc.array(hunk, { minLength: 1, maxLength: 3 }).map((hunks) => patchOf(...hunks.flat()));
  const damaged = fc
    .tuple(patch, fc.nat(), fc.nat({ max: 12 }), fc.string({ maxLength: 5 }))
    .map(
      ([whole, at, count, junk]) =>
        whole.slice(0, at % whole.length) + junk + whole.slice((at % whole.length) + count),
    );
  const files = { f: 'a\nb\na\n', g: 'b\n\n a\nc', 'd/h': '' };

  test('and a refusal is always a PatchError that touched no file', async () => {
    const outcomes = { applied: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.oneof(patch, damaged, fc.string()), async (attempt) => {
        const cwd = workFolder(files);
        const before = readTree(cwd);
        const refusal = await planPatch(attempt, cwd).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(readTree(cwd)).toEqual(before);
        if (refusal !== undefined) expect(refusal).toBeInstanceOf(PatchError);
        outcomes[refusal === undefined ? 'applied' : 'refused']++;
      }),
      { numRuns: 250 },
    );
    expect(outcomes.applied).toBeGreaterThan(20);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  test('and one that passed its check leaves every file as planned', async () => {
    await fc.assert(
      fc.asyncProperty(patch, async (attempt) => {
        const cwd = workFolder(files);
        const planned = await planPatch(attempt, cwd).catch(() => undefined);
        fc.pre(planned !== undefined);
        const { success, stderr } = await applyPatch(planned, disk);
        if (!success)
          expect(stderr).toMatch(/^Failed to (write file|create parent directories for) (d|f\/x)\n$/);
        else expect(readTree(cwd)).toEqual(expectedTree(planned.operations));
      }),
      { numRuns: 120 },
    );

    function expectedTree(operations: Awaited<ReturnType<typeof planPatch>>['operations']) {
      const tree: Record<string, string> = { ...files };
      const key = (file: { name: string }) => file.name.replace('d/../', '').replace('./', '');
      for (const operation of operations) {
        if (operation.type === 'delete') delete tree[key(operation.file)];
        else {
          if (operation.type === 'update' && operation.moveTo) delete tree[key(operation.file)];
          const target = operation.type === 'update' ? (operation.moveTo ?? operation.file) : operation.file;
          tree[key(target)] = operation.content;
        }
      }
      const hasNested = Object.keys(tree).some((file) => file.startsWith('d/'));
      return hasNested ? tree : { ...tree, 'd/': '' };
    }
  });
});

test('the parser answers every text with hunks or a PatchError', () => {
  const token = fc.constantFrom(
    '*** Begin Patch\n',
    '*** End Patch',
    '*** Update File: x\n',
    '*** Move to: y\n',
    '@@\n',
    '@@ z\n',
    '+a\n',
    '-b\n',
    ' c\n',
    '\n',
    "<<'EOF'\n",
    'EOF',
    '*** End of File\n',
    '\r',
    '\0',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(token).map((all) => all.join('')),
      ),
      (attempt) => {
        try {
          expect(Array.isArray(parsePatch(attempt))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PatchError);
        }
      },
    ),
    { numRuns: 400 },
  );
});

/** Length of the shortest script of deletions and insertions, by the textbook table. */
function editDistance(before: readonly string[], after: readonly string[]): number {
  let row = Array.from({ length: after.length + 1 }, (_, i) => i);
  for (const [i, old] of before.entries()) {
    const next = [i + 1];
    for (const [j, changed] of after.entries()) {
      const same = old === changed ? (row[j] ?? 0) : Number.POSITIVE_INFINITY;
      next.push(Math.min(same, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
