import path from 'node:path';
import { DiffError, type DiffFault, diffToRemote } from '../../core/context/git-diff.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import type { Services } from '../services.ts';
import { whileAwaited } from '../while-awaited.ts';

/** Where the message of the reference, which says only that it failed, is not enough. */
const EXPLAINED: ReadonlySet<DiffFault> = new Set(['timeout', 'too_large']);

export function gitHandlers(services: Services): Pick<Handlers, 'gitDiffToRemote'> {
  const { daemonConfig, host, closing } = services;

  return {
    async gitDiffToRemote({ cwd }, context) {
      const signal = whileAwaited(context, closing);
      try {
        if (cwd === '' || cwd.includes('\0')) throw new DiffError('no_repository', 'no name of a folder');
        return await diffToRemote(path.resolve(daemonConfig.cwd, cwd), { host, signal });
      } catch (error) {
        if (!(error instanceof DiffError)) throw error;
        const { fault, message } = error;
        const explanation = EXPLAINED.has(fault) ? `: ${message}` : '';
        throw new RpcError(
          'invalidRequest',
          `failed to compute git diff to remote for cwd: ${quoted(cwd)}${explanation}`,
          { reason: `git_${fault}`, cause: error },
        );
      }
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  "'": "\\'",
  '"': '\\"',
  '\\': '\\\\',
};

/** In quotes, with everything escaped that is not plainly visible, the way the reference prints paths (observed). */
function quoted(text: string): string {
  const escaped = text.replaceAll(
    /[\0\t\n\r'"\\]|(?! )[\p{C}\p{Z}\p{Grapheme_Extend}]/gu,
    (character) => ESCAPES[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return `"${escaped}"`;
}
