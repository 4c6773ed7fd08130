import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GradwireError } from '@gradwire/tensor';
import { fetchRest, Interruption, type DownloadProgress } from './fetch-rest.ts';

export interface DownloadOptions {
  readonly url: string;
  /** Where the file goes; folders are made. While incomplete it is `path`.part, from which a later call resumes. */
  readonly path: string;
  /** Hex digest that the complete file must have. */
  readonly sha256: string;
  /** Limit of the file's size; 4 GiB unless told otherwise. */
  readonly bytesMax?: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

const ATTEMPTS_MAX = 4;
const FIRST_DELAY_MS = 200;
const BYTES_MAX = 4 * 2 ** 30;

/**
 * Fetches a file over HTTP and checks its sha256; a right one that is there already is left alone. A broken transfer is
 * resumed where it stopped, three times at most; the finished file appears at `path` in one rename.
 * Throws GradwireError: ERR_DOWNLOAD; ERR_DOWNLOAD_HASH if the digest is wrong (the bytes are deleted);
 * ERR_DOWNLOAD_TOO_LARGE. If `signal` aborts, its reason is thrown. What was received until then stays, to be resumed.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { path, sha256, signal } = options;
  try {
    if (existsSync(path) && (await sha256Of(path)) === sha256) return;
    await mkdir(dirname(path), { recursive: true });
    await fetchWithRetries(`${path}.part`, options);
    await publish(`${path}.part`, options);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof GradwireError) throw cause;
    const what = `${path}: cannot be written: ${(cause as Error).message}; check the folder and the free space`;
    throw new GradwireError('ERR_DOWNLOAD', what, { cause });
  }
}

async function fetchWithRetries(
  part: string,
  { url, bytesMax = BYTES_MAX, onProgress, signal }: DownloadOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchRest({ url, part, bytesMax, onProgress, signal });
    } catch (cause) {
      signal?.throwIfAborted();
      if (!(cause instanceof Interruption)) throw cause;
      if (attempt === ATTEMPTS_MAX) {
        const what = `${url}: ${cause.message}, after ${attempt} attempts; check the network and start again to resume`;
        throw new GradwireError('ERR_DOWNLOAD', what, { cause });
      }
      await delay(FIRST_DELAY_MS * 2 ** (attempt - 1), undefined, signal ? { signal } : {});
    }
  }
}

async function publish(part: string, { url, path, sha256 }: DownloadOptions): Promise<void> {
  const actual = await sha256Of(part);
  if (actual !== sha256) {
    await rm(part);
    const what = `${url}: sha256 is ${actual}, expected ${sha256}; the file was deleted: try again or use another source`;
    throw new GradwireError('ERR_DOWNLOAD_HASH', what);
  }
  await rename(part, path);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
