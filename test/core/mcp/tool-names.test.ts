import { expect, test } from 'vitest';
import { checkServerName, qualifiedName } from '../../../src/core/mcp/tool-names.ts';

test('a tool is called by its server and its name, whatever is in the name', () => {
  expect(qualifiedName('tiny', 'weird name!')).toBe('tiny__weird name!');
});

test('64 bytes are not cut', () => {
  expect(qualifiedName('k', 'y'.repeat(61))).toBe(`k__${'y'.repeat(61)}`);
});

// Both hashes were observed in requests of the reference.
test('a longer name is cut and ends with the hash of the whole name', () => {
  expect(qualifiedName('tiny', 'x'.repeat(70))).toBe(
    'tiny__xxxxxxxxxxxxxxxxxxc988c280189409dcfd1e2c815df40bc79eb26e6d',
  );
  expect(qualifiedName('k', 'y'.repeat(62))).toBe(
    'k__yyyyyyyyyyyyyyyyyyyyya761dd93e67f19857edcc282044a418fe3a6630c',
  );
});

test('a character that does not fit whole is left out', () => {
  const name = qualifiedName('k', 'é'.repeat(40));
  expect(name).toMatch(/^k__é{10}[0-9a-f]{40}$/);
});

test.each(['bad name', '', 'é', 'a.b', 'a\n'])('%j is no name for a server', (name) => {
  expect(() => checkServerName(name)).toThrow(
    `invalid server name '${name}': must match pattern ^[a-zA-Z0-9_-]+$`,
  );
});

test('letters, digits, underscores and hyphens make a name for a server', () => {
  expect(() => checkServerName('My_server-2')).not.toThrow();
});
