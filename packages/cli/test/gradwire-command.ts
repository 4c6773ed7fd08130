import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/gradwire.js', import.meta.url));

/** Whether the compiled command is there; it cannot run from its sources. */
export const isBuilt = existsSync(new URL('../build/main.js', import.meta.url));

/** How the command ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder and waits for its end. */
export function gradwire(folder: string, ...words: string[]): Promise<Ended> {
  return startGradwire(folder, words).ended;
}

/** Starts the command in a folder; `onOutput` hears of what it has printed so far, whenever there is more. */
export function startGradwire(
  folder: string,
  words: readonly string[],
  onOutput: (stdout: string) => void = () => undefined,
): { child: ChildProcess; ended: Promise<Ended> } {
  const env = { ...process.env, GRADWIRE_DATA: '' };
  const child = spawn(process.execPath, [bin, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput(stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended };
}
