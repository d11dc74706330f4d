import { parseArgs } from 'node:util';
import { soak } from '../test/support/soak/soak.ts';

/**
 * Uses the built daemon at random for some minutes and checks that nothing is lost and nothing is left behind. The seed
 * repeats what is done; when exactly it happens is up to the machine.
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (!(seconds > 0 && Number.isSafeInteger(seed))) {
  console.error('usage: npm run soak -- [--seconds N] [--seed N]');
  process.exit(2);
}

console.log(`--seed ${seed} --seconds ${seconds}`);
const { tally, faults, root } = await soak({ seconds, seed, report: (line) => console.log(line) });
const { conversations, turns, interrupts, approvals } = tally;
console.log(
  `${conversations} conversations, ${turns} turns, ${interrupts} interrupts, ${approvals} answered approvals`,
);
for (const fault of faults) console.error(fault);
if (faults.length > 0) console.error(`${faults.length} faults; the home of the daemon is below ${root}`);
process.exit(faults.length > 0 ? 1 : 0);
