import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { describeSystemError, hasCode } from './system-error.ts';
import { type ConfigTable, toConfigTable } from './table.ts';

/**
 * `unreadable`: the file cannot be read; `syntax`: it is not TOML; `type`: a key holds the wrong kind of value;
 * `value`: the values are well-formed but cannot be used; `conflict`: others keep changing the file.
 */
export type ConfigErrorKind = 'unreadable' | 'syntax' | 'type' | 'value' | 'conflict';

export interface ConfigErrorOptions {
  /** Dotted key at fault. */
  key?: string;
  /** 1-based place in the file. */
  line?: number;
  column?: number;
  cause?: unknown;
}

/** Settings that cannot be used. The message goes to clients, so it quotes no line of the file: it may hold a key. */
export class ConfigError extends Error {
  readonly kind: ConfigErrorKind;
  readonly key: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(kind: ConfigErrorKind, message: string, options: ConfigErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConfigError';
    this.kind = kind;
    this.key = options.key;
    this.line = options.line;
    this.column = options.column;
  }

  /** The message as methods that read the file alone give it (protocol-v1, section 19.2). */
  get fileMessage(): string {
    const loaded = this.kind === 'type' || this.kind === 'value';
    return `failed to ${loaded ? 'parse' : 'load'} config.toml: ${this.message}`;
  }
}

/** Reads `config.toml`; a missing file is an empty one. Throws `ConfigError` of kind `unreadable` or `syntax`. */
export async function loadConfig(codexHome: string): Promise<ConfigTable> {
  const file = path.join(codexHome, 'config.toml');
  const source = readAtOnce(file) ?? (await readSource(file, realFileSystem));
  return source === undefined ? {} : parseConfig(decode(source.bytes, file), file);
}

/** `file` is named in the error. */
export function parseConfig(text: string, file: string): ConfigTable {
  try {
    return toConfigTable(parse(text, { integersAsBigInt: 'asNeeded' }));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const message = `TOML parse error at line ${line}, column ${column} of ${file}: ${reasonOf(error)}`;
    // No cause: the parser's error quotes the lines around the fault, secrets included.
    throw new ConfigError('syntax', message, { line, column });
  }
}

export interface Source {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** Larger ones are not worth that everybody waits for them. */
const MAX_BYTES_AT_ONCE = 64 * 1024;

/**
 * What a file of the usual size holds, without the thread pool, which takes ten times as long as the reading itself.
 * `undefined` when it is larger, or when there is anything the matter with it: whoever tries again finds out.
 */
function readAtOnce(file: string): Pick<Source, 'bytes'> | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_BYTES_AT_ONCE) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return readSync(fd, bytes) === stats.size ? { bytes } : undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** What the file holds; `undefined` when there is none. Throws `ConfigError` of kind `unreadable`. */
export async function readSource(file: string, files: FileSystem): Promise<Source | undefined> {
  try {
    // A pipe in place of the file must not make us wait.
    await using handle = await files.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode } = await handle.stat();
    return { bytes: await handle.readFile(), mode: mode & 0o7777 };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new ConfigError('unreadable', `${file}: ${describeSystemError(error)}`, { cause: error });
  }
}

/** Text of the bytes, without a byte order mark. Throws `ConfigError` of kind `unreadable`. */
export function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError('unreadable', `${file}: stream did not contain valid UTF-8`);
  }
}

function reasonOf(error: TomlError): string {
  const [summary = ''] = error.message.split('\n');
  return summary.replace('Invalid TOML document: ', '');
}
