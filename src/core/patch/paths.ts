import { isWithin } from '../sandbox/containment.ts';
import type { WritableRoot } from '../sandbox/policy.ts';
import type { FileOperation } from './operations.ts';
import type { PlannedPatch } from './plan.ts';
import { resolveEntry, resolveTarget } from './resolve-path.ts';

/**
 * The absolute paths of a patch, as clients see them, that are not in a writable place once links are followed: what
 * the approval policies ask about (protocol-v1, section 7).
 */
export async function writesOutside(
  { operations }: PlannedPatch,
  roots: readonly WritableRoot[],
): Promise<string[]> {
  const outside = new Set<string>();
  for (const { path, place } of operations.flatMap(touchedPlaces)) {
    const target = await place().catch(() => undefined);
    if (target === undefined || !roots.some((root) => isWritable(target, root))) outside.add(path);
  }
  return [...outside];
}

function isWritable(target: string, { root, readOnlyBelow }: WritableRoot): boolean {
  return isWithin(root, target) && !readOnlyBelow.some((place) => isWithin(place, target));
}

interface TouchedPlace {
  /** As clients see it. */
  readonly path: string;
  /** Where the operation really changes something. Rejects when the links lead nowhere definite. */
  readonly place: () => Promise<string>;
}

function touchedPlaces(operation: FileOperation): TouchedPlace[] {
  const { path } = operation.file;
  if (operation.type === 'delete') return [removed(path)];
  if (operation.type === 'update' && operation.moveTo) return [removed(path), written(operation.moveTo.path)];
  return [written(path)];
}

function written(path: string): TouchedPlace {
  return { path, place: () => resolveTarget(path) };
}

function removed(path: string): TouchedPlace {
  return { path, place: () => resolveEntry(path) };
}
