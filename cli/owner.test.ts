import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientConfig } from '#platform/database/index.ts'
import { startPostgres } from '#platform/postgres/index.ts'
import { type Configuration, configurationFrom } from '../server/src/configuration.ts'
import { makeRunning } from '../server/src/running.ts'
import { main } from './tongzhou.ts'

// What the keeper of an installation types: the head, the check, the replay, the backup and its return in another place.

let dir: string
const say = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const out: string[] = []
  const err: string[] = []
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const inFolder = (name: string) => {
  process.env.TONGZHOU_DIR = join(dir, name)
}
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-cli-'))
  inFolder('first')
  process.env.TONGZHOU_TODAY = '2026-03-02'
  const running = await makeRunning(configurationFrom(process.env) as Configuration, () => {}) // the demonstration
  await running.worker.drain()
  await running.stop()
}, 240_000)
afterAll(async () => {
  delete process.env.TONGZHOU_DIR
  delete process.env.TONGZHOU_TODAY
  await rm(dir, { recursive: true, force: true })
})

test('the head is printed, kept in a file, and later held against the data', { timeout: 240_000 }, async () => {
  const head = await say('audit', 'head')
  expect(head).toMatchObject({ code: 0 })
  expect(head.out).toMatch(/^\d+:[0-9a-f]{64} {2}2026-/)
  await writeFile(join(dir, 'heads.txt'), `${head.out}\n`)
  const checked = await say('audit', 'verify', '--head', join(dir, 'heads.txt'))
  expect(checked).toMatchObject({ code: 0 })
  expect(checked.out).toContain('与您保存的 1 个根值一致')
  const forged = await say('audit', 'verify', '--head', `1:${'0'.repeat(64)}`)
  expect(forged.code).toBe(1)
  expect(forged.out).toContain('与您保存的根值不符')
  expect((await say('audit', 'verify', '--head', 'nothing')).code).toBe(2)
  expect((await say('audit')).code).toBe(2)
  expect((await say('decision', 'replay', '--all')).out).toContain('0 处不同')
})

test('a changed act is told in a sentence, with exit code 1', { timeout: 240_000 }, async () => {
  const postgres = await startPostgres({ dataDir: join(dir, 'first', 'pg') })
  const owner = new pg.Client(clientConfig(postgres.connection('tongzhou_owner')))
  await owner.connect()
  const change = `update platform.act set actor_id = actor_id + $1 where id = (select min(id) from platform.act)`
  await owner.query(change, [1])
  const found = await say('audit', 'verify')
  await owner.query(change, [-1])
  await owner.end()
  await postgres.stop()
  expect(found.code).toBe(1)
  expect(found.out).toMatch(/操作记录 \d+\/\d+ 被改动过/)
})

test('the doctor looks into what is sealed where the key ring is, and says so where it is not', {
  timeout: 240_000,
}, async () => {
  expect(await say('doctor')).toMatchObject({ code: 0, out: expect.stringContaining('正常  own-and-kins-claims') })
  const keys = join(dir, 'first', 'keys')
  await rename(keys, `${keys}-away`)
  const without = await say('doctor')
  expect(existsSync(keys)).toBe(false) // none is made
  await rename(`${keys}-away`, keys)
  expect(without).toMatchObject({ code: 0, out: expect.stringContaining('没有问  own-and-kins-claims') })
  expect(without.err).toContain('密钥环')
})

test('the key ring turned by hand, to another cipher too; what nothing needs any more is retired', {
  timeout: 240_000,
}, async () => {
  expect(await say('keys', 'status')).toMatchObject({ code: 0, out: '在用的密钥：1' })
  expect(await say('keys', 'rotate', '--cipher', 'rot13')).toMatchObject({ code: 2 })
  const turned = await say('keys', 'rotate', '--cipher', 'sm4')
  expect(turned.code).toBe(0)
  expect(turned.out).toMatch(/现在用第 2 号密钥，重新加密 [1-9]\d* 项/)
  expect(await say('keys', 'status')).toMatchObject({ out: '在用的密钥：2' })
  expect((await say('keys', 'retire')).out).toContain('已删去第 1 号密钥')
  expect((await say('keys', 'retire')).out).toContain('没有可以删去的密钥')
  expect((await say('audit', 'verify')).out).not.toContain('改')
})

test('backed up and restored by one command each; what is there is never overwritten', {
  timeout: 240_000,
}, async () => {
  const [backup, keys] = [join(dir, 'backup'), join(dir, 'keys')]
  expect((await say('backup', backup)).code).toBe(2)
  const made = await say('backup', backup, '--keys', keys)
  expect(made).toMatchObject({ code: 0 })
  expect(made.out).toContain('备份完成')
  expect(made.out).toContain('请由另一个人保管')
  expect(await readdir(dir)).not.toContain('backup.partial')
  const over = await say('restore', backup, '--keys', keys)
  expect(over.code).toBe(1)
  expect(over.err).toContain('已经有')
  inFolder('second')
  const restored = await say('restore', backup, '--keys', keys)
  expect(restored.err).not.toContain('异常')
  expect(restored.code).toBe(0)
  expect(restored.out).toContain('正常  体检没有发现问题')
  expect(restored.out).toContain('与备份时一致')
})
