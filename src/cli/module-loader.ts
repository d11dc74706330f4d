import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import type { CompileCache } from './compile-cache.ts';
import { whileYoungMayGrow } from './young-generation.ts';

interface Loaded {
  readonly exports: unknown;
}

/** A module whose compiled code was not in the cache. */
interface Compiled {
  readonly name: string;
  readonly source: Buffer;
  readonly script: Script;
}

/** What makes a function of the text of a module. */
const HEAD = '(function (exports, require, module, __filename, __dirname) {';

/** After this long a module has been at work, and the functions that it needs for it are compiled. */
const AT_WORK_MS = 1_000;

/**
 * Loads the CommonJS modules of the bundle with what an earlier run has compiled of them. Node's own compile cache
 * keeps what is compiled by loading a module; most functions are compiled when they are first called, which would be
 * the larger part of a start. This one keeps them too, as it is written when the modules have been at work.
 */
export class ModuleLoader {
  readonly #folder: string;
  readonly #cache: CompileCache;
  readonly #requireOther: NodeJS.Require;
  readonly #loaded = new Map<string, Loaded>();
  readonly #requires = new Map<string, NodeJS.Require>();
  readonly #compiled: Compiled[] = [];

  /** @param folder where the bundle lies */
  constructor(folder: string, cache: CompileCache) {
    this.#folder = folder;
    this.#cache = cache;
    this.#requireOther = createRequire(join(folder, 'any.js'));
  }

  /**
   * @param path below the folder of the bundle
   * @returns what the module exports, the same at every call
   * @throws whatever the module throws; the next call tries again
   */
  load(path: string): unknown {
    return this.#load(join(this.#folder, path));
  }

  /** Writes to the cache what has been compiled by now of the modules that were not there; not only at the end, which not every process lives to see. */
  keepCompiled(): void {
    for (const { name, source, script } of this.#compiled.splice(0)) {
      const code = whileYoungMayGrow(false, () => script.createCachedData());
      this.#cache.write(name, source, code);
    }
  }

  #load(file: string): unknown {
    const known = this.#loaded.get(file);
    if (known !== undefined) return known.exports;
    const module: Loaded = { exports: {} };
    this.#loaded.set(file, module);
    try {
      const folder = dirname(file);
      const evaluate = this.#compile(file).runInThisContext();
      evaluate.call(module.exports, module.exports, this.#requireIn(folder), module, file, folder);
    } catch (error) {
      this.#loaded.delete(file);
      throw error;
    }
    return module.exports;
  }

  #compile(file: string): Script {
    const source = readFileSync(file);
    const name = file.slice(this.#folder.length + 1).replaceAll(/[\\/]/g, '-');
    const cachedData = this.#cache.read(name, source);
    const options = { filename: file, columnOffset: -HEAD.length, cachedData };
    const script = whileYoungMayGrow(false, () => new Script(`${HEAD}${source}\n})`, options));
    if (cachedData === undefined || script.cachedDataRejected) this.#keepSoon({ name, source, script });
    return script;
  }

  #keepSoon(compiled: Compiled): void {
    if (this.#compiled.length === 0) setTimeout(() => this.keepCompiled(), AT_WORK_MS).unref();
    this.#compiled.push(compiled);
  }

  /** One for all modules of a folder, which mostly ask for the same ones. */
  #requireIn(folder: string): NodeJS.Require {
    const known = this.#requires.get(folder);
    if (known !== undefined) return known;
    const files = new Map<string, string>();
    const requireAny = (id: string) => {
      if (!id.startsWith('.')) return whileYoungMayGrow(true, () => this.#requireOther(id));
      const file = files.get(id) ?? resolve(folder, id);
      files.set(id, file);
      return this.#load(file);
    };
    const require = Object.assign(requireAny, this.#requireOther);
    this.#requires.set(folder, require);
    return require;
  }
}
