import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createLineWriter } from '../../src/daemon/line-writer.ts';
import { createLog, type LogOptions } from '../../src/daemon/log.ts';
import { createRedactor } from '../../src/daemon/redact.ts';

function logTo(stream: Writable, options: Partial<LogOptions> = {}) {
  const redactor = createRedactor();
  const writer = createLineWriter(stream);
  const log = createLog({ level: 'info', format: 'json', colour: false, ...options }, redactor, writer);
  return { log, redactor, writer };
}

function openLog(options: Partial<LogOptions> = {}) {
  const stream = new PassThrough({ encoding: 'utf8' });
  const { writer, ...opened } = logTo(stream, options);
  const output = (): string => {
    writer.writeAll();
    return String(stream.read() ?? '');
  };
  return { ...opened, output };
}

const CANARY = 'canary-4711-canary';

describe('the log as JSON', () => {
  test('has one object per line with level, time, pid and message', () => {
    const { log, output } = openLog();
    log.info({ port: 1 }, 'hello');
    log.debug('not shown');
    const lines = output().trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      pid: process.pid,
      port: 1,
      msg: 'hello',
    });
  });

  test.each([
    { req: { headers: { authorization: CANARY, cookie: CANARY, 'sec-websocket-protocol': CANARY } } },
    {
      req: { headers: { 'proxy-authorization': CANARY, 'x-api-key': CANARY, 'chatgpt-account-id': CANARY } },
    },
    { res: { headers: { 'set-cookie': CANARY } } },
    { token: CANARY, apiKey: CANARY, password: CANARY, env: { HOME: CANARY } },
    { auth: { token: CANARY, access_token: CANARY, refreshToken: CANARY, OPENAI_API_KEY: CANARY } },
    { login: { code: CANARY, code_verifier: CANARY, state: CANARY, bootstrap: CANARY } },
    { err: { message: 'x', config: { headers: CANARY }, request: { headers: CANARY } } },
  ])('SEC-RED-1: censors %j by its path', (fields) => {
    const { log, output } = openLog();
    log.info(fields, 'request');
    const line = output();
    expect(line).toContain('[redacted]');
    expect(line).not.toContain(CANARY);
  });

  test('SEC-RED-1: censors registered secrets in messages, fields and stacks', () => {
    const { log, redactor, output } = openLog();
    redactor.register(CANARY);
    log.error({ err: new Error(`no ${CANARY}`), list: [CANARY] }, `sent ${CANARY}`);
    const line = output();
    expect(JSON.parse(line).msg).toBe('sent [redacted]');
    expect(line).not.toContain(CANARY);
  });

  test('SEC-RED-8: escapes what would steer a terminal', () => {
    const { log, output } = openLog();
    const hostile = '\u001b]52;c;x\u0007 \u009b31m \u202etxt.exe \u007f';
    log.info(hostile);
    const line = output();
    expect(JSON.parse(line).msg).toBe(hostile);
    expect(line.trimEnd()).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('the log for people', () => {
  test('shows time, level, message, fields and the stack of an error', () => {
    const { log, output } = openLog({ format: 'pretty' });
    const err = new Error('broken');
    err.stack = 'Error: broken\n    at place';
    log.warn({ err, url: 'http://x/y', text: 'two words', n: 1 }, 'careful');
    expect(output()).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3}Z WARN {2}careful url=http:\/\/x\/y text="two words" n=1\n {4}Error: broken\n {8}at place\n$/,
    );
  });

  test('uses colour only when told to', () => {
    const { log, output } = openLog({ format: 'pretty', colour: true });
    log.error('red');
    expect(output()).toContain('\u001b[31mERROR\u001b[39m red');
  });

  test('SEC-RED-8: shows controls in place of obeying them', () => {
    const { log, output } = openLog({ format: 'pretty' });
    log.info({ file: 'a\u001b[2Jb' }, 'x\u202ey\nz');
    expect(output()).toContain('x\\u{202e}y\\u{a}z');
  });
});

describe('REL-DISK-3: a reader of the log', () => {
  test('that stalls costs no more than a bounded backlog and is told what it missed', async () => {
    let resume = () => {};
    const seen: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(line, _, done) {
        seen.push(String(line));
        if (seen.length === 1) resume = done;
        else done();
      },
    });
    const { log, writer } = logTo(stream);
    for (let line = 0; line < 5_000; line += 1) log.info('x'.repeat(1_000));
    expect(stream.writableLength).toBeLessThan(1.1 * 1024 * 1024);
    resume();
    await writer.flush(1_000);
    log.info('back again');
    writer.writeAll();
    expect(seen.at(-1)).toMatch(/"\d{4} log lines were dropped.*\n.*back again/);
  });

  test('that went away is no error', async () => {
    const stream = new Writable({ write: (_line, _encoding, done) => done(new Error('EPIPE')) });
    const { log, writer } = logTo(stream);
    log.info('one');
    log.info('two');
    await writer.flush(50);
    expect(stream.errored?.message).toBe('EPIPE');
  });
});
