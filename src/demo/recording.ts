import type { IncomingHttpHeaders } from 'node:http';

/** One entry of a request's `input` list. */
export type InputItem = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Body of `POST /responses`: the members every request has; the rest is reached by name. */
export interface RequestBody {
  readonly model: string;
  readonly instructions: string;
  readonly input: readonly InputItem[];
  readonly tools: readonly InputItem[];
  readonly [member: string]: unknown;
}

/** A request that the model server has read completely. */
export interface RecordedRequest {
  /** 0 for the first request. */
  readonly index: number;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: RequestBody;
  /** Whether the client closed the connection before the answer was complete. */
  readonly closedEarly: boolean;
  /** Settles when the answer is complete or the connection is gone, with the final `closedEarly`. */
  readonly closed: Promise<boolean>;
}

interface Waiter {
  readonly count: number;
  resolve(): void;
  reject(reason: Error): void;
}

/** Requests in order of arrival, and promises for those to come. */
export interface Recording {
  readonly requests: readonly RecordedRequest[];
  /** How many have come, kept or not. */
  readonly received: number;
  add(request: RecordedRequest): void;
  waitForRequests(count: number): Promise<readonly RecordedRequest[]>;
  nextRequest(): Promise<RecordedRequest>;
  /** Rejects everything that still waits. */
  close(): void;
}

export function createRecording({ keepsRequests }: { keepsRequests: boolean }): Recording {
  const requests: RecordedRequest[] = [];
  let waiters: Waiter[] = [];
  let taken = 0;
  let received = 0;

  const arrived = (count: number) =>
    new Promise<void>((resolve, reject) => {
      if (requests.length >= count) resolve();
      else waiters.push({ count, resolve, reject });
    });

  return {
    requests,
    get received() {
      return received;
    },
    add(request) {
      received += 1;
      if (!keepsRequests) return;
      requests.push(request);
      for (const waiter of waiters) if (requests.length >= waiter.count) waiter.resolve();
      waiters = waiters.filter((waiter) => requests.length < waiter.count);
    },
    async waitForRequests(count) {
      await arrived(count);
      return requests.slice(0, count);
    },
    async nextRequest() {
      const index = taken++;
      await arrived(index + 1);
      const request = requests[index];
      if (!request) throw new Error(`request ${index} was not recorded`);
      return request;
    },
    close() {
      for (const { count, reject } of waiters.splice(0)) {
        reject(new Error(`the model server was closed before request ${count - 1} came`));
      }
    },
  };
}
