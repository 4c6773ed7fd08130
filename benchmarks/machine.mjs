import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What is worth knowing of the machine that measured; nothing that tells whose it is. */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().match(/^\d+\.\d+/)}`,
    node: process.versions.node,
  };
}

/** Its name for a file, such as amd-epyc-2-cores. */
export function machineName({ cpu, cores }) {
  return `${cpu} ${cores} cores`
    .toLowerCase()
    .replace(/\((r|tm)\)/g, '')
    .replace(/[^a-z0-9]+/g, '-');
}
