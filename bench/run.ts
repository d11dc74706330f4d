import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { archive } from './cases/archive.ts';
import { audience } from './cases/audience.ts';
import { audienceGrowth } from './cases/audience-growth.ts';
import { calls } from './cases/calls.ts';
import { crowd } from './cases/crowd.ts';
import { deltas } from './cases/deltas.ts';
import { floors } from './cases/floors.ts';
import { idleMemory } from './cases/idle-memory.ts';
import { lists } from './cases/lists.ts';
import { loadedGrowth } from './cases/loaded-growth.ts';
import { newConversation } from './cases/new-conversation.ts';
import { oneOff } from './cases/one-off.ts';
import { restCalls } from './cases/rest-calls.ts';
import { resume } from './cases/resume.ts';
import { resumeGrowth } from './cases/resume-growth.ts';
import { start } from './cases/start.ts';
import { storedGrowth } from './cases/stored-growth.ts';
import { turn } from './cases/turn.ts';
import { bare } from './lib/bare.ts';
import { codexd, findContenders } from './lib/contenders.ts';
import { describeMachine } from './lib/machine.ts';
import { type Row, renderTable } from './lib/table.ts';

/**
 * Measures the built daemon beside two releases of Codex and what the web framework can do at all, on the same work, in
 * turn, in one run. A whole run replaces `RESULTS.md`.
 */

const CASES = [
  start,
  calls,
  restCalls,
  newConversation,
  turn,
  deltas,
  audience,
  archive,
  oneOff,
  lists,
  resume,
  idleMemory,
  audienceGrowth,
  storedGrowth,
  loadedGrowth,
  resumeGrowth,
  crowd,
  floors,
];
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
const asked = new Set(rows.flatMap(({ figures }) => Object.keys(figures)));
const columns = [codexd, ...contenders.slice(1), bare]
  .map(({ name }) => name)
  .filter((name) => asked.has(name));
const table = renderTable(rows, columns);
const report = `# Results\n\n${await describeMachine()}\n\n${table}\n`;
console.log(report);
if (!values.quick && values.only === undefined) await writeFile(RESULTS, report);
