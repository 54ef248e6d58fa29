import { Unreachable } from './api-error.ts';

const certificateCodes = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET_ISSUER))/;

const unconnectedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  timeout: 'no answer in time',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not use TLS, so its address begins with http://',
};

/** Explains why a request to `origin` got no answer. @param error what `fetch` threw, or the body of its answer. */
export function unreachable(error: unknown, origin: string): Unreachable {
  if (error instanceof Unreachable) return error;
  const { code, text } = causeOf(error);
  if (!certificateCodes.test(code)) {
    const mayHaveArrived = !unconnectedCodes.has(code);
    return new Unreachable(reasons[code] ?? (text || code), { cause: error, mayHaveArrived });
  }
  return new Unreachable(
    `The certificate of ${origin} is not trusted: ${text}. If it is your own, add it with NODE_EXTRA_CA_CERTS.`,
    { cause: error, isTransient: false },
  );
}

/** `fetch` says only "fetch failed"; the reason is in the cause. */
function causeOf(error: unknown): { code: string; text: string } {
  if (typeof error !== 'object' || error === null) return { code: '', text: String(error) };
  if ('name' in error && error.name === 'TimeoutError') return { code: 'timeout', text: '' };
  if ('cause' in error && error.cause !== undefined) return causeOf(error.cause);
  // A host name with several addresses: each was tried and failed.
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0)
    return causeOf(error.errors[0]);
  const code = 'code' in error ? String(error.code) : '';
  return { code, text: 'message' in error ? String(error.message) : '' };
}
