import path from 'node:path';
import pty from '@lydell/node-pty';
import { expect, it, onTestFinished } from 'vitest';
import { callAnswer, functionCall, itemDone, message, textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

it('a person at a terminal is asked after what the model said, and interrupts and leaves with Ctrl-C', {
  timeout: 60_000,
}, async () => {
  const asking = () => {
    const [begin, ...rest] = callAnswer(functionCall('shell', { command: ['touch', 'x'] }));
    return [...(begin ? [begin] : []), itemDone(message('I would like to')), ...rest];
  };
  const place = await createPlace(({ body }) =>
    body.input.at(-1)?.type === 'function_call_output' ? textAnswer('done') : asking(),
  );
  await place.start(['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="read-only"']);
  const terminal = pty.spawn(process.execPath, [CLI, 'chat'], {
    cwd: place.cwd,
    env: { ...process.env, CODEX_HOME: place.home, TERM: 'xterm' },
    cols: 200,
  });
  onTestFinished(() => terminal.kill('SIGKILL'));
  let shown = '';
  const wakes = new Set<() => void>();
  terminal.onData((text) => {
    shown += text;
    for (const wake of wakes) wake();
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  const sees = async (text: string): Promise<void> => {
    while (!shown.includes(text)) {
      await new Promise<void>((resolve) => wakes.add(resolve));
    }
    shown = shown.slice(shown.indexOf(text) + text.length);
  };
  await sees('> ');
  terminal.write('do it\r');
  await sees('I would like to');
  await sees('Run this command?');
  await sees('> ');
  terminal.write('y\r');
  await sees('done');
  await sees('> ');
  terminal.write('again\r');
  await sees('[q]uit');
  terminal.write('\u0003');
  await sees('interrupted');
  await sees('> ');
  terminal.write('\u0003');
  expect(await ended).toBe(130);
  expect(shown).not.toContain('closed');
});
