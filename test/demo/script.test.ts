import { describe, expect, it } from 'vitest';
import type { SseEvent } from '../../src/demo/answers.ts';
import type { InputItem, RequestBody } from '../../src/demo/recording.ts';
import { DEMO_NOTICE, demoResponder } from '../../src/demo/script.ts';

const user = (text: string): InputItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});
const output = (text: string): InputItem => ({ type: 'function_call_output', call_id: 'c', output: text });
const result = (text: string, exitCode: number) =>
  output(JSON.stringify({ output: text, metadata: { exit_code: exitCode, duration_seconds: 0.1 } }));

const request = (...input: InputItem[]): { body: RequestBody } => ({
  body: { model: 'demo', instructions: 'Be brief.', input, tools: [] },
});

/** What the demo model says and calls. */
function answer(...input: InputItem[]) {
  const events = [...(demoResponder(request(...input)) as Iterable<SseEvent>)];
  const text = events.filter((e) => e.type === 'response.output_text.delta').map((e) => e.delta);
  const items = events.filter((e) => e.type === 'response.output_item.done').map((e) => e.item as InputItem);
  const call = items.find((item) => item.type === 'function_call');
  return {
    events,
    words: text,
    text: text.join(''),
    items,
    args: call && JSON.parse(String(call.arguments)),
  };
}

describe('the demo model', () => {
  it.each(['hello', 'run: date', 'write a file', 'ask for approval', 'list the files'])(
    'says what it is in answer to "%s", word by word and in the item',
    (prompt) => {
      const { text, words, items } = answer(user(prompt));
      expect(text.startsWith(DEMO_NOTICE)).toBe(true);
      expect(words.length).toBeGreaterThan(5);
      expect(items[0]).toMatchObject({ type: 'message', content: [{ type: 'output_text', text }] });
    },
  );

  it('says what it is also in a summary of tool outputs', () => {
    expect(answer(user('run: ls'), result('', 0)).text).toMatch(
      /^This is the codexd demo model, not a real one\./,
    );
  });

  it('repeats a plain prompt and calls nothing', () => {
    const { text, args } = answer(user('good morning'));
    expect(text).toContain('good morning');
    expect(args).toBeUndefined();
  });

  it('runs exactly the command after "run:", over several lines too', () => {
    expect(answer(user('please run: echo "a b" | wc -l')).args).toEqual({
      command: ['bash', '-lc', 'echo "a b" | wc -l'],
    });
    expect(answer(user('Run: echo patch approval\necho b\n')).args).toEqual({
      command: ['bash', '-lc', 'echo patch approval\necho b'],
    });
  });

  it('lists files when the prompt only speaks of commands', () => {
    for (const prompt of ['list the files', 'try a command', 'run something']) {
      expect(answer(user(prompt)).args).toEqual({ command: ['bash', '-lc', 'ls'] });
    }
  });

  it('proposes a patch', () => {
    for (const prompt of ['make a patch', 'edit this', 'write a file for me']) {
      const { args } = answer(user(prompt));
      expect(args.command[0]).toBe('apply_patch');
      expect(args.command[1]).toMatch(
        /^\*\*\* Begin Patch\n\*\*\* Add File: \S+\n(\+.*\n)+\*\*\* End Patch$/,
      );
    }
  });

  it('asks for approval with a reason, for the command of the prompt if there is one', () => {
    expect(answer(user('ask for approval')).args).toMatchObject({
      with_escalated_permissions: true,
      justification: expect.stringContaining('demo'),
    });
    expect(answer(user('escalate, then run: make install')).args).toMatchObject({
      command: ['bash', '-lc', 'make install'],
      with_escalated_permissions: true,
    });
  });

  it('sums up what the tools answered and calls nothing more', () => {
    const { text, args } = answer(
      user('run: ls'),
      result('a.txt\n', 0),
      output('exec command rejected by user'),
    );
    expect(text).toContain('exit code 0 and printed: a.txt');
    expect(text).toContain('exec command rejected by user');
    expect(args).toBeUndefined();
  });

  it('goes by the message that came after the outputs', () => {
    expect(answer(user('run: ls'), result('', 1), user('good night')).text).toContain('good night');
  });

  it('answers the same request the same way, with ids that differ along the conversation', () => {
    expect(answer(user('run: ls')).events).toEqual(answer(user('run: ls')).events);
    const later = answer(user('hello'), user('run: ls'));
    expect(later.items[1]?.call_id).not.toBe(answer(user('run: ls')).items[1]?.call_id);
  });

  it('counts tokens by length', () => {
    const usage = (...input: InputItem[]) => {
      const { response } = answer(...input).events.at(-1) as SseEvent & {
        response: { usage: Record<string, number> };
      };
      return response.usage;
    };
    const { input_tokens = 0, output_tokens = 0, total_tokens } = usage(user('x'));
    expect(total_tokens).toBe(input_tokens + output_tokens);
    expect(usage(user('x'.repeat(401))).input_tokens).toBe(input_tokens + 100);
  });
});
