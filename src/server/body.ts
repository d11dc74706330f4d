import { RpcError } from '../protocol/errors.ts';
import { parseJson } from '../rpc/message.ts';

export const MAX_BODY = 1024 * 1024;
/** Of messages that may carry images. */
export const MAX_IMAGE_BODY = 32 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws `RpcError` `parse` for bytes that are no UTF-8, which would otherwise be replaced without a word. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new RpcError('parse', 'the body is not valid UTF-8', { cause });
  }
}

/** No body at all means none given. */
export function parseBody(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : parseJson(decodeUtf8(bytes));
}
