import { parseArgs } from 'node:util';
import { WORKLOADS } from './workloads.mjs';

const THREADS_MAX = 8; // the smallest batch
const COUNT_MAX = 10_000;

const OPTIONS = {
  only: { type: 'string', multiple: true },
  threads: { type: 'string' },
  steps: { type: 'string' },
  rounds: { type: 'string' },
  peers: { type: 'boolean' },
  json: { type: 'boolean' },
  memory: { type: 'boolean' },
  start: { type: 'boolean' },
  overheads: { type: 'boolean' },
};

/** What else may be said with an option that asks for another measurement than that of steps. */
const MEASUREMENTS = { memory: ['peers', 'json'], start: ['json'], overheads: ['json'] };

/** A wrong word on the command line; its message is one sentence that names what there is. */
export class UsageError extends Error {}

/**
 * Reads the words behind `npm run bench --`. Returns { measurement, workloads, threads, steps, rounds, peers, json };
 * `threads`, `steps` and `rounds` are undefined if not given. Throws UsageError.
 */
export function readOptions(words) {
  const values = parse(words);
  return {
    measurement: measurementOf(values),
    workloads: values.only ? knownWorkloads(values.only) : Object.keys(WORKLOADS),
    threads: whole('threads', values.threads, THREADS_MAX),
    steps: whole('steps', values.steps, COUNT_MAX),
    rounds: whole('rounds', values.rounds, COUNT_MAX),
    peers: values.peers ?? false,
    json: values.json ?? false,
  };
}

function parse(args) {
  const { values, tokens } = parseArgs({ args, options: OPTIONS, strict: false, tokens: true });
  for (const { kind, name, rawName, value } of tokens) {
    if (kind === 'positional') throw new UsageError(`unexpected word "${value}"; name workloads with --only`);
    if (kind !== 'option') continue;
    if (!Object.hasOwn(OPTIONS, name)) throw new UsageError(`there is no option ${rawName}; there are ${flags()}`);
    const wantsValue = OPTIONS[name].type === 'string';
    if (wantsValue && (value ?? '') === '') throw new UsageError(`${rawName} needs a value`);
    if (!wantsValue && value !== undefined) throw new UsageError(`${rawName} takes no value`);
  }
  return values;
}

function measurementOf(values) {
  const [name, second] = Object.keys(MEASUREMENTS).filter((measurement) => values[measurement]);
  if (name === undefined) return 'steps';
  const unfit = second ?? Object.keys(values).find((other) => other !== name && !MEASUREMENTS[name].includes(other));
  if (unfit === undefined) return name;
  const fit = MEASUREMENTS[name].map((other) => `--${other}`).join(' and ');
  throw new UsageError(`--${name} does not go with --${unfit}, only with ${fit}`);
}

function knownWorkloads(lists) {
  const names = lists.flatMap((list) => list.split(',')).filter((name) => name !== '');
  const unknown = names.filter((name) => !Object.hasOwn(WORKLOADS, name));
  if (unknown.length === 0 && names.length > 0) return [...new Set(names)];
  const what = unknown.map((name) => `"${name}"`).join(', ') || 'of no name';
  throw new UsageError(`there is no workload ${what}; there are ${Object.keys(WORKLOADS).join(', ')}`);
}

function whole(name, text, most) {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}, got "${text}"`);
}

function flags() {
  return Object.keys(OPTIONS)
    .map((name) => `--${name}`)
    .join(', ');
}
