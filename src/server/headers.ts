import type { IncomingMessage } from 'node:http';

/** Whether a header was sent more than once. Node keeps the first of some and says nothing about the others. */
export function repeatedHeader({ rawHeaders }: IncomingMessage, name: string): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index];
    if (candidate?.length === name.length && candidate.toLowerCase() === name) count += 1;
  }
  return count > 1;
}

export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

const JSON_TYPE = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i;

/** Only JSON is accepted: other types are what web pages can send without asking (security, CSRF). */
export function isJson(request: IncomingMessage): boolean {
  const type = request.headers['content-type'];
  return type !== undefined && JSON_TYPE.test(type.trim()) && !repeatedHeader(request, 'content-type');
}
