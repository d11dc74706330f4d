import { type Logger, pino } from 'pino';
import type { LineWriter } from './line-writer.ts';
import type { LogFormat, LogLevel } from './log-options.ts';
import { formatPretty } from './pretty.ts';
import { CENSOR, type Redactor } from './redact.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly colour: boolean;
}

const HEADERS = [
  'authorization',
  'cookie',
  '["sec-websocket-protocol"]',
  '["proxy-authorization"]',
  '["x-api-key"]',
  '["chatgpt-account-id"]',
];

const CREDENTIALS = [
  'token',
  'tokens',
  'access_token',
  'refresh_token',
  'id_token',
  'accessToken',
  'refreshToken',
  'idToken',
  'apiKey',
  'api_key',
  'OPENAI_API_KEY',
  'password',
  'secret',
  'client_secret',
  'code_verifier',
  'bootstrap',
  'authorization',
  'cookie',
  'env',
];

/** security requirement SEC-RED-1. `code` and `state` at the top level are words of every day and stay. */
const REDACTED_PATHS = [
  ...HEADERS.map((name) => (name.startsWith('[') ? `req.headers${name}` : `req.headers.${name}`)),
  'res.headers["set-cookie"]',
  ...CREDENTIALS.flatMap((name) => [name, `*.${name}`]),
  '*.code',
  '*.state',
  'err.config.headers',
  'err.request.headers',
  'err.response.headers',
];

/** Makes pino set `lastLevel` before it writes. */
const WITH_LEVEL = Symbol.for('pino.metadata');
/** From a warning on, a line may be the last one that gets written. */
const URGENT = 40;

/** Paths of known fields are censored by pino; what is left in free text, by value, on the finished line. */
export function createLog(options: LogOptions, redactor: Redactor, writer: LineWriter): Logger {
  const format = (line: string) => (options.format === 'json' ? line : formatPretty(line, options.colour));
  let lost = 0;
  const destination = {
    [WITH_LEVEL]: true,
    lastLevel: 0,
    write(line: string) {
      const text = format(escapeControls(redactor.redact(line)));
      const urgent = destination.lastLevel >= URGENT;
      const accepted = writer.write(lost === 0 ? text : `${format(lostRecord(lost))}${text}`, urgent);
      lost = accepted ? 0 : lost + 1;
    },
  };
  return pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: createTimestamp(),
      redact: { paths: REDACTED_PATHS, censor: CENSOR },
    },
    destination,
  );
}

/** ISO 8601. Of what is written down most stays as it is for a second. */
function createTimestamp(): () => string {
  let second = Number.NaN;
  let start = '';
  return () => {
    const now = Date.now();
    const milliseconds = now % 1_000;
    if (now - milliseconds !== second) {
      second = now - milliseconds;
      start = new Date(second).toISOString().slice(0, -4);
    }
    return `,"time":"${start}${String(milliseconds).padStart(3, '0')}Z"`;
  };
}

/** Stands before the first line that got through again. */
function lostRecord(count: number): string {
  const msg = `${count} log lines were dropped, because nobody read them`;
  return `${JSON.stringify({ level: 40, time: new Date().toISOString(), pid: process.pid, msg })}\n`;
}

/**
 * C1 controls and bidirectional overrides as JSON escapes; JSON itself escapes C0. A file name in the log can so
 * neither move the cursor of a terminal nor turn its text around.
 */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
