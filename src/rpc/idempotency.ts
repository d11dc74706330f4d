import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RpcError } from '../protocol/errors.ts';

/** Milliseconds that a key is remembered (public interface, section 4). */
const REMEMBERED_MS = 10 * 60_000;

export interface KeyedCallsBounds {
  readonly calls: number;
  /** Characters of all remembered results as JSON. */
  readonly size: number;
}

const DEFAULT_BOUNDS: KeyedCallsBounds = { calls: 10_000, size: 16 * 1024 * 1024 };

interface Call {
  readonly method: string;
  readonly params: object;
}

/**
 * Keeps on disk what a keyed call needs to stay unique when the process ends. No function waits: what it has written
 * survives the process, however that ends.
 */
export interface CallJournal {
  /** Before the call runs; throws, an `RpcError`, when the key cannot be stored, and then the call does not run. */
  begun(key: string, fingerprint: string): void;
  /** Before anybody gets the answer. */
  finished(key: string, fingerprint: string, result: unknown): void;
  failed(key: string): void;
}

/** A call of an earlier process. Without `outcome` that process ended while the call was running. */
export interface RecordedCall {
  readonly key: string;
  readonly fingerprint: string;
  /** Milliseconds since it was begun, or finished. */
  readonly age: number;
  readonly outcome?: { readonly result: unknown };
}

export interface KeyedCallsOptions {
  readonly bounds?: KeyedCallsBounds;
  /** Milliseconds that never go backwards. */
  readonly now?: () => number;
  /** Nothing outlives the process when left out. */
  readonly journal?: CallJournal;
  /** In the order of their beginning. */
  readonly recorded?: readonly RecordedCall[];
}

interface Remembered {
  readonly fingerprint: string;
  /** Absent when nobody knows how far the call came. */
  readonly answer: Promise<unknown> | undefined;
  readonly since: number;
  size: number;
}

const NO_JOURNAL: CallJournal = { begun() {}, finished() {}, failed() {} };

const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/** Throws `invalidRequest` for what cannot be a key; `field` says where it was given. */
export function checkIdempotencyKey(key: unknown, field: string): string {
  if (IdempotencyKey.safeParse(key).success) return String(key);
  throw new RpcError('invalidRequest', `${field} must be 1 to 255 visible ASCII characters`, {
    reason: 'idempotency_key_malformed',
  });
}

/** The key in the `_meta` of a JSON-RPC request's params. */
export function idempotencyKeyOf(params: unknown): string | undefined {
  const { _meta: meta } = asObject(params);
  const { idempotencyKey: key } = asObject(meta);
  return key === undefined ? undefined : checkIdempotencyKey(key, '_meta.idempotencyKey');
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * Calls by the key that their client gave: the same call again gets the first answer, also while the first one is still
 * running, and after the daemon was started anew. A call that failed has done nothing that a second one would do twice, so
 * it is forgotten.
 */
export class KeyedCalls {
  readonly #bounds: KeyedCallsBounds;
  readonly #now: () => number;
  readonly #journal: CallJournal;
  /** In the order of their beginning. */
  readonly #calls = new Map<string, Remembered>();
  #size = 0;

  constructor(options: KeyedCallsOptions = {}) {
    this.#bounds = options.bounds ?? DEFAULT_BOUNDS;
    this.#now = options.now ?? (() => performance.now());
    this.#journal = options.journal ?? NO_JOURNAL;
    for (const call of options.recorded ?? []) this.#recall(call);
  }

  /** Throws `conflict` when the key belongs to another call, or to one that an earlier process did not finish. */
  run(key: string, call: Call, start: () => unknown): Promise<unknown> {
    this.#forgetOld();
    const fingerprint = fingerprintOf(call);
    const known = this.#calls.get(key);
    if (!known) return this.#start(key, fingerprint, start);
    if (known.fingerprint !== fingerprint) throw reused();
    return known.answer ?? Promise.reject(outcomeUnknown());
  }

  #start(key: string, fingerprint: string, start: () => unknown): Promise<unknown> {
    this.#journal.begun(key, fingerprint);
    const answer = new Promise<unknown>((resolve) => resolve(start())).then(
      (result) => {
        this.#journal.finished(key, fingerprint, result);
        this.#keep(key, call, result);
        return result;
      },
      (error) => {
        this.#journal.failed(key);
        this.#forget(key, call);
        throw error;
      },
    );
    const call: Remembered = { fingerprint, answer, since: this.#now(), size: 0 };
    this.#calls.set(key, call);
    return answer;
  }

  #recall({ key, fingerprint, age, outcome }: RecordedCall): void {
    const answer = outcome && Promise.resolve(outcome.result);
    const call: Remembered = { fingerprint, answer, since: this.#now() - age, size: 0 };
    this.#calls.set(key, call);
    if (outcome) this.#keep(key, call, outcome.result);
  }

  #keep(key: string, call: Remembered, result: unknown): void {
    if (this.#calls.get(key) !== call) return;
    call.size = (JSON.stringify(result) ?? '').length;
    this.#size += call.size;
    this.#forgetOld();
  }

  #forgetOld(): void {
    const since = this.#now() - REMEMBERED_MS;
    for (const [key, call] of this.#calls) {
      const isTooMuch = this.#calls.size > this.#bounds.calls || this.#size > this.#bounds.size;
      if (call.since > since && !isTooMuch) return;
      this.#forget(key, call);
    }
  }

  #forget(key: string, call: Remembered): void {
    if (this.#calls.get(key) !== call) return;
    this.#calls.delete(key);
    this.#size -= call.size;
  }
}

const reused = (): RpcError =>
  new RpcError('conflict', 'the idempotency key was used for another call', {
    reason: 'idempotency_key_reused',
  });

const outcomeUnknown = (): RpcError =>
  new RpcError(
    'conflict',
    'the daemon ended while the call with this idempotency key was running; look whether it was done, ' +
      'and use a new key to do it again',
    { reason: 'idempotency_outcome_unknown' },
  );

/** The params have passed their schema, which orders all but those that came by another way. */
function fingerprintOf({ method, params }: Call): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(`${method} ${JSON.stringify(sorted)}`)
    .digest('base64');
}
