import { ALL_CASES } from './cases/all.ts';
import { startDaemon } from './harness/daemon.ts';
import { installReference } from './harness/install.ts';
import { playCase } from './harness/play.ts';
import { referenceAt } from './harness/reference.ts';

// node test/interop/show.ts 'NAME OF A CASE' [codexd]: prints the transcript of the case, of the reference by default
const [name, subject] = process.argv.slice(2);
const play = ALL_CASES.find((entry) => entry.name === name);
const reference = await installReference();
if (!play || 'missing' in reference) {
  console.error(
    play ? reference : `no such case; there are\n${ALL_CASES.map((entry) => entry.name).join('\n')}`,
  );
  process.exit(2);
}
const startReference = referenceAt(reference.binary);
const transcript = await playCase(play, subject === 'codexd' ? startDaemon : startReference, startReference);
console.log(JSON.stringify(transcript, null, 1));
