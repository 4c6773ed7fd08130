export { randomCrop, randomHorizontalFlip, type RandomCropOptions } from './augment.ts';
export { californiaHousing } from './california-housing.ts';
export { BpeTokenizer } from './bpe-tokenizer.ts';
export { type BpeParts } from './bpe-file.ts';
export { cifar10 } from './cifar10.ts';
export { CharVocabulary } from './char-vocabulary.ts';
export { csvColumn, csvNumbers, readCsv, type CsvOptions, type CsvTable } from './csv.ts';
export { DataLoader, type DataLoaderOptions } from './data-loader.ts';
export {
  datasetFromHandle,
  type Batch,
  type DataSplits,
  type Dataset,
  type DatasetHandle,
  type LabeledBatch,
} from './dataset.ts';
export {
  bucketedPermutation,
  DistributedSampler,
  epochPermutation,
  shardCounts,
  shardStart,
  stepsPerEpoch,
  type DistributedSamplerOptions,
} from './distributed-sampler.ts';
export { downloadFile, type DownloadOptions } from './download.ts';
export { downloadMnist, type DownloadMnistOptions } from './download-mnist.ts';
export { type DownloadProgress } from './fetch-rest.ts';
export { forecastWindows, type ForecastOptions } from './forecast-windows.ts';
export { parseIdx, readIdx, type Idx, type IdxData } from './idx.ts';
export { mnist } from './mnist.ts';
export { multi30k, type Multi30kLanguage } from './multi30k.ts';
export { names, splitNames } from './names.ts';
export { padTokens, sequenceDataset, trimPadding, type PadTokensOptions, type SequenceBatch } from './pad-tokens.ts';
export { type ParallelSplits, type ParallelTexts } from './parallel-texts.ts';
export { sequencePairDataset, type SequencePairBatch, type SequencePairOptions } from './sequence-pairs.ts';
export { sst2, type LabeledTexts } from './sst2.ts';
export { synthDates, type SynthDatesOptions } from './synth-dates.ts';
export { synthDigits, type SynthDigitsOptions } from './synth-digits.ts';
export { synthShapes, type SynthShapesOptions } from './synth-shapes.ts';
export { TableEncoder } from './table-encoder.ts';
export {
  TensorDataset,
  type Normalization,
  type TensorDatasetHandle,
  type TensorDatasetOptions,
} from './tensor-dataset.ts';
export { countTokens, Vocabulary, type VocabularyOptions } from './vocabulary.ts';
export { synthTranslation, type SynthTranslationOptions } from './synth-translation.ts';
export { synthText, type SynthTextOptions } from './synth-text.ts';
export { type TextSplits } from './text-splits.ts';
export { timeSeries } from './time-series.ts';
export { tinyShakespeare } from './tiny-shakespeare.ts';
export { trainBpe, type TrainBpeOptions } from './train-bpe.ts';
export { TokenWindows, type TokenWindowsHandle } from './token-windows.ts';
