// Continues a text with what char-gpt.ts has learned, each character going through the network once:
// npx gradwire train examples/char-gpt.ts --threads 2 --run-dir runs/chars
// node examples/continue-text.mjs runs/chars/checkpoints/step-N/model.safetensors "The "
import { readFileSync } from 'node:fs';
import { CharVocabulary } from '@gradwire/data';
import { GPT, generate } from '@gradwire/nn';
import { Generator, readSafetensors } from '@gradwire/tensor';

const [file, text = 'The ', seed = '1'] = process.argv.slice(2);
if (!file) throw new Error('usage: node examples/continue-text.mjs MODEL.safetensors [TEXT] [SEED]');
const vocabulary = CharVocabulary.ascii();
const model = new GPT({ vocabSize: vocabulary.size, contextLength: 64, layers: 4, heads: 4, width: 128 }); // as char-gpt.ts
model.loadStateDict(readSafetensors(readFileSync(file)).tensors);

const options = { maxNewTokens: 60, temperature: 0.8, topK: 20, generator: new Generator(Number(seed)) };
console.log(vocabulary.decode(generate(model, [...vocabulary.encode(text)], options)));
