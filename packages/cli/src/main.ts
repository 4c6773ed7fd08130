import { GradwireError } from '@gradwire/tensor';
import { Command, CommanderError } from 'commander';
import type { ExportFlags } from './commands/export.ts';
import { errorEvent } from './describe-error.ts';
import type { TrainCommandFlags } from './flags.ts';
import { addTrainFlags } from './flags.ts';
import { EXIT } from './exit-code.ts';
import { InterruptedError } from './interrupt.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

const argv = process.argv.slice(2);
// A reader that went away (`gradwire train … | head`) is no reason to lose the run; its events are also on disk.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
const exitCode = await run(argv);
process.stdout.write('', () => process.exit(exitCode));

/** Runs the command line and returns the exit code. */
async function run(words: readonly string[]): Promise<number> {
  try {
    if (words.length === 0) throw new UsageError('no command given; see gradwire --help');
    await program().parseAsync(words, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done; // help or version was asked for
    const shown = error instanceof CommanderError ? inOurWords(error) : error;
    report(shown, words);
    if (shown instanceof InterruptedError) return EXIT.interrupted;
    // By its code, too: wrong usage that a launched process found arrives as an error of the launcher.
    const isUsage = shown instanceof UsageError || (shown instanceof GradwireError && shown.code === 'ERR_USAGE');
    return isUsage ? EXIT.wrongUsage : EXIT.failed;
  }
}

function program(): Command {
  const command = new Command('gradwire')
    .description('Train neural networks on all cores, several processes or a cluster')
    .version(version)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined }) // `report` says it in our words
    .showSuggestionAfterError(true)
    .helpCommand(false);
  addTrainFlags(command.command('train').argument('<file>', 'training file, .ts or .js'))
    .description('run a training file')
    .action(async (file: string, flags: TrainCommandFlags) => (await import('./commands/train.ts')).train(file, flags));
  command
    .command('inspect')
    .argument('<checkpoint>', 'checkpoint folder, run directory or .safetensors file')
    .description('show what a checkpoint holds, and check that it is whole')
    .option('--debug', 'print the stack of an error')
    .action(async (path: string) => (await import('./commands/inspect.ts')).inspect(path, process.stdout));
  command
    .command('export')
    .argument('<file>', 'training file, .ts or .js')
    .argument('<checkpoint>', 'checkpoint folder or run directory')
    .argument('<out>', 'ONNX file to write')
    .description('write the network with the weights of a checkpoint as an ONNX file')
    .option('--data <dir>', 'where the data lies (default: GRADWIRE_DATA)')
    .option('--debug', 'print the stack of an error')
    .action(async (file: string, path: string, out: string, flags: ExportFlags) =>
      (await import('./commands/export.ts')).exportCheckpoint(file, path, out, flags, process.stdout),
    );
  command
    .command('doctor')
    .description('check this machine')
    .option('--debug', 'print the stack of an error')
    .action(async () => (await import('./commands/doctor.ts')).doctor(process.stdout));
  return command;
}

function report(error: unknown, words: readonly string[]): void {
  const event = errorEvent(error);
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify(event)}\n`);
  process.stderr.write(`gradwire: ${event.message}\n`);
  if (words.includes('--debug')) process.stderr.write(`${stacks(error)}\n`);
}

/** Commander's "error: unknown option '--epoch'\n(Did you mean --epochs?)" as one sentence. */
function inOurWords(error: CommanderError): UsageError {
  const [problem = '', hint] = error.message
    .replace(/^error: /, '')
    .replace('. Expected', ', expected')
    .split('\n');
  const advice = hint
    ? `did you mean ${hint.replace(/^\(Did you mean (one of )?|\?\)$/g, '')}?`
    : 'see gradwire --help';
  return new UsageError(`${problem.replace(/\.$/, '')}; ${advice}`);
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.stack, ...(error.cause === undefined ? [] : [`caused by ${stacks(error.cause)}`])].join('\n');
}
