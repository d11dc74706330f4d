import { readFile } from 'node:fs/promises';
import { homeFiles } from './home-files.ts';
import { at } from './json.ts';

/** What is wrong with a rollout that was `before` and has been gone on with; nothing when it was only added to. */
export async function rolloutFaults(home: string, path: string, before: Buffer): Promise<string[]> {
  const after = await readFile(path);
  const lines = after.toString().split('\n');
  const end = lines.pop();
  const records = lines.map(parse);
  const faults: readonly (readonly [boolean, string])[] = [
    [!after.subarray(0, before.length).equals(before), 'what was written before has changed'],
    [after.length <= before.length, 'nothing was added'],
    [end !== '', 'the last line has no end'],
    [records.filter(({ type }) => type === 'session_meta').length !== 1, 'there is not one session_meta'],
    [homeFiles(home).filter((file) => file.path.endsWith('.jsonl')).length !== 1, 'there is another file'],
  ];
  const broken = records.flatMap(({ type }, index) =>
    type === undefined ? [`line ${index + 1} is no record`] : [],
  );
  return [...faults.flatMap(([isSo, fault]) => (isSo ? [fault] : [])), ...broken];
}

function parse(line: string): { type: string | undefined } {
  try {
    const record: unknown = JSON.parse(line);
    const [type, timestamp] = [at(record, 'type'), at(record, 'timestamp')];
    const isRecord =
      typeof type === 'string' && typeof timestamp === 'string' && at(record, 'payload') !== undefined;
    return { type: isRecord ? type : undefined };
  } catch {
    return { type: undefined };
  }
}
