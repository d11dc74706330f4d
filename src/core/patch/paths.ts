import path from 'node:path';
import type { FileOperation } from './operations.ts';
import type { PlannedPatch } from './plan.ts';
import { resolveEntry, resolveTarget } from './resolve-path.ts';

/**
 * The absolute paths of a patch, as clients see them, that are outside all writable roots or inside a protected place
 * once links are followed: what the approval policies ask about (protocol-v1, section 7).
 * @param roots absolute directories
 * @param protectedPaths absolute; not to be written although inside a root, such as a root's `.git`
 */
export async function writesOutside(
  { operations }: PlannedPatch,
  roots: readonly string[],
  protectedPaths: readonly string[] = [],
): Promise<string[]> {
  const writable = await Promise.all(roots.map((root) => resolveTarget(root)));
  const kept = await Promise.all(protectedPaths.map((place) => resolveTarget(place)));
  const outside = new Set<string>();
  for (const { path: file, place } of operations.flatMap(touchedPlaces)) {
    const target = await place().catch(() => undefined);
    const allowed =
      target !== undefined &&
      writable.some((root) => isInside(target, root)) &&
      !kept.some((root) => isInside(target, root));
    if (!allowed) outside.add(file);
  }
  return [...outside];
}

interface TouchedPlace {
  readonly path: string;
  /** Where the operation really changes something. Rejects when the links lead nowhere definite. */
  readonly place: () => Promise<string>;
}

function touchedPlaces(operation: FileOperation): TouchedPlace[] {
  const written = (file: string) => ({ path: file, place: () => resolveTarget(file) });
  const removed = (file: string) => ({ path: file, place: () => resolveEntry(file) });
  const { path: file } = operation.file;
  if (operation.type === 'delete') return [removed(file)];
  if (operation.type === 'update' && operation.moveTo) return [removed(file), written(operation.moveTo.path)];
  return [written(file)];
}

function isInside(file: string, directory: string): boolean {
  const relative = path.relative(directory, file);
  return relative !== '..' && !relative.startsWith('../');
}
