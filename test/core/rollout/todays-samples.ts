import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'samples');

export const SAMPLES = ['legacy', 'paginated', 'paginated-fork'] as const;
type Sample = (typeof SAMPLES)[number];

/**
 * Files that the app-server of Codex 0.169.0 wrote for a scripted model: the same two turns in both forms, and one turn
 * in a fork. Paths are neutral, the product's own texts are replaced, and turn_context and token usage records left out.
 */
export const samplePath = (name: Sample): string => join(FOLDER, `${name}.jsonl`);

export const sampleLines = (name: Sample): string[] =>
  readFileSync(samplePath(name), 'utf8').trimEnd().split('\n');
