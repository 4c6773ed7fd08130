import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@gradwire/source'] },
  ssr: { resolve: { conditions: ['@gradwire/source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'benchmarks/test/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
