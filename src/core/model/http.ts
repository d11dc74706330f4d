import type { Dispatcher } from 'undici';
import { type BodySink, createResponseBody, type ResponseBody } from './response-body.ts';

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long to wait for the status line and headers of the answer. */
  readonly headersTimeoutMs: number;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: ResponseBody;
}

/**
 * Sends a POST and resolves with the answer whatever its status; redirects are answers like any other. Rejects when
 * there is no answer. An abort of the signal closes the connection at once, before and after the answer's headers.
 */
export function post(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpResponse> {
  const { url, headers, body, headersTimeoutMs, signal } = request;
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const handler = exchange(signal, resolve, reject);
  dispatcher.dispatch(
    {
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'POST',
      headers,
      body,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: 0,
    },
    handler,
  );
  return promise;
}

function exchange(
  signal: AbortSignal,
  resolve: (response: HttpResponse) => void,
  reject: (error: Error) => void,
): Dispatcher.DispatchHandler {
  let controller: Dispatcher.DispatchController | undefined;
  let sink: BodySink | undefined;

  function fail(error: Error): void {
    signal.removeEventListener('abort', onAbort);
    sink?.fail(error);
    reject(error);
  }

  function onAbort(): void {
    const error = new Error('the request was aborted', { cause: signal.reason });
    controller?.abort(error);
    fail(error);
  }
  signal.addEventListener('abort', onAbort, { once: true });

  return {
    onRequestStart(started) {
      controller = started;
      if (signal.aborted) started.abort(new Error('the request was aborted'));
    },
    onResponseStart(started, status, headers) {
      if (status < 200) return;
      const body = createResponseBody(started);
      sink = body;
      resolve({ status, headers, body });
    },
    onResponseData: (_, chunk) => sink?.push(chunk),
    onResponseEnd() {
      signal.removeEventListener('abort', onAbort);
      sink?.end();
    },
    onResponseError: (_, error) => fail(error),
  };
}
