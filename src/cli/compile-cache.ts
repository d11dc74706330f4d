import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** V8 looks neither at the text that cached code was made of nor at whether it is whole, and crashes on some that is not. */
const HASH = { algorithm: 'sha1', bytes: 20 };

/**
 * Compiled code of earlier runs, a file for each module. It lies beside the code, or, if that is not ours to write, in
 * the user's cache folder; not in the shared folder for temporary files, where others could plant code. Without it
 * a start takes longer, and that is all.
 */
export class CompileCache {
  readonly #folders: readonly string[];

  /** @param codeFolder where the programs lie */
  constructor(codeFolder: string, env: NodeJS.ProcessEnv = process.env) {
    const userCache = env.XDG_CACHE_HOME || join(homedir(), '.cache');
    const folders = [join(codeFolder, '.compile-cache'), join(userCache, 'codexd', 'compile-cache')];
    // V8 refuses what another version has compiled: each keeps its own.
    const version = `${process.version}-${process.arch}`;
    this.#folders = env.NODE_DISABLE_COMPILE_CACHE ? [] : folders.map((folder) => join(folder, version));
  }

  /**
   * @param name of the module, without slashes
   * @param source its text
   * @returns what was written for this name and this text, whole; undefined where nothing was
   */
  read(name: string, source: Buffer): Buffer | undefined {
    for (const folder of this.#folders) {
      const code = readEntry(join(folder, name), source);
      if (code !== undefined) return code;
    }
    return undefined;
  }

  /** Replaces what was written for the name. */
  write(name: string, source: Buffer, code: Buffer): void {
    const entry = Buffer.concat([hash(source, code), code]);
    this.#folders.some((folder) => writeEntry(folder, name, entry));
  }
}

function readEntry(path: string, source: Buffer): Buffer | undefined {
  let entry: Buffer;
  try {
    entry = readFileSync(path);
  } catch {
    return undefined;
  }
  const code = entry.subarray(HASH.bytes);
  return entry.subarray(0, HASH.bytes).equals(hash(source, code)) ? code : undefined;
}

/** @returns whether the folder took it */
function writeEntry(folder: string, name: string, entry: Buffer): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return false;
  }
  const unfinished = join(folder, `${name}.${process.pid}`);
  try {
    writeFileSync(unfinished, entry, { mode: 0o600 });
    renameSync(unfinished, join(folder, name));
    return true;
  } catch {
    remove(unfinished);
    return false;
  }
}

function remove(unfinished: string): void {
  try {
    rmSync(unfinished, { force: true });
  } catch {
    // The next writer of the same number writes over it; a daemon does not end for it.
  }
}

const hash = (source: Buffer, code: Buffer): Buffer =>
  createHash(HASH.algorithm).update(source).update(code).digest();
