import { afterEach, expect, it, vi } from 'vitest';
import { interruptSignal } from '../src/interrupt.ts';

afterEach(() => vi.restoreAllMocks());

it('asks for a stop at the first Ctrl-C, and ends the process only at a second one that somebody pressed', () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const onFirst = vi.fn();
  let nowMs = 1000;
  const { signal, dispose } = interruptSignal(onFirst, () => nowMs);
  process.emit('SIGINT');
  expect(signal.aborted).toBe(true);
  nowMs += 20; // passed on by npm
  process.emit('SIGINT');
  expect(exit).not.toHaveBeenCalled();
  nowMs += 2000;
  process.emit('SIGINT');
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  expect(onFirst).toHaveBeenCalledTimes(1);
  dispose();
});

it('takes SIGTERM as a wish to stop, too', () => {
  const { signal, dispose } = interruptSignal(() => undefined);
  process.emit('SIGTERM');
  expect(signal.aborted).toBe(true);
  dispose();
});
