import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { RpcError } from '../../protocol/errors.ts';
import { type Bucket, createBucket } from './bucket.ts';

/** Bounds on credentials that are not good (SEC-RATE-1). */
export interface FailureLimits {
  /** Failures of one address that are answered at once. */
  readonly burst: number;
  /** Milliseconds until an address regains one. */
  readonly interval: number;
  /** Failures per minute of all addresses together. */
  readonly perMinute: number;
}

export const FAILURE_LIMITS: FailureLimits = { burst: 10, interval: 6_000, perMinute: 60 };

/** Milliseconds between two log lines about one address. */
const LOG_INTERVAL = 10_000;
/** Beyond it the address that was seen first is forgotten; the bound of all together still holds. */
const MAX_ADDRESSES = 1_024;

/** Counts what does not open the doors, and slows down those who keep trying. */
export interface Failures {
  /** @returns what to answer with: the error itself, or that there were too many */
  count(request: IncomingMessage, error: RpcError): RpcError;
  /**
   * Why a good credential is not taken now: the same connection guessed until its address had no guess left. On any
   * other connection it is, so that no program of the machine can lock its user out.
   */
  holdBack(request: IncomingMessage): RpcError | undefined;
}

export interface FailureOptions {
  readonly limits: FailureLimits;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Called each time. */
  readonly onFailure: () => void;
  /** Called at most every ten seconds for one address. */
  readonly onNotable: (address: string, reason: string) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

interface Stranger {
  readonly bucket: Bucket;
  loggedAt: number;
}

export function createFailures(options: FailureOptions): Failures {
  const { limits, addressOf, onFailure, onNotable, now = () => performance.now() } = options;
  const strangers = new Map<string, Stranger>();
  const all = createBucket(limits.perMinute, 60_000 / limits.perMinute, now);
  const guessing = new WeakSet<Socket>();

  function strangerAt(address: string): Stranger {
    const known = strangers.get(address);
    if (known) return known;
    const bucket = createBucket(limits.burst, limits.interval, now);
    const stranger = { bucket, loggedAt: Number.NEGATIVE_INFINITY };
    strangers.set(address, stranger);
    const [first] = strangers.keys();
    if (strangers.size > MAX_ADDRESSES && first !== undefined) strangers.delete(first);
    return stranger;
  }

  function note(address: string, stranger: Stranger, reason: string): void {
    if (now() - stranger.loggedAt < LOG_INTERVAL) return;
    stranger.loggedAt = now();
    onNotable(address, reason);
  }

  return {
    count(request, error) {
      onFailure();
      const address = addressOf(request);
      const stranger = strangerAt(address);
      guessing.add(request.socket);
      note(address, stranger, error.reason);
      if (stranger.bucket.take() && all.take()) return error;
      return tooMany(Math.max(stranger.bucket.wait, all.wait));
    },
    holdBack(request) {
      if (!guessing.has(request.socket)) return undefined;
      const wait = Math.max(strangerAt(addressOf(request)).bucket.wait, all.wait);
      return wait > 0 ? tooMany(wait) : undefined;
    },
  };
}

/** @param wait milliseconds */
function tooMany(wait: number): RpcError {
  return new RpcError('overloaded', 'too many wrong credentials; wait before the next one', {
    reason: 'too_many_failures',
    data: { retryAfter: Math.max(1, Math.ceil(wait / 1_000)) },
  });
}
