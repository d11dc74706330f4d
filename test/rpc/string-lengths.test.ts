import { describe, expect, it } from 'vitest';
import { findLongString, MAX_STRING } from '../../src/rpc/string-lengths.ts';

const long = 'x'.repeat(MAX_STRING + 1);

describe('SEC-IN-10: a text of more than 64 KiB', () => {
  it('is found wherever it stands, by its path', () => {
    expect(findLongString({ cwd: 'x'.repeat(MAX_STRING) })).toBeUndefined();
    expect(findLongString({ cwd: long })).toEqual(['cwd']);
    expect(findLongString({ command: ['ls', long] })).toEqual(['command', '1']);
    expect(findLongString({ config: { a: { b: long } } })).toEqual(['config', 'a', 'b']);
  });

  it('may be what somebody says, an image, or an earlier conversation', () => {
    const items = [
      { type: 'text', data: { text: long } },
      { type: 'image', data: { image_url: long } },
    ];
    expect(findLongString({ items, baseInstructions: long, history: [{ output: long }] })).toBeUndefined();
  });
});
