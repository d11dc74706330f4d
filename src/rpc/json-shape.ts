export interface ShapeLimits {
  readonly depth: number;
  /** Members of one object. */
  readonly members: number;
  /** Elements of one list. */
  readonly elements: number;
}

export type ShapeProblem = 'too_deep' | 'too_many_members' | 'too_many_elements';

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const COMMA = ','.charCodeAt(0);
const [OPENS_LIST, CLOSES_LIST, OPENS_OBJECT, CLOSES_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

interface Container {
  readonly isList: boolean;
  commas: number;
}

/**
 * What is hostile about the shape of a JSON text. Looks at the text, because parsing a million levels takes most of a
 * second, and many a recursive reader of the value overflows the stack. Need not be valid JSON.
 */
export function findShapeProblem(text: string, limits: ShapeLimits): ShapeProblem | undefined {
  const open: Container[] = [];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === OPENS_LIST || code === OPENS_OBJECT)
      open.push({ isList: code === OPENS_LIST, commas: 0 });
    else if (code === CLOSES_LIST || code === CLOSES_OBJECT) open.pop();
    else if (code !== COMMA) continue;
    const problem =
      open.length > limits.depth ? 'too_deep' : code === COMMA && countComma(open.at(-1), limits);
    if (problem) return problem;
  }
  return undefined;
}

function countComma(container: Container | undefined, limits: ShapeLimits): ShapeProblem | undefined {
  if (!container) return undefined;
  container.commas += 1;
  const entries = container.commas + 1;
  if (container.isList) return entries > limits.elements ? 'too_many_elements' : undefined;
  return entries > limits.members ? 'too_many_members' : undefined;
}

/** Index of the closing quote, or past the end. `indexOf` passes megabytes of text in a moment. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}
