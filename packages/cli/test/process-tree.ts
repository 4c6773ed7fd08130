import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** One process, told from a later one with the same id by the time of its start. Linux only, as all of this file. */
export interface RunningProcess {
  readonly pid: number;
  readonly startTime: string;
  /** Its RANK variable, if it has one. */
  readonly rank: number | undefined;
}

/** A process and all that it has started, and so on. */
export function processTree(pid: number): RunningProcess[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const rank = environment.find((entry) => entry.startsWith('RANK='))?.slice('RANK='.length);
  const { startTime } = statusOf(pid)!;
  const own = { pid, startTime, rank: rank === undefined ? undefined : Number(rank) };
  return [own, ...children.flatMap((child) => processTree(Number(child)))];
}

export function isRunning({ pid, startTime }: RunningProcess): boolean {
  const status = statusOf(pid);
  // A zombie has ended; when it goes is up to the process that inherited it.
  return status !== undefined && status.startTime === startTime && !'ZX'.includes(status.state);
}

/** Kills a process; does nothing to one that has ended. */
export function kill(target: RunningProcess): void {
  if (isRunning(target)) process.kill(target.pid, 'SIGKILL');
}

/** Waits until none of the processes is running, or the time is over; returns those that still are. */
export async function survivors(processes: readonly RunningProcess[], withinMs: number): Promise<RunningProcess[]> {
  const deadlineMs = performance.now() + withinMs;
  let left = processes.filter(isRunning);
  while (left.length > 0 && performance.now() < deadlineMs) {
    await sleep(20);
    left = left.filter(isRunning);
  }
  return left;
}

function statusOf(pid: number): { state: string; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // the name before may hold spaces
    return { state: fields[0]!, startTime: fields[19]! };
  } catch {
    return undefined;
  }
}
