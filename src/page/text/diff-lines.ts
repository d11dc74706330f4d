export interface DiffLine {
  readonly kind: 'added' | 'removed' | 'same' | 'place' | 'file';
  readonly text: string;
  /** In the file as it was and as it is, where the diff tells. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

const PLACE = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;
const OF_FILE = /^(diff |index |--- |\+\+\+ |(new|deleted|old) (file )?mode |similarity |rename |Binary )/;

/** The lines of a unified diff, also of one without heads, or without numbers. */
export function readDiff(text: string): DiffLine[] {
  let before: number | undefined;
  let after: number | undefined;
  let inHead = true;
  const next = (number: number | undefined): number | undefined =>
    number === undefined ? undefined : number + 1;

  function read(line: string): DiffLine {
    if (line.startsWith('diff ')) inHead = true;
    if (line.startsWith('@@')) {
      inHead = false;
      const [, from, to] = PLACE.exec(line) ?? [];
      before = from === undefined ? undefined : Number(from);
      after = to === undefined ? undefined : Number(to);
      return { kind: 'place', text: line, before: undefined, after: undefined };
    }
    if (inHead && OF_FILE.test(line))
      return { kind: 'file', text: line, before: undefined, after: undefined };
    const numbers = { before, after };
    if (line.startsWith('+')) {
      after = next(after);
      return { kind: 'added', text: line, before: undefined, after: numbers.after };
    }
    before = next(before);
    if (line.startsWith('-'))
      return { kind: 'removed', text: line, before: numbers.before, after: undefined };
    after = next(after);
    return { kind: 'same', text: line, ...numbers };
  }

  return text.replace(/\n$/, '').split('\n').map(read);
}
