import { align } from './align.ts';
import { isRecord } from './json.ts';

/** Stands for a member or an element that one side does not have. */
export const ABSENT = Symbol('absent');

export interface Difference {
  /** Members by name, elements of lists as `[INDEX LABEL]`, counted in the reference, `[+…]` when only codexd has it. */
  readonly path: string;
  readonly reference: unknown;
  readonly codexd: unknown;
}

/**
 * Compares JSON values. Lists are aligned first, so that one missing element is one difference; a missing member or
 * element is reported as a whole.
 */
export function compare(reference: unknown, codexd: unknown, path = ''): Difference[] {
  if (Array.isArray(reference) && Array.isArray(codexd)) return compareLists(reference, codexd, path);
  if (isRecord(reference) && isRecord(codexd)) {
    const members = new Set([...Object.keys(reference), ...Object.keys(codexd)]);
    return [...members].flatMap((member) =>
      compare(
        memberOf(reference, member),
        memberOf(codexd, member),
        path === '' ? member : `${path}.${member}`,
      ),
    );
  }
  return Object.is(reference, codexd) ? [] : [{ path, reference, codexd }];
}

function memberOf(object: { readonly [member: string]: unknown }, member: string): unknown {
  return object[member] === undefined ? ABSENT : object[member];
}

function compareLists(reference: readonly unknown[], codexd: readonly unknown[], path: string): Difference[] {
  return align(reference.map(labelOf), codexd.map(labelOf)).flatMap(([left, right]) => {
    const index = left ?? `+${right}`;
    const a = left === undefined ? ABSENT : reference[left];
    const b = right === undefined ? ABSENT : codexd[right];
    const label = labelOf(left === undefined ? b : a);
    return compare(a, b, `${path}[${label === '' ? index : `${index} ${label}`}]`);
  });
}

/** What an element is, apart from its details. */
function labelOf(value: unknown): string {
  if (!isRecord(value)) return typeof value === 'string' && value.length <= 40 ? value : '';
  const { method, type, role, call_id: call, payload } = value;
  const inner = isRecord(payload) ? [payload.type, payload.role, payload.call_id] : [];
  return [method, type, role, call, ...inner].filter((part) => typeof part === 'string').join(' ');
}
