/** The text of a training file with these options in place of the usual ones; an option of '' is left out. */
export function trainingFile(replaced: Record<string, string> = {}, before = ''): string {
  const options = {
    data: '() => { throw new Error("no data in this test"); }',
    model: '() => undefined as never',
    loss: '() => undefined as never',
    optimizer: '() => undefined as never',
    epochs: '3',
    batchSize: '128',
    ...replaced,
  };
  const lines = Object.entries(options).filter(([, text]) => text !== '');
  const body = lines.map(([name, text]) => `  ${name}: ${text},\n`).join('');
  return `import { defineTraining } from 'gradwire';\n${before}\nexport default defineTraining({\n${body}});\n`;
}
