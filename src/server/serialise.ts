import { LongResult } from '../rpc/long-result.ts';
import type { Response } from './calls.ts';

/** The JSON text of an answer, or of those to a batch; in pieces if there is a long one. */
export function serialise(answer: Response | readonly Response[]): string | Buffer[] {
  const answers = Array.isArray(answer) ? answer : [answer];
  if (!answers.some(isLong)) return JSON.stringify(answer);
  const pieces = answers.flatMap((each, index) => (index === 0 ? piecesOf(each) : [',', ...piecesOf(each)]));
  const all = Array.isArray(answer) ? ['[', ...pieces, ']'] : pieces;
  return all.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
}

const isLong = ({ result }: Response): boolean => result instanceof LongResult;

function piecesOf(answer: Response): (string | Buffer)[] {
  const { jsonrpc, id, result } = answer;
  if (!(result instanceof LongResult)) return [JSON.stringify(answer)];
  return [`${JSON.stringify({ jsonrpc, id }).slice(0, -1)},"result":`, ...result.pieces, '}'];
}
