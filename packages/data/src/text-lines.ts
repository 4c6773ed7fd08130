// Text files of data sets: found in a folder or in its subfolder, plain or gzipped, read line by line.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import { corruptFile, isGzip, readWhole, tooLarge, unpackGzip } from './read-file.ts';

/** Far above any of the sets read so; keeps a small gzip stream from filling the memory. */
const TEXT_BYTES_MAX = 2 ** 28;

/** The folder that was given, else the one that GRADWIRE_DATA names. Throws ERR_DATA_MISSING without both. */
export function dataFolder(reader: string, dir: string | undefined = process.env['GRADWIRE_DATA']): string {
  if (dir) return dir;
  throw new GradwireError(
    'ERR_DATA_MISSING',
    `${reader}: no folder given; pass the one with the files or set GRADWIRE_DATA`,
  );
}

/** The path of `name` or `name`.gz in `dir`, in `dir`/`subfolder`, or in `within` of one of them. Throws ERR_DATA_MISSING. */
export function findFile(dir: string, subfolder: string, name: string, within = ''): string {
  for (const folder of [dir, join(dir, subfolder), join(dir, within), join(dir, subfolder, within)]) {
    for (const path of [join(folder, name), join(folder, `${name}.gz`)]) if (existsSync(path)) return path;
  }
  throw new GradwireError(
    'ERR_DATA_MISSING',
    `${subfolder}: neither ${dir} nor ${join(dir, subfolder)} holds ${name}, plain or .gz; check the folder`,
  );
}

/**
 * A whole UTF-8 file, plain or gzipped. Throws GradwireError: ERR_DATA_MISSING, ERR_DATA_TOO_LARGE over 256 MiB,
 * ERR_DATA_CORRUPT.
 */
export function readText(path: string): string {
  const bytes = readWhole(path, TEXT_BYTES_MAX);
  const over = () => tooLarge(path, TEXT_BYTES_MAX + 1, TEXT_BYTES_MAX);
  return decodeUtf8(isGzip(bytes) ? unpackGzip(bytes, path, TEXT_BYTES_MAX, over) : bytes, path);
}

/** The lines of such a file, without their ends (\n or \r\n); the last one may lack its end. Throws as readText. */
export function readLines(path: string): string[] {
  const lines = readText(path).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Names the line (from 1) that is wrong. */
export function corruptLine(path: string, line: number, what: string): GradwireError {
  return corruptFile(`${path}:${line}`, what);
}

function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw corruptFile(path, 'it is not UTF-8 text', cause);
  }
}
