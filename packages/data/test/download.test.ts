import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadFile, type DownloadOptions } from '../src/download.ts';
import { downloadMnist } from '../src/download-mnist.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');

let dir: string;
let path: string;
let server: Server;
let url: string;
/** What the server does with each request in turn; the last one with all further requests. */
let answers: Answer[];
let ranges: (string | undefined)[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gradwire-download-'));
  path = join(dir, 'deep', 'file.bin');
  answers = [withRanges];
  cut = () => {};
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    (answers.length > 1 ? answers.shift()! : answers[0]!)(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(dir, { recursive: true });
});

function withRanges(request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(start);
  const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length, ...(start > 0 && range) }).end(rest);
}

const withoutRanges: Answer = (_, response) =>
  response.writeHead(200, { 'content-length': content.length }).end(content);

/** Closes the connection of a `cutAfter` answer; called as soon as some of its bytes are on the client's disk. */
let cut: () => void = () => {};

/** Announces the whole file but sends only `bytes` of it, and closes the connection once the client has kept some. */
const cutAfter =
  (bytes: number): Answer =>
  (_, response) => {
    cut = () => response.destroy();
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, bytes));
  };

const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end();

const download = (options: Partial<DownloadOptions> = {}) =>
  downloadFile({ url, path, sha256, onProgress: () => cut(), ...options });

describe('downloadFile', () => {
  it('fetches a file into a new folder, tells the progress, and leaves no part behind', async () => {
    const progress: (number | null)[][] = [];
    await download({ onProgress: ({ receivedBytes, totalBytes }) => progress.push([receivedBytes, totalBytes]) });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(progress.at(-1)).toEqual([content.length, content.length]);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('asks for nothing when the right file is there already, and replaces a wrong one', async () => {
    await download();
    await download();
    expect(ranges.length).toBe(1);
    writeFileSync(path, 'something else');
    await download();
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('resumes after a cut with the bytes it lacks', async () => {
    answers = [cutAfter(100_000), withRanges];
    await download();
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(ranges[0]).toBe(undefined);
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('resumes what an earlier call left', async () => {
    await download();
    rmSync(path);
    writeFileSync(`${path}.part`, content.subarray(0, 12_345));
    await download();
    expect(ranges.at(-1)).toBe('bytes=12345-');
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('finishes when the part is complete already', async () => {
    path = join(dir, 'file.bin');
    writeFileSync(`${path}.part`, content);
    await download();
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('starts again when the part is longer than the file', async () => {
    path = join(dir, 'file.bin');
    writeFileSync(`${path}.part`, Buffer.concat([content, content]));
    await download();
    expect(ranges).toEqual([`bytes=${2 * content.length}-`, undefined]);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('starts again from a server that ignores ranges', async () => {
    answers = [cutAfter(100_000), withoutRanges];
    await download();
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('starts again when the server sends another range than was asked', async () => {
    const elsewhere: Answer = (_, response) =>
      response.writeHead(206, { 'content-range': `bytes 5-9/${content.length}` }).end(content.subarray(5, 10));
    answers = [cutAfter(100_000), elsewhere, withRanges];
    await download();
    expect(ranges[2]).toBe(undefined);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('deletes a file whose digest is wrong and says both digests', async () => {
    const expected = '0'.repeat(64);
    await expect(download({ sha256: expected })).rejects.toMatchObject({
      code: 'ERR_DOWNLOAD_HASH',
      message: `${url}: sha256 is ${sha256}, expected ${expected}; the file was deleted: try again or use another source`,
    });
    expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, false]);
  });

  it('gives up at once when there is no such file', async () => {
    answers = [status(404)];
    const message = `${url}: the server answered 404 Not Found; check the address`;
    await expect(download()).rejects.toMatchObject({ code: 'ERR_DOWNLOAD', message });
    expect(ranges.length).toBe(1);
  });

  it('tries again after a failure of the server, but not for ever', async () => {
    answers = [status(503), withRanges];
    await download();
    rmSync(path);
    ranges = [];
    answers = [status(500)];
    await expect(download()).rejects.toMatchObject({
      code: 'ERR_DOWNLOAD',
      message: `${url}: the server answered 500 Internal Server Error, after 4 attempts; check the network and start again to resume`,
    });
    expect(ranges.length).toBe(4);
  });

  it('says why no server can be reached', async () => {
    const unused = createServer();
    await new Promise<void>((listening) => unused.listen(0, '127.0.0.1', listening));
    const { port } = unused.address() as AddressInfo;
    await new Promise((closed) => unused.close(closed));
    await expect(download({ url: `http://127.0.0.1:${port}/` })).rejects.toThrow(/fetch failed \(connect ECONNREFUSED/);
  });

  it('refuses a file over the limit, announced or not', async () => {
    const tooLarge = { code: 'ERR_DOWNLOAD_TOO_LARGE' };
    await expect(download({ bytesMax: 1000 })).rejects.toMatchObject(tooLarge);
    answers = [(_, response) => response.writeHead(200).end(content)]; // chunked: no length
    await expect(download({ bytesMax: 1000 })).rejects.toMatchObject(tooLarge);
    expect(existsSync(path)).toBe(false);
  });

  it('stops when the signal aborts and keeps what came, for the next call', async () => {
    const abort = new AbortController();
    answers = [
      (_, response) =>
        void response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 50_000)),
    ];
    const reason = new Error('the user pressed Ctrl-C');
    await expect(download({ signal: abort.signal, onProgress: () => abort.abort(reason) })).rejects.toBe(reason);
    answers = [withRanges];
    await download();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('says that the folder cannot be written to', async () => {
    writeFileSync(join(dir, 'deep'), 'a file where the folder should be');
    await expect(download()).rejects.toMatchObject({
      code: 'ERR_DOWNLOAD',
      message: expect.stringContaining(`${path}: cannot be`),
    });
  });
});

const mnist = join(process.env['GRADWIRE_DATA'] ?? join(import.meta.dirname, '../../../../shared/data'), 'mnist');

describe('downloadMnist', () => {
  it('refuses files that are not those of MNIST', async () => {
    await expect(downloadMnist(dir, { baseUrl: new URL(url).origin })).rejects.toMatchObject({
      code: 'ERR_DOWNLOAD_HASH',
      message: expect.stringContaining('/train-images-idx3-ubyte.gz: sha256 is'),
    });
  });

  it.skipIf(!existsSync(join(mnist, 'train-images-idx3-ubyte.gz')))(
    'fetches the four files of the real MNIST',
    async () => {
      answers = [(request, response) => response.end(readFileSync(join(mnist, request.url!)))];
      await downloadMnist(dir, { baseUrl: `${new URL(url).origin}/` });
      for (const name of ['train-images-idx3', 'train-labels-idx1', 't10k-images-idx3', 't10k-labels-idx1']) {
        expect(existsSync(join(dir, `${name}-ubyte.gz`))).toBe(true);
      }
    },
  );
});
