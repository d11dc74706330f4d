import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crowd } from './cases/crowd.ts';
import { lists } from './cases/lists.ts';
import { resume } from './cases/resume.ts';
import { start } from './cases/start.ts';
import { findContenders } from './lib/contenders.ts';
import { describeMachine } from './lib/machine.ts';
import { type Row, renderTable } from './lib/table.ts';

/**
 * Measures the built daemon beside two releases of Codex, all on the same files, in turn, in one run. A whole run
 * replaces `RESULTS.md`.
 */

const CASES = [start, lists, resume, crowd];
const RESULTS = join(import.meta.dirname, 'RESULTS.md');

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const chosen = CASES.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(`usage: npm run bench -- [--quick] [--only ${CASES.map(({ name }) => name).join('|')}]`);
  process.exit(2);
}

const contenders = chosen.every(({ alone }) => alone) ? [] : await findContenders();
const rows: Row[] = [];
for (const { name, run } of chosen) {
  console.error(`bench: ${name}`);
  rows.push(...(await run(contenders, { quick: values.quick })));
}
const table = renderTable(rows, contenders.length > 0 ? contenders.map(({ name }) => name) : ['codexd']);
const report = `# Results\n\n${await describeMachine()}\n\n${table}\n`;
console.log(report);
if (!values.quick && values.only === undefined) await writeFile(RESULTS, report);
