import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{server,contract,cli,scripts,journeys,plans,test}/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/afresh.ts'],
    pool: 'forks',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { TZ: 'Asia/Shanghai' },
  },
})
