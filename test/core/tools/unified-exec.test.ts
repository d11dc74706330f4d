import { describe, expect, test } from 'vitest';
import { createWorkbench, NO_SANDBOX, type Workbench } from './workbench.ts';

interface Result {
  readonly session_id: string | null;
  readonly output: string;
}

async function unified(bench: Workbench, args: object): Promise<Result> {
  return JSON.parse(await bench.call('unified_exec', args));
}

describe('unified_exec', () => {
  test('runs a program without a shell, and answers when it has ended', async () => {
    const bench = await createWorkbench();
    const answer = await bench.call('unified_exec', {
      input: ['printf', '[%s]', '$HOME', 'a b'],
      timeout_ms: 10_000,
    });
    expect(answer).toBe('{"session_id":null,"output":"[$HOME][a b]"}');
    expect(bench.events).toEqual([]);
  });

  test('types the parts of the input joined by spaces, and forgets a session with its end', async () => {
    const bench = await createWorkbench();
    const input = ['sh', '-c', 'read a; echo got $a; read b; echo bye'];
    expect(await unified(bench, { input, timeout_ms: 0 })).toEqual({ session_id: '0', output: '' });
    const typed = await unified(bench, { session_id: '0', input: ['one', 'two\n'], timeout_ms: 1000 });
    expect(typed).toEqual({ session_id: '0', output: 'one two\r\ngot one two\r\n' });
    const last = await unified(bench, { session_id: '0', input: ['\n'], timeout_ms: 10_000 });
    expect(last).toEqual({ session_id: null, output: '\r\nbye\r\n' });
    expect(await bench.call('unified_exec', { session_id: '0', input: [] })).toBe(
      'unified exec failed: Unknown session id 0',
    );
  });

  test('has sessions of its own', async () => {
    const bench = await createWorkbench();
    await bench.call('exec_command', { cmd: 'cat', yield_time_ms: 0 });
    expect(await bench.call('unified_exec', { session_id: '0', input: [] })).toBe(
      'unified exec failed: Unknown session id 0',
    );
    expect(await unified(bench, { session_id: null, input: ['cat'], timeout_ms: 0 })).toMatchObject({
      session_id: '0',
    });
  });

  test.each([
    [{ input: [] }, 'unified exec failed: missing command line for unified exec request'],
    [
      { input: ['no-such-program'] },
      'unified exec failed: Failed to create unified exec session: No such file or directory (os error 2)',
    ],
    [
      { input: [''] },
      'unified exec failed: Failed to create unified exec session: No such file or directory (os error 2)',
    ],
    [{ session_id: 'x', input: [] }, 'invalid session_id: x due to error invalid digit found in string'],
    [
      { session_id: '', input: [] },
      'invalid session_id:  due to error cannot parse integer from empty string',
    ],
    [{ session_id: '-1', input: [] }, 'unified exec failed: Unknown session id -1'],
  ])('says what is wrong with %o', async (args, expected) => {
    const bench = await createWorkbench();
    expect(await bench.call('unified_exec', args)).toBe(expected);
  });

  test.each([
    [{}],
    [{ input: 'ls' }],
    [{ input: ['ls'], timeout_ms: -1 }],
    [{ input: ['ls'], session_id: 5 }],
  ])('does not take %o', async (args) => {
    const bench = await createWorkbench();
    expect(await bench.call('unified_exec', args)).toMatch(/^failed to parse function arguments: /);
  });

  test('waits a minute at most, and says so', async () => {
    const bench = await createWorkbench();
    const { output } = await unified(bench, { input: ['echo', 'hi'], timeout_ms: 90_000 });
    expect(output).toBe(
      'Warning: requested timeout 90000ms exceeds maximum of 60000ms; clamping to 60000ms.\nhi\r\n',
    );
  });

  test('returns 128 KiB at most', async () => {
    const bench = await createWorkbench();
    const { output } = await unified(bench, { input: ['seq', '1', '100000'], timeout_ms: 10_000 });
    expect(Buffer.byteLength(output)).toBeLessThanOrEqual(128 * 1024 + 1);
    expect(output).toMatch(/^1\r\n2\r\n[\s\S]*…139465 tokens truncated…\n[\s\S]*\r\n100000\r\n$/);
  });

  test('obeys the same rules as any command', async () => {
    const bench = await createWorkbench({ status: NO_SANDBOX });
    const policy = { sandboxPolicy: { mode: 'read-only' } } as const;
    expect(await bench.call('unified_exec', { input: ['ls'] }, policy)).toMatch(/^command not run: /);
    const asking = { ...policy, approvalPolicy: 'untrusted' } as const;
    expect(await bench.call('unified_exec', { input: ['ls'] }, asking)).toBe('exec command rejected by user');
    expect(bench.asked).toMatchObject([{ command: ['ls'] }]);
  });
});
