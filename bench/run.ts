// npm run bench [-- name …]: each benchmark in turn, a process of its own, so that none inherits another's heap or caches.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import os from 'node:os'
import { join } from 'node:path'
import { build } from '../scripts/build.mjs'

/** What can be measured: one line makes a benchmark part of it. Each writes results/<name>.md and .json, and prints its table. */
const benchmarks: readonly { readonly name: string; readonly about: string }[] = [
  { name: 'ledger', about: 'booking in batches, against COPY 记账' },
  { name: 'roster', about: 'a roster of 100,000 rows, against exceljs and row by row 名单' },
  { name: 'http', about: 'a signed-in request, against bare node:http 请求' },
  { name: 'flood', about: 'ordinary requests beside one client that floods 洪水' },
  { name: 'startup', about: 'from the command to the first page, and memory 启动' },
  { name: 'plans', about: 'a million claims judged, against rule engines, SQL and COPY 计划' },
]

const help = [
  'npm run bench [-- NAME …]   measures, prints a table each, writes bench/results/NAME.md and NAME.json',
  '跑性能基准：不写名字就全部跑一遍；结果是同一次运行里的比值，写入 bench/results/',
  '',
  ...benchmarks.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`),
  '',
  'Ratios carry to another machine, seconds do not. A busy machine widens the spread that each table tells: measure when',
  'nothing else runs. BENCH_ROUNDS=n sets how often each way is run.',
  '',
].join('\n')

const run = async (name: string): Promise<boolean> => {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, `${name}.ts`)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: join(import.meta.dirname, '..'),
  })
  const [code] = await once(child, 'exit')
  return code === 0
}

const wanted = process.argv.slice(2)
const names = benchmarks.map(({ name }) => name)
const unknown = wanted.filter((each) => !names.includes(each) && each !== '--help' && each !== '-h')
if (wanted.includes('--help') || wanted.includes('-h')) process.stdout.write(help)
else if (unknown.length > 0) {
  process.stderr.write(`no benchmark named ${unknown.join(', ')}\n\n${help}`)
  process.exitCode = 2
} else {
  await build()
  const failed: string[] = []
  for (const name of wanted.length > 0 ? wanted : names) {
    const [load = 0] = os.loadavg()
    process.stdout.write(`── ${name}${load > 0.5 ? ` (the machine is busy: load ${load.toFixed(1)})` : ''}\n`)
    if (!(await run(name))) failed.push(name)
    process.stdout.write('\n')
  }
  if (failed.length > 0) process.stderr.write(`failed: ${failed.join(', ')}\n`)
  process.exitCode = failed.length > 0 ? 1 : 0
}
