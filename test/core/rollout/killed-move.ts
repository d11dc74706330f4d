import { type Move, moveFile } from '../../../src/core/rollout/move.ts';
import { numberedFiles } from './numbered-files.ts';

// node killed-move.ts MOVE [OPERATION]: kills itself before that operation; without one prints how many there are
const [, , move = '', operation] = process.argv;

let operations = 0;
const files = numberedFiles((index) => {
  operations = index + 1;
  if (String(index) === operation) process.kill(process.pid, 'SIGKILL');
});
const plan: Move = JSON.parse(move);
await moveFile(plan, files);
console.log(operations);
