import type { Translations } from './call.ts';
import { activations } from './operations/activations.ts';
import { attention } from './operations/attention.ts';
import { convolutions } from './operations/convolutions.ts';
import { elementwise } from './operations/elementwise.ts';
import { movement } from './operations/movement.ts';
import { normalisation } from './operations/normalisation.ts';
import { pooling } from './operations/pooling.ts';
import { products } from './operations/products.ts';
import { recurrent } from './operations/recurrent.ts';
import { reductions } from './operations/reductions.ts';
import { resize } from './operations/resize.ts';

/** All operations that can be exported. */
export const translations: Translations = {
  ...activations,
  ...attention,
  ...convolutions,
  ...elementwise,
  ...movement,
  ...normalisation,
  ...pooling,
  ...products,
  ...recurrent,
  ...reductions,
  ...resize,
};
