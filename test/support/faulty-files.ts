import type { FileHandle } from 'node:fs/promises';
import { constants } from 'node:os';
import { type FileSystem, realFileSystem } from '../../src/core/files/file-system.ts';

/** One operation, counted from 1; those on a handle are called `handle.read` and so on. */
export interface Operation {
  readonly index: number;
  readonly name: string;
  /** Of the file, also when the operation names only a descriptor of it. */
  readonly path: string | undefined;
  /** Where a file gets another name. */
  readonly target?: string;
}

/** What becomes of the operations; all of it is asked for each of them, in this order. */
export interface FaultPlan {
  /** Called right before the operation, in the same turn of the event loop as the call. */
  before?(operation: Operation): void;
  /** The code of the error that it fails with instead of being done, such as `ENOSPC`. */
  fail?(operation: Operation): string | undefined;
  /** How many of `length` bytes a `writeSync` or `handle.write` takes; fewer is a short write. */
  shorten?(operation: Operation, length: number): number | undefined;
  /** What an operation that returns a promise waits for before it is done. */
  delay?(operation: Operation): Promise<unknown> | undefined;
  /** Called when it was done, and its result is about to be returned. */
  after?(operation: Operation): void;
}

export interface CountingFiles extends FileSystem {
  /** Everything so far, also what failed. */
  readonly operations: readonly Operation[];
}

type Call = (...args: unknown[]) => unknown;

const OF_DESCRIPTOR: ReadonlySet<string> = new Set([
  'closeSync',
  'fdatasync',
  'fstatSync',
  'fsync',
  'ftruncateSync',
  'readSync',
  'writeSync',
]);
const WRITES: ReadonlySet<string> = new Set(['writeSync', 'handle.write']);
const HANDLE_OPERATIONS: ReadonlySet<string> = new Set([
  'appendFile',
  'chmod',
  'close',
  'datasync',
  'read',
  'readFile',
  'stat',
  'sync',
  'truncate',
  'write',
  'writeFile',
]);

const isCall = (value: unknown): value is Call => typeof value === 'function';
const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** An error like those of the operating system. */
export function systemError(code: string, syscall: string, path?: string): NodeJS.ErrnoException {
  const errno = -((constants.errno as Readonly<Record<string, number>>)[code] ?? 5);
  const message = `${code}: injected, ${syscall}${path === undefined ? '' : ` '${path}'`}`;
  return Object.assign(new Error(message), { code, errno, syscall, ...(path !== undefined && { path }) });
}

/** A file is given back even when closing it fails. */
function failWith(
  failure: Error,
  name: string,
  close: () => unknown,
  delay: Promise<unknown> | undefined,
): Promise<never> {
  const closed = name === 'closeSync' || name === 'handle.close' ? close() : undefined;
  if (name.endsWith('Sync')) throw failure;
  return Promise.all([closed, delay]).then(() => Promise.reject(failure));
}

/** Counts the operations and does to each what the plan says. */
class FaultInjector {
  readonly operations: Operation[] = [];
  readonly #plan: FaultPlan;
  readonly #pathOf = new Map<unknown, string>();

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  around(name: string, call: Call, knownPath?: string): Call {
    return (...args) => {
      const operation = this.#count(name, knownPath ?? this.#path(name, args), args);
      this.#plan.before?.(operation);
      const code = this.#plan.fail?.(operation);
      const failure = code === undefined ? undefined : systemError(code, name, operation.path);
      const delay = name.endsWith('Sync') ? undefined : this.#plan.delay?.(operation);
      if (failure !== undefined) return failWith(failure, name, () => call(...args), delay);
      const given = this.#shortened(operation, args);
      const result = delay === undefined ? call(...given) : delay.then(() => call(...given));
      return this.#finish(operation, result);
    };
  }

  #count(name: string, path: string | undefined, args: readonly unknown[]): Operation {
    const target = /^(rename|link)(Sync)?$/.test(name) ? textOf(args[1]) : undefined;
    const index = this.operations.length + 1;
    const operation = { index, name, path, ...(target !== undefined && { target }) };
    this.operations.push(operation);
    return operation;
  }

  #path(name: string, args: readonly unknown[]): string | undefined {
    return OF_DESCRIPTOR.has(name) ? this.#pathOf.get(args[0]) : textOf(args[0]);
  }

  #shortened(operation: Operation, args: readonly unknown[]): readonly unknown[] {
    if (!WRITES.has(operation.name)) return args;
    const [offset, length] = operation.name === 'writeSync' ? [2, 3] : [1, 2];
    const whole = args[length];
    if (typeof whole !== 'number') return args;
    const taken = this.#plan.shorten?.(operation, whole) ?? whole;
    return args.with(offset, args[offset] ?? 0).with(length, Math.min(whole, taken));
  }

  #finish(operation: Operation, result: unknown): unknown {
    if (isPromise(result)) return result.then((value) => this.#finish(operation, value));
    this.#plan.after?.(operation);
    if (operation.name === 'openSync') this.#pathOf.set(result, operation.path ?? '');
    return operation.name === 'open' ? this.#handle(result as FileHandle, operation.path ?? '') : result;
  }

  #handle(handle: FileHandle, path: string): FileHandle {
    this.#pathOf.set(handle.fd, path);
    return new Proxy(handle, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (!isCall(value)) return value;
        const bound: Call = value.bind(target);
        if (key === Symbol.asyncDispose) return this.around('handle.close', bound, path);
        return typeof key === 'string' && HANDLE_OPERATIONS.has(key)
          ? this.around(`handle.${key}`, bound, path)
          : bound;
      },
    });
  }
}

/** A file system that is the real one, except for what the plan does to it. */
export function countingFiles(plan: FaultPlan = {}, files: FileSystem = realFileSystem): CountingFiles {
  const injector = new FaultInjector(plan);
  const wrapped = Object.entries(files).map(([name, call]): [string, unknown] => [
    name,
    isCall(call) && /^[a-z]/.test(name) ? injector.around(name, call) : call,
  ]);
  return { ...(Object.fromEntries(wrapped) as unknown as FileSystem), operations: injector.operations };
}

/** The operation fails the first time that the condition holds. */
export function once(code: string, holds: (operation: Operation) => boolean): NonNullable<FaultPlan['fail']> {
  let isOver = false;
  return (operation) => {
    if (isOver || !holds(operation)) return undefined;
    isOver = true;
    return code;
  };
}

/** A disk whose trouble the test switches on and off. */
export function switchable(holds: (operation: Operation) => boolean): {
  code: string | undefined;
  readonly fail: NonNullable<FaultPlan['fail']>;
} {
  const trouble: { code: string | undefined; fail: NonNullable<FaultPlan['fail']> } = {
    code: undefined,
    fail: (operation) => (trouble.code !== undefined && holds(operation) ? trouble.code : undefined),
  };
  return trouble;
}
