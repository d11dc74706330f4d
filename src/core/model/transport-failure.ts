/** Why there was no answer at all, as far as that helps whoever has to mend it. */
export interface TransportFailure {
  readonly kind: 'dns' | 'tls' | 'proxy';
  readonly message: string;
}

const DNS_CODES = /^(ENOTFOUND|EAI_[A-Z]+|ENODATA|ESERVFAIL)$/;
/** Those of OpenSSL's certificate checks have no common beginning (X509_V_ERR_…, without that). */
const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$)/;
/** What undici says of a tunnel that a proxy refuses. */
const PROXY_REFUSAL = /Proxy response \((\d{3})\)/;

/** @returns `undefined` for a connection that was refused, reset or timed out, which the address alone explains */
export function transportFailure(error: unknown): TransportFailure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const failure = failureOf(cause);
    if (failure) return failure;
  }
  return undefined;
}

function failureOf(error: Error): TransportFailure | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  const status = PROXY_REFUSAL.exec(error.message)?.[1];
  if (status !== undefined) return { kind: 'proxy', message: `the proxy refuses with ${status}` };
  if (DNS_CODES.test(code)) return { kind: 'dns', message: `its name cannot be resolved (${code})` };
  if (TLS_CODES.test(code)) return { kind: 'tls', message: `no secure connection (${code})` };
  return undefined;
}
