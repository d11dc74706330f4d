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

interface Remembered {
  readonly fingerprint: string;
  readonly answer: Promise<unknown>;
  readonly since: number;
  size: number;
}

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
 * running. A call that failed has done nothing that a second one would do twice, so it is forgotten.
 */
export class KeyedCalls {
  readonly #bounds: KeyedCallsBounds;
  readonly #now: () => number;
  /** In the order of their beginning. */
  readonly #calls = new Map<string, Remembered>();
  #size = 0;

  /** `now` gives milliseconds that never go backwards. */
  constructor(bounds: KeyedCallsBounds = DEFAULT_BOUNDS, now: () => number = () => performance.now()) {
    this.#bounds = bounds;
    this.#now = now;
  }

  /** Throws `conflict` when the key belongs to another call. */
  run(key: string, call: Call, start: () => unknown): Promise<unknown> {
    this.#forgetOld();
    const fingerprint = fingerprintOf(call);
    const known = this.#calls.get(key);
    if (!known) return this.#start(key, fingerprint, start);
    if (known.fingerprint === fingerprint) return known.answer;
    throw new RpcError('conflict', 'the idempotency key was used for another call', {
      reason: 'idempotency_key_reused',
    });
  }

  #start(key: string, fingerprint: string, start: () => unknown): Promise<unknown> {
    const answer = new Promise<unknown>((resolve) => resolve(start()));
    const call: Remembered = { fingerprint, answer, since: this.#now(), size: 0 };
    this.#calls.set(key, call);
    answer.then(
      (result) => this.#keep(key, call, result),
      () => this.#forget(key, call),
    );
    return answer;
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

/** The params have passed their schema, which orders all but those that came by another way. */
function fingerprintOf({ method, params }: Call): string {
  const sorted = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(`${method} ${JSON.stringify(sorted)}`)
    .digest('base64');
}
