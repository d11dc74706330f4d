import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';

const ENTRY = join(import.meta.dirname, 'model-process.ts');

/** Runs the stand-in model during `use`. */
export async function withModel<T>(use: (url: string) => Promise<T>): Promise<T> {
  const { process: child, gone, stop } = await startChild([process.execPath, ENTRY], tmpdir());
  try {
    const failure = gone.then((why) => Promise.reject(why));
    const [line] = await Promise.race([once(child.stdout, 'data'), failure]);
    return await use(String(line).trim());
  } finally {
    await stop();
  }
}

/** Base URL of a model that says its answer in so many pieces. */
export const talkative = (url: string, deltas: number): string => `${url}/deltas/${deltas}`;
