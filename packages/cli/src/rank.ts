import { followParent } from '@gradwire/dist';
import { EXIT } from './exit-code.ts';

/** One process of a run that `gradwire train` launched: the run's events and its end go to the launcher. */
const parent = followParent();

// Imported only now: while these load, the process must already end if its parent does.
const [{ parseRunConfig }, { runTraining }, { errorEvent }] = await Promise.all([
  import('./run-config.ts'),
  import('./training/run.ts'),
  import('./describe-error.ts'),
]);

try {
  await runTraining(parseRunConfig(process.env.GRADWIRE_RUN ?? ''), (event) => parent.send(event), parent.stop);
  process.exit(parent.stop.aborted ? EXIT.interrupted : EXIT.done);
} catch (error) {
  const { code, message } = errorEvent(error);
  const stack = error instanceof Error ? error.stack : undefined;
  await parent.fail({ code, message, ...(stack !== undefined && { stack }) });
  process.exit(EXIT.failed);
}
