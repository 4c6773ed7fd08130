const groups = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** "11,240" */
export function formatCount(value: number): string {
  return groups.format(value);
}

/** Four significant digits, powers of ten only where they are shorter: "0.05213", "12.50", "12,345", "1.23e-4". */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)) return value.toExponential(2);
  return magnitude < 1000 ? value.toPrecision(4) : formatCount(value);
}

/** "5.1e-3", "0.1" */
export function formatRate(value: number): string {
  return value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** "0.4 s", "12 s", "3 min 05 s", "2 h 10 min" */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** "68 %" */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "test accuracy" */
export function formatName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** "test accuracy 98.91 %", "test loss 0.03412": the name in words, accuracies in per cent. */
export function formatMetric(name: string, value: number): string {
  const words = formatName(name);
  return /accuracy$/i.test(name) ? `${words} ${(value * 100).toFixed(2)} %` : `${words} ${formatFigure(value)}`;
}

/** "2 processes", "1 worker" */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** "1.5 GiB", "640 KiB", "12 bytes" */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1))} ${units[power]}`;
}
