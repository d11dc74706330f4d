import { styleText } from 'node:util';
import type { LogLevel } from './log-options.ts';

type Colour = Parameters<typeof styleText>[0];

const LEVELS: Readonly<Record<number, { name: LogLevel; colour: Colour }>> = {
  10: { name: 'trace', colour: 'gray' },
  20: { name: 'debug', colour: 'gray' },
  30: { name: 'info', colour: 'green' },
  40: { name: 'warn', colour: 'yellow' },
  50: { name: 'error', colour: 'red' },
  60: { name: 'fatal', colour: 'magenta' },
};

/**
 * One record of the JSON log for people: time of day (UTC), level, message, fields; the stack of an error on lines of its own.
 *
 * @param line one JSON object; anything else comes back as it is
 */
export function formatPretty(line: string, colour: boolean): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const { level, time, pid: _, msg, err, ...fields } = record;
  const shown = LEVELS[Number(level)] ?? { name: 'info', colour: 'green' };
  const name = shown.name.toUpperCase().padEnd(5);
  const parts = [
    String(time).slice(11, 24),
    colour ? styleText(shown.colour, name, { validateStream: false }) : name,
    printable(String(msg ?? '')),
    ...Object.entries(fields).map(([key, value]) => `${key}=${formatValue(value)}`),
  ];
  return `${parts.filter((part) => part !== '').join(' ')}\n${formatError(err)}`;
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function formatValue(value: unknown): string {
  const text = typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return printable(text ?? String(value));
}

function formatError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const stack = 'stack' in err ? err.stack : 'message' in err ? err.message : undefined;
  if (typeof stack !== 'string') return '';
  return stack
    .split('\n')
    .map((text) => `    ${printable(text)}\n`)
    .join('');
}

/** Controls and bidirectional overrides are shown, not sent to the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`);
}
