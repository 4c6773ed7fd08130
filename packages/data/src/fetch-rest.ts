import { open, rm, stat } from 'node:fs/promises';
import { GradwireError } from '@gradwire/tensor';

export interface DownloadProgress {
  readonly receivedBytes: number;
  /** Size of the file; null if the server does not say. */
  readonly totalBytes: number | null;
}

/** A failure of the transfer that another attempt may mend. */
export class Interruption extends Error {}

interface Transfer {
  readonly url: string;
  readonly part: string;
  readonly bytesMax: number;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const IDLE_MS_MAX = 60_000;

/**
 * One attempt to fetch what the file `part` lacks of `url`: asks for a range from its size on, and starts from zero where
 * the server ignores that. Returns when the server says the file is complete. Throws Interruption if the transfer broke,
 * with `part` holding what came; GradwireError where another attempt is of no use.
 */
export async function fetchRest(transfer: Transfer): Promise<void> {
  const { url, part, signal } = transfer;
  const have = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`no data for ${IDLE_MS_MAX / 1000} s`)), IDLE_MS_MAX);
  try {
    // Without "identity" a server may pack the body, and a range would count other bytes than the file's.
    const headers = { 'accept-encoding': 'identity', ...(have > 0 && { range: `bytes=${have}-` }) };
    const abort = signal ? AbortSignal.any([signal, idle.signal]) : idle.signal;
    const response = await interruptible(fetch(url, { headers, signal: abort }));
    const range = rangeOf(response);
    if (response.status === 416) {
      if (range.total === have) return;
      await rm(part);
      throw new Interruption(`the server has no bytes from ${have} on`);
    }
    if (!response.ok) throw refused(url, response);
    const resumes = response.status === 206 && range.start === have;
    if (response.status === 206 && !resumes) {
      await rm(part);
      throw new Interruption(`the server sent bytes from ${range.start} on where ${have} was asked`);
    }
    await receive(response, resumes ? have : 0, resumes ? range.total : lengthOf(response), transfer, () =>
      timer.refresh(),
    );
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
}

async function receive(
  response: Response,
  start: number,
  total: number | null,
  transfer: Transfer,
  onChunk: () => void,
): Promise<void> {
  const { url, part, bytesMax, onProgress } = transfer;
  if (total !== null && total > bytesMax) throw tooLarge(url, total, bytesMax);
  const reader = response.body?.getReader();
  const file = await open(part, start > 0 ? 'a' : 'w');
  let received = start;
  try {
    while (reader) {
      const { done, value } = await interruptible(reader.read());
      if (done) break;
      onChunk();
      received += value.length;
      if (received > bytesMax) throw tooLarge(url, received, bytesMax);
      await file.writeFile(value);
      onProgress?.({ receivedBytes: received, totalBytes: total });
    }
  } finally {
    await file.close();
  }
  if (total !== null && received !== total) throw new Interruption(`${received} of ${total} bytes came`);
}

/** Makes any failure of the network an Interruption. */
async function interruptible<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Interruption(cause instanceof Error ? `${message} (${cause.message})` : message, { cause: error });
  }
}

/** Start and total of a header such as "bytes 100-199/200" or "bytes *\/200". */
function rangeOf(response: Response): { start: number | null; total: number | null } {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(?:(\d+)|\*)$/.exec(response.headers.get('content-range') ?? '');
  return { start: match?.[1] ? Number(match[1]) : null, total: match?.[2] ? Number(match[2]) : null };
}

function lengthOf(response: Response): number | null {
  const length = response.headers.get('content-length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : null;
}

function refused(url: string, { status, statusText }: Response): Error {
  const what = `the server answered ${status} ${statusText}`.trimEnd();
  if (status >= 500 || status === 408 || status === 429) return new Interruption(what);
  return new GradwireError('ERR_DOWNLOAD', `${url}: ${what}; check the address`);
}

function tooLarge(url: string, bytes: number, bytesMax: number): GradwireError {
  return new GradwireError(
    'ERR_DOWNLOAD_TOO_LARGE',
    `${url}: ${bytes} bytes are over the limit of ${bytesMax}; check the address or raise bytesMax`,
  );
}
