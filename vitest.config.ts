import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{server,contract,cli,scripts,journeys,plans,test}/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    env: { TZ: 'Asia/Shanghai' },
  },
})
