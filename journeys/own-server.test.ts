import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientConfig } from '#platform/database/index.ts'
import { startThrowaway } from '#platform/postgres/index.ts'
import { repository } from './keyboard.ts'

// The guide for an own server, as its administrator follows it: the script, the two addresses, the application.

const file = join(repository, 'docs/guides/files/roles.sql')
let postgres: Awaited<ReturnType<typeof startThrowaway>>
beforeAll(async () => {
  postgres = await startThrowaway({ settings: { fsync: 'off' }, binaries: process.env.TEST_POSTGRES_BIN })
  // A server of somebody else's: none of our roles, no database of ours.
  const admin = new pg.Client(clientConfig(postgres.connection('postgres', 'postgres')))
  await admin.connect()
  await admin.query('drop database tongzhou')
  await admin.query('drop role tongzhou_owner, tongzhou_server, tongzhou_app, tongzhou_ledger')
  await admin.end()
})
afterAll(() => postgres.destroy())

test('without the roles it says which are missing; with the guide’s script it migrates, starts, and doctor finds nothing', async () => {
  const socket = encodeURIComponent(String(postgres.connection('postgres').host))
  const address = (role: string, secret: string, database: string) =>
    `postgres://${role}:${secret}@localhost/${database}?host=${socket}`
  const superuser = postgres.connection('postgres', 'postgres')
  const env = (over: Record<string, string>) => {
    const { TONGZHOU_TODAY: _, ...ours } = process.env
    return { ...ours, TONGZHOU_DIR: join(postgres.dir, 'var'), TONGZHOU_TODAY: '2026-03-02', ...over }
  }
  const tongzhou = (args: string[], over: Record<string, string>) =>
    promisify(execFile)(process.execPath, [join(repository, 'cli/tongzhou.mjs'), ...args], { env: env(over) })

  const before = await tongzhou(['migrate'], {
    DATABASE_URL: address('postgres', String(superuser.password), 'postgres'),
  }).catch((error: { code: number; stderr: string }) => error)
  expect(before).toMatchObject({ code: 1 })
  expect(before.stderr).toContain('tongzhou_ledger')
  expect(before.stderr).toContain('docs/guides/own-server.zh-CN.md')

  const admin = new pg.Client(clientConfig(superuser))
  await admin.connect()
  const script = (await readFile(file, 'utf8'))
    .replace(/^--.*$/gm, '')
    .replaceAll(":'owner_password'", "'jia'")
    .replaceAll(":'server_password'", "'yi'")
  for (const statement of script.split(';')) if (statement.trim() !== '') await admin.query(statement)
  await admin.end()

  const own = {
    DATABASE_URL: address('tongzhou_server', 'yi', 'tongzhou'),
    DATABASE_OWNER_URL: address('tongzhou_owner', 'jia', 'tongzhou'),
  }
  expect((await tongzhou(['migrate'], own)).stdout).toMatch(/执行了 \d+ 个迁移/)
  expect((await tongzhou(['migrate'], own)).stdout).toContain('已经是最新')
  const signingIn = tongzhou(['sign-in', 'east-unit1'], own)
  signingIn.child.stdin?.end('yi-tiao-chuan-2026\n')
  expect((await signingIn).stdout).toContain('已登录')
  expect((await tongzhou(['units', 'list'], own)).stdout).toContain('示范机械厂')
  expect((await tongzhou(['doctor'], own)).stdout).toContain('项都正常')
}, 120_000)
