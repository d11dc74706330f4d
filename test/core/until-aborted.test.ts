import { expect, test } from 'vitest';
import { untilAborted } from '../../src/core/until-aborted.ts';

const never = new Promise<never>(() => {});

test('what is done in time gives its value, and is left alone by a later abort', async () => {
  const outer = new AbortController();
  let inner: AbortSignal | undefined;
  const value = await untilAborted(outer.signal, async (own) => {
    inner = own;
    return 5;
  });
  outer.abort();
  expect(value).toBe(5);
  expect(inner?.aborted).toBe(false);
});

test('an abort gives its reason at once and reaches what runs', async () => {
  const outer = new AbortController();
  let inner: AbortSignal | undefined;
  const run = untilAborted(outer.signal, (own) => {
    inner = own;
    return never;
  });
  outer.abort('enough');
  await expect(run).rejects.toBe('enough');
  expect(inner?.aborted).toBe(true);
});

test('after an abort nothing is started', async () => {
  const run = untilAborted(AbortSignal.abort('enough'), () => {
    throw new Error('started');
  });
  await expect(run).rejects.toBe('enough');
});

test('a failure is passed on', async () => {
  const failing = async () => {
    throw new Error('no');
  };
  await expect(untilAborted(new AbortController().signal, failing)).rejects.toThrow('no');
});
