import type { FileChange, FileChanges } from '../../protocol/vocabulary/event-parts.ts';
import type { FileOperation } from './operations.ts';
import { unifiedDiff } from './unified-diff.ts';

const CONTEXT_LINES = 1;

/**
 * What clients and users are shown before a patch is applied (protocol-v1, section 6, `changes`). Several operations
 * on one file become one change from what it holds now, so that nobody approves less than what will happen.
 */
export function describeChanges(operations: readonly FileOperation[]): FileChanges {
  const changes = new Map<string, FileChange>();
  for (const operation of operations) {
    const earlierMove = movedBefore(operation, operations);
    if (earlierMove) changes.set(earlierMove.path, { add: { content: earlierMove.content } });
    changes.set(operation.file.path, describeChange(operation));
  }
  return Object.fromEntries(changes);
}

function describeChange(operation: FileOperation): FileChange {
  switch (operation.type) {
    case 'add':
      return { add: { content: operation.content } };
    case 'delete':
      return { delete: { content: operation.oldContent } };
    case 'update':
      return {
        update: {
          unified_diff: unifiedDiff(operation.oldContent, operation.content, CONTEXT_LINES),
          move_path: operation.moveTo?.path ?? null,
        },
      };
  }
}

/** The other end of an earlier move away from the operation's path, whose own change would be hidden by this one. */
function movedBefore(
  operation: FileOperation,
  operations: readonly FileOperation[],
): { path: string; content: string } | undefined {
  const earlier = operations.slice(0, operations.indexOf(operation));
  const move = earlier.findLast((other) => other.file.path === operation.file.path);
  if (move?.type !== 'update' || !move.moveTo) return undefined;
  return { path: move.moveTo.path, content: move.content };
}
