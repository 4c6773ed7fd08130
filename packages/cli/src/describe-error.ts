import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GradwireError } from '@gradwire/tensor';
import type { ErrorEvent } from './events.ts';

const FRAME = /^ {4}at (?:async |.*\()?(?<place>(?:file:|\/|[A-Za-z]:\\).*?:\d+):\d+\)?$/gm;
/** Where this package and its sisters lie, each with its code in `build` (or `src`, in their own tests). */
const PACKAGES = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Says in one sentence what went wrong. Our own errors speak for themselves; of any other the kind is told too. The
 * place in the user's code follows in brackets where the stack has one.
 */
export function describeError(error: unknown, directory = process.cwd()): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const syntax = /^ParseError: (?<what>.*?)\s*\n\s*(?<place>.+:\d+):\d+/.exec(error.message)?.groups;
  if (syntax) return `syntax error: ${syntax.what} (${shorten(syntax.place!, directory)})`;
  const sentence = error.message.split('\n')[0]!;
  const kind = error instanceof GradwireError || error.name === 'Error' ? '' : `${error.name}: `;
  const place = userPlace(error);
  return `${kind}${sentence}${place ? ` (${shorten(place, directory)})` : ''}`;
}

/** An error as an event of the run. Anything that is not an error of ours has the code ERR_TRAINING. */
export function errorEvent(error: unknown): ErrorEvent {
  const code = error instanceof GradwireError ? error.code : 'ERR_TRAINING';
  return { event: 'error', code, message: describeError(error) };
}

/** File and line, without the column, which compiling has moved: the innermost line of the stack that is neither Node's nor a library's. */
function userPlace({ stack = '' }: Error): string | undefined {
  const places = [...stack.matchAll(FRAME)];
  return places.map(({ groups }) => groups!.place!).find((place) => !isLibrary(place));
}

function isLibrary(place: string): boolean {
  const path = filePath(place);
  const isOwn = path.startsWith(PACKAGES) && /^[^/\\]+[/\\](build|src)[/\\]/.test(path.slice(PACKAGES.length));
  return isOwn || /[/\\]node_modules[/\\]/.test(path);
}

function shorten(place: string, directory: string): string {
  const path = filePath(place);
  const short = relative(directory, path);
  return short.startsWith('..') ? path : short;
}

function filePath(place: string): string {
  return place.startsWith('file:') ? fileURLToPath(place) : place;
}
