import type { FileOperations } from './file-operations.ts';
import type { FileOperation, PatchPath } from './operations.ts';
import type { PlannedPatch } from './plan.ts';
import { isSameSnapshot, takeSnapshot } from './snapshot.ts';

/** How it went, in the texts of `patch_apply_end` (protocol-v1, section 12). */
export interface PatchResult {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** The error behind a failure, for the log: `stderr` does not tell it. */
  readonly cause?: unknown;
}

/** An operation that the file system refused; the message names the file as the patch does. */
class OperationError extends Error {}

/**
 * Applies a patch that has been checked. If a file is no longer what it was then, nothing is touched. Each file is
 * written whole; when one of them fails, those before it stay changed and those after it stay as they are.
 */
export async function applyPatch(planned: PlannedPatch, files: FileOperations): Promise<PatchResult> {
  const changed = await findChanged(planned);
  if (changed !== undefined) return failure(`${changed} was changed after the patch was checked`);
  try {
    for (const operation of planned.operations) await perform(operation, files);
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return failure(error.message, error.cause);
  }
  return { success: true, stdout: summarise(planned.operations), stderr: '' };
}

function failure(problem: string, cause?: unknown): PatchResult {
  return { success: false, stdout: '', stderr: `${problem}\n`, ...(cause === undefined ? {} : { cause }) };
}

async function findChanged({ snapshots }: PlannedPatch): Promise<string | undefined> {
  for (const snapshot of snapshots) {
    if (!isSameSnapshot(snapshot, await takeSnapshot(snapshot.path))) return snapshot.path;
  }
  return undefined;
}

async function perform(operation: FileOperation, files: FileOperations): Promise<void> {
  const { file } = operation;
  switch (operation.type) {
    case 'add':
      return writeNew(file, operation.content, files);
    case 'delete':
      return attempt(`Failed to delete file ${file.name}`, () => files.remove(file.path));
    case 'update':
      if (!operation.moveTo) return write(file, operation.content, files);
      await writeNew(operation.moveTo, operation.content, files);
      return attempt(`Failed to remove original ${file.name}`, () => files.remove(file.path));
  }
}

async function writeNew(file: PatchPath, content: string, files: FileOperations): Promise<void> {
  await attempt(`Failed to create parent directories for ${file.name}`, () => files.createParents(file.path));
  await write(file, content, files);
}

function write(file: PatchPath, content: string, files: FileOperations): Promise<void> {
  return attempt(`Failed to write file ${file.name}`, () => files.write(file.path, content));
}

async function attempt(problem: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new OperationError(problem, { cause: error });
  }
}

const SECTIONS = [
  ['A', 'add'],
  ['M', 'update'],
  ['D', 'delete'],
] as const;

function summarise(operations: readonly FileOperation[]): string {
  const lines = SECTIONS.flatMap(([letter, type]) =>
    operations
      .filter((operation) => operation.type === type)
      .map((operation) => `${letter} ${resultName(operation)}\n`),
  );
  return `Success. Updated the following files:\n${lines.join('')}`;
}

function resultName(operation: FileOperation): string {
  return (operation.type === 'update' ? operation.moveTo : undefined)?.name ?? operation.file.name;
}
