import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes of this process that are in memory now. */
export function residentBytes() {
  return statusBytes('VmRSS') ?? process.memoryUsage.rss();
}

/** The most that there ever were, or since `forgetPeak`. */
export function peakBytes() {
  return statusBytes('VmHWM') ?? process.resourceUsage().maxRSS * 1024;
}

/** Lets the peak begin anew at what is in memory now, where the system can (Linux). */
export function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return; // then the peak is that of the whole process, which is rarely that of its start
  }
}

function statusBytes(field) {
  try {
    const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
