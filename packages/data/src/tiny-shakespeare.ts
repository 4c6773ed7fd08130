import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GradwireError } from '@gradwire/tensor';
import { splitText, type TextSplits } from './text-splits.ts';

/**
 * Tiny Shakespeare (Karpathy 2015), or any other text, from `input.txt` in `dir` or in `dir`/tinyshakespeare; without
 * `dir`, in the folder that GRADWIRE_DATA names. The first 90 % are to learn from. Throws GradwireError ERR_DATA_MISSING.
 */
export function tinyShakespeare(dir: string | undefined = process.env['GRADWIRE_DATA']): TextSplits {
  if (!dir) {
    throw new GradwireError(
      'ERR_DATA_MISSING',
      'tinyShakespeare: no folder given; pass the one with input.txt, set GRADWIRE_DATA, or use synthText()',
    );
  }
  const paths = [join(dir, 'input.txt'), join(dir, 'tinyshakespeare', 'input.txt')];
  const path = paths.find((candidate) => existsSync(candidate));
  if (path !== undefined) return splitText(readFileSync(path, 'utf8'));
  throw new GradwireError(
    'ERR_DATA_MISSING',
    `tinyShakespeare: neither ${paths[0]} nor ${paths[1]} exists; check the folder`,
  );
}
