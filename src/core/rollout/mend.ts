import type { z } from 'zod';
import { normaliseId } from './path.ts';

type Holder = Record<PropertyKey, unknown>;

const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

/** Parts of a tool's output that are no text are only named: no model that is sent the 0.36 form could read them. */
function outputText(parts: readonly unknown[]): string {
  const texts = parts
    .filter(isHolder)
    .map(({ type, text }) => (typeof text === 'string' ? text : `[${type}]`));
  return texts.join('\n');
}

function spelledId(written: string): string | undefined {
  return normaliseId(written.replace(/^urn:uuid:/, '').replace(/^\{(.*)\}$/, '$1'));
}

function holderOf(root: unknown, path: readonly PropertyKey[]): Holder | undefined {
  let value = root;
  for (const step of path.slice(0, -1)) value = isHolder(value) ? value[step] : undefined;
  return isHolder(value) ? value : undefined;
}

/** @returns whether anything was changed */
function mendMember(holder: Holder, key: PropertyKey): boolean {
  const value = holder[key];
  if (value === null) return delete holder[key];
  if (value === undefined) holder[key] = key === 'aggregated_output' ? '' : null;
  else if (key === 'output' && Array.isArray(value)) holder[key] = outputText(value);
  else if (key === 'id' && typeof value === 'string') holder[key] = spelledId(value);
  else return false;
  return true;
}

function mendIssue(root: unknown, path: readonly PropertyKey[], issue: z.core.$ZodIssue): boolean {
  const fullPath = [...path, ...issue.path];
  if (issue.code === 'invalid_union')
    return issue.errors.flat().reduce((mended, inner) => mendIssue(root, fullPath, inner) || mended, false);
  const holder = holderOf(root, fullPath);
  const key = fullPath.at(-1);
  return holder !== undefined && key !== undefined && mendMember(holder, key);
}

/**
 * Changes a value that did not fit into the form in which we know it: the reference takes null for absent and absent
 * for null, an id in any spelling of a UUID, and later programs write the outputs of tools in parts.
 * @returns whether anything was changed, so that another look at the value is worth it
 */
export function mend(value: unknown, error: z.ZodError): boolean {
  return error.issues.reduce((mended, issue) => mendIssue(value, [], issue) || mended, false);
}
