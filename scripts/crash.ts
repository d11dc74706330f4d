import { parseArgs } from 'node:util';
import { failOperations } from '../test/support/crash/error-sweep.ts';
import { killAtOperations } from '../test/support/crash/kill-sweep.ts';
import { cutPower } from '../test/support/crash/power-sweep.ts';
import { killAtRandom } from '../test/support/crash/random-kills.ts';
import { killDuringRecovery } from '../test/support/crash/recovery-sweep.ts';

/**
 * Kills the built daemon at random times under load, or, with `--sweep`, at every file operation of a fixed scenario and
 * lets every one of them fail; with `--power`, cuts the power at all moments of that scenario. The seed repeats what is done; when exactly it happens is up to the machine.
 */

const { values } = parseArgs({
  options: {
    iterations: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    sweep: { type: 'boolean', default: false },
    power: { type: 'boolean', default: false },
    step: { type: 'string', default: '1' },
  },
});
const [iterations, seed, step] = [values.iterations, values.seed, values.step].map(Number);
if (!(isCount(iterations) && isCount(step) && Number.isSafeInteger(seed) && seed !== undefined)) {
  console.error(
    'usage: npm run crash -- [--iterations N] [--seed N] | --sweep [--step N] | --power [--step N] [--seed N]',
  );
  process.exit(2);
}

const report = (line: string): void => console.log(line);
const faults = await search(iterations, seed, step);
for (const fault of faults) console.error(fault);
process.exit(faults.length > 0 ? 1 : 0);

function isCount(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function search(count: number, from: number, every: number): Promise<readonly string[]> {
  if (values.power) return losePower(every, from);
  return values.sweep ? sweep(every) : killRandomly(count, from);
}

async function losePower(every: number, from: number): Promise<readonly string[]> {
  console.log(`--power --seed ${from} --step ${every}`);
  const { operations, runs, faults } = await cutPower({ step: every, first: 0, seed: from, report });
  console.log(`${operations} changes and promises of the disk, ${runs} power cuts`);
  return faults;
}

async function sweep(every: number): Promise<readonly string[]> {
  const kills = await killAtOperations({ step: every, first: 0, report });
  const recoveries = await killDuringRecovery({ step: every, first: 0, report });
  const failures = await failOperations({ step: every, first: 0, report });
  const runs = kills.runs + recoveries.runs;
  console.log(`${kills.operations} operations, ${runs} kills, ${failures.runs} failures`);
  return [...kills.faults, ...recoveries.faults, ...failures.faults];
}

async function killRandomly(count: number, from: number): Promise<readonly string[]> {
  console.log(`--seed ${from} --iterations ${count}`);
  const result = await killAtRandom({ iterations: count, seed: from, report });
  if (result.faults.length > 0) console.error(`home, ledgers and log are below ${result.root}`);
  return result.faults;
}
