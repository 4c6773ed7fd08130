import { join } from 'node:path';
import { downloadFile, type DownloadOptions } from './download.ts';

const MIRROR = 'https://ossci-datasets.s3.amazonaws.com/mnist/';
/** The largest of the files has 9.9 MB. */
const BYTES_MAX = 16 * 2 ** 20;
const FILES = {
  'train-images-idx3-ubyte.gz': '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
  'train-labels-idx1-ubyte.gz': '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
  't10k-images-idx3-ubyte.gz': '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
  't10k-labels-idx1-ubyte.gz': 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
};

export interface DownloadMnistOptions extends Pick<DownloadOptions, 'onProgress' | 'signal'> {
  /** Address of a folder that holds the four files. */
  readonly baseUrl?: string;
}

/** Fetches the four files of MNIST (11.6 MB) into `dir`, where `mnist(dir)` finds them. Throws as `downloadFile` does. */
export async function downloadMnist(
  dir: string,
  { baseUrl = MIRROR, ...options }: DownloadMnistOptions = {},
): Promise<void> {
  for (const [name, sha256] of Object.entries(FILES)) {
    await downloadFile({
      url: `${baseUrl.replace(/\/$/, '')}/${name}`,
      path: join(dir, name),
      sha256,
      bytesMax: BYTES_MAX,
      ...options,
    });
  }
}
