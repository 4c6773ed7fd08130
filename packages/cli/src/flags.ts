import type { Command } from 'commander';
import type { LimitedName } from './limits.ts';
import { parseWhole } from './overrides.ts';
import type { Strategy, TrainFlags } from './run-config.ts';
import { UsageError } from './usage-error.ts';

const STRATEGIES: readonly Strategy[] = ['all-reduce', 'parameter-server'];

/** All flags of `gradwire train`, as commander collects them. */
export interface TrainCommandFlags extends TrainFlags {
  readonly set?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

const WHOLE_FLAGS: readonly (readonly [LimitedName, string])[] = [
  ['threads', 'workers in each process (default: all cores)'],
  ['nproc', 'processes on this machine (default: 1)'],
  ['epochs', 'times to go through the training set'],
  ['batchSize', 'examples in a step of the whole run'],
  ['shards', 'logical shards of a batch (default: the number of workers)'],
  ['seed', 'decides all chance (default: 1)'],
];

/** Declares the flags of `gradwire train`. */
export function addTrainFlags(command: Command): Command {
  for (const [name, description] of WHOLE_FLAGS) addWholeFlag(command, name, description);
  command
    .option('--data <dir>', 'where the data lies (default: GRADWIRE_DATA)')
    .option('--run-dir <dir>', 'where checkpoints and events go (default: runs/FILE)')
    .option('--resume', 'continue from the newest checkpoint in the run directory')
    .option('--strategy <name>', `how gradients meet: ${STRATEGIES.join(' or ')} (default: all-reduce)`, parseStrategy);
  addWholeFlag(command, 'servers', 'parameter servers (default with parameter-server: 1)');
  return command
    .option('--set <path=value>', 'replace a plain value of the training file; may be repeated', collect)
    .option('--json', 'print one JSON object a line')
    .option('--quiet', 'print only the result')
    .option('--debug', 'print the stack of an error');
}

function addWholeFlag(command: Command, name: LimitedName, description: string): void {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  command.option(`${flag} <n>`, description, (text) => parseWhole(flag, name, text));
}

function parseStrategy(text: string): Strategy {
  const strategy = STRATEGIES.find((name) => name === text);
  if (!strategy) throw new UsageError(`--strategy must be ${STRATEGIES.join(' or ')}, got "${text}"`);
  return strategy;
}

function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}
