import { splitLines } from '../../../src/core/patch/split-lines.ts';

const NO_NEWLINE = '\\ No newline at end of file\n';

/** Applies a unified diff strictly: ranges, context and removed lines must all be right. Throws where they are not. */
export function applyUnifiedDiff(text: string, diff: string): string {
  const old = splitLines(text);
  const result: string[] = [];
  let at = 0;
  let rest = diff;
  while (rest !== '') {
    const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n/.exec(rest);
    if (!header) throw new Error(`no hunk header: ${rest}`);
    rest = rest.slice(header[0].length);
    const oldCount = Number(header[2] ?? 1);
    const newCount = Number(header[4] ?? 1);
    const start = Number(header[1]) - (oldCount === 0 ? 0 : 1);
    result.push(...old.slice(at, start));
    at = start;
    const newStart = Number(header[3]) - (newCount === 0 ? 0 : 1);
    if (newStart !== result.length) throw new Error(`hunk starts at ${newStart}, not ${result.length}`);
    let [oldLeft, newLeft] = [oldCount, newCount];
    while (oldLeft > 0 || newLeft > 0) {
      const sign = rest[0];
      const { line, length } = takeLine(rest.slice(1));
      rest = rest.slice(1 + length);
      if (sign !== '+') {
        if (old[at++] !== line) throw new Error(`old line ${at} is not ${JSON.stringify(line)}`);
        oldLeft--;
      }
      if (sign !== '-') {
        result.push(line);
        newLeft--;
      }
    }
  }
  return [...result, ...old.slice(at)].join('');
}

function takeLine(text: string): { line: string; length: number } {
  const [first = ''] = splitLines(text);
  const isLast = text.slice(first.length).startsWith(NO_NEWLINE);
  return {
    line: isLast ? first.slice(0, -1) : first,
    length: first.length + (isLast ? NO_NEWLINE.length : 0),
  };
}
