import { type MethodName, type Result, registry } from '../protocol/registry.ts';

/** A list in a message that is JSON text already. */
export interface TextList {
  /** The member that holds it. */
  readonly name: string;
  /** With a comma between each two, the members of the list. */
  readonly texts: readonly Buffer[];
}

/**
 * The JSON text, in pieces, of a value in which the list is empty, with the list filled in.
 * @throws when the value has no such list
 */
export function fillList(value: object, { name, texts }: TextList): Buffer[] {
  const text = JSON.stringify(value);
  // Inside of a string the quotes would be escaped.
  const empty = `${JSON.stringify(name)}:[]`;
  const at = text.indexOf(empty) + empty.length - 1;
  if (at < empty.length - 1) throw new Error(`there is no empty list \`${name}\``);
  const members = texts.flatMap((each, index) => (index === 0 ? [each] : [COMMA, each]));
  return [Buffer.from(text.slice(0, at)), ...members, Buffer.from(text.slice(at))];
}

const COMMA = Buffer.from(',');

/** A result too long to be checked, copied and serialised for every client: its list has been checked and is text. */
export class LongResult {
  /** The result with an empty list. */
  readonly value: object;
  /** Its JSON text, in pieces. */
  readonly pieces: readonly Buffer[];

  constructor(value: object, list: TextList) {
    this.value = value;
    this.pieces = fillList(value, list);
  }
}

/** The result of that method: `value` and the list. */
export function longResult<N extends MethodName, L extends keyof Result<N> & string>(
  method: N,
  value: Omit<Result<N>, L>,
  list: TextList & { readonly name: L },
): LongResult {
  const checked = registry.get(method)?.result.parse({ ...value, [list.name]: [] }) as object;
  return new LongResult(checked, list);
}
