import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@gradwire/source'] },
  ssr: { resolve: { conditions: ['@gradwire/source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'benchmarks/test/**/*.test.ts'],
    testTimeout: 30_000,
    // What commands keep between runs is not to fill the cache of whoever runs the tests.
    env: { XDG_CACHE_HOME: join(tmpdir(), `gradwire-tests-${process.getuid?.() ?? ''}`) },
  },
});
