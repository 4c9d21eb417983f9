import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { clientConfig } from '../database/index.ts'
import { type Postgres, startPostgres } from './launcher.ts'

// Real processes, really killed.

let dir: string
let open: Postgres[] = []
const start = async (): Promise<Postgres> => {
  const postgres = await startPostgres({ dataDir: dir })
  open.push(postgres)
  return postgres
}
const ask = async <T>(postgres: Postgres, sql: string): Promise<T[]> => {
  const client = new pg.Client(clientConfig(postgres.connection('tongzhou_owner')))
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows as T[]
  } finally {
    await client.end()
  }
}
const gone = async (pid: number): Promise<void> => {
  for (let i = 0; i < 500; i += 1) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await pause(20)
  }
  throw new Error('still alive')
}
afterEach(async () => {
  for (const postgres of open) await postgres.stop()
  open = []
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})

test('a database is made, listens on a socket of its own only, and keeps its secrets to its owner', {
  timeout: 60_000,
}, async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-l-'))
  const postgres = await start()
  const [row] = await ask<{ listen: string; fsync: string; log: string }>(
    postgres,
    `select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync, current_setting('log_min_error_statement') as log`,
  )
  expect(row).toEqual({ listen: '', fsync: 'on', log: 'panic' })
  expect((await stat(join(dir, 'secrets.json'))).mode & 0o777).toBe(0o600)
  expect((await stat(String(postgres.connection('postgres').host))).mode & 0o777).toBe(0o700)
  await expect(
    new pg.Client({ ...clientConfig(postgres.connection('tongzhou_owner')), password: 'wrong' }).connect(),
  ).rejects.toThrow()
})

test('a second process joins the first, and the last one out stops the database', { timeout: 60_000 }, async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-l-'))
  const [first, second] = await Promise.all([start(), start()])
  expect(first.pid).toBe(second.pid)
  const held = new pg.Client(clientConfig(second.connection('tongzhou_owner')))
  await held.connect()
  await first.stop()
  expect((await held.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await held.end()
  await second.stop()
  await gone(first.pid)
})

test('killed without warning, it comes back by itself with what was committed', { timeout: 60_000 }, async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-l-'))
  const first = await start()
  await ask(first, 'create table kept (n int)')
  await ask(first, 'insert into kept select generate_series(1, 1000)')
  process.kill(first.pid, 'SIGKILL')
  await gone(first.pid)
  const second = await start()
  expect(second.pid).not.toBe(first.pid)
  expect(await ask(second, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }])
})

test('when whoever started it is killed, the next one finds it', { timeout: 60_000 }, async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-l-'))
  const script = `import { startPostgres } from ${JSON.stringify(new URL('./launcher.ts', import.meta.url).href)}
    const p = await startPostgres({ dataDir: ${JSON.stringify(dir)} }); console.log('pid ' + p.pid); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = await new Promise<number>((done) =>
    child.stdout.on('data', (text) => done(Number(/pid (\d+)/.exec(String(text))?.[1]))),
  )
  child.kill('SIGKILL')
  await pause(100)
  expect((await start()).pid).toBe(pid)
})

test('a start that was killed half-way is simply done again', { timeout: 60_000 }, async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-l-'))
  await writeFile(join(dir, 'starting.lock'), '999999999')
  await writeFile(join(dir, 'data.new'), 'half')
  expect(await ask(await start(), 'select 1 as one')).toEqual([{ one: 1 }])
})

test('data of another major version are refused in words, and left alone', { timeout: 60_000 }, async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-l-'))
  const first = await start()
  await first.stop()
  await gone(first.pid)
  await writeFile(join(dir, 'data', 'PG_VERSION'), '19\n')
  await expect(startPostgres({ dataDir: dir })).rejects.toThrow('PostgreSQL 19')
  await writeFile(join(dir, 'data', 'PG_VERSION'), '18\n')
  expect((await readFile(join(dir, 'data', 'PG_VERSION'), 'utf8')).trim()).toBe('18')
})
