import { createHash } from 'node:crypto';

const SERVER_NAME = /^[a-zA-Z0-9_-]+$/;
const SEPARATOR = '__';
/** The longest name of a function that model providers take. */
const MAX_BYTES = 64;

/** @throws {Error} with what the user is to be told */
export function checkServerName(name: string): void {
  if (SERVER_NAME.test(name)) return;
  throw new Error(`invalid server name '${name}': must match pattern ${SERVER_NAME.source}`);
}

/** The name by which a model calls a tool; one that is too long ends with a hash of it (protocol-v1, section 13). */
export function qualifiedName(server: string, tool: string): string {
  const full = `${server}${SEPARATOR}${tool}`;
  const bytes = Buffer.from(full);
  if (bytes.length <= MAX_BYTES) return full;
  const hash = createHash('sha1').update(bytes).digest('hex');
  return wholeCharacters(bytes.subarray(0, MAX_BYTES - hash.length)) + hash;
}

/** A character that was cut in two is left out. */
function wholeCharacters(bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true });
}
