// Reading whole files, and unpacking gzip without letting a small file fill the memory.
import { readFileSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { GradwireError } from '@gradwire/tensor';

/** What Node reads in one piece. */
export const FILE_BYTES_MAX = 2 ** 31 - 1;

/** The bytes of a file of at most maxBytes. Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE. */
export function readWhole(path: string, maxBytes = FILE_BYTES_MAX): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > maxBytes) throw tooLarge(path, size, maxBytes);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof GradwireError) throw cause;
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new GradwireError('ERR_DATA_MISSING', `${path}: cannot be read: ${reason}; check the path`, { cause });
  }
}

/** Told by the content, not by the name. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Unpacks at most maxBytes; `over` is the error if there are more. Throws ERR_DATA_CORRUPT for a damaged stream. */
export function unpackGzip(
  bytes: Uint8Array,
  path: string,
  maxBytes: number,
  over: (cause: unknown) => GradwireError,
): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError) throw over(cause); // more than maxOutputLength
    throw damagedGzip(path, cause);
  }
}

export function damagedGzip(path: string, cause: unknown): GradwireError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const what = code === 'Z_BUF_ERROR' ? 'the gzip stream is cut short' : `the gzip stream is damaged (${message})`;
  return corruptFile(path, what, cause);
}

export function corruptFile(path: string, what: string, cause?: unknown): GradwireError {
  return new GradwireError('ERR_DATA_CORRUPT', `${path}: ${what}; fetch the file again`, { cause });
}

export function tooLarge(path: string, bytes: number, maxBytes = FILE_BYTES_MAX): GradwireError {
  return new GradwireError(
    'ERR_DATA_TOO_LARGE',
    `${path}: ${bytes} bytes are over the limit of ${maxBytes}; split the file`,
  );
}
