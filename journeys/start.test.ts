import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Keyboard, sitDown, untilGone } from './keyboard.ts'

// Starting, stopping and being killed, with the real processes of an installation of its own.

let keyboard: Keyboard
beforeEach(async () => {
  keyboard = await sitDown({ TONGZHOU_TODAY: '2026-03-02' })
})
afterEach(() => keyboard.leave())

const password = 'yi-tiao-chuan-2026\n'
const register = (name: string) =>
  keyboard.type(`tongzhou units register ${name} --kind without_code --agency 东市第一代办处`)
const unitNames = async (): Promise<string[]> => {
  const { code, out, err } = await keyboard.type('tongzhou units list --json')
  expect(code, err).toBe(0)
  return (JSON.parse(out) as { name: string }[]).map((unit) => unit.name)
}

test('the server killed, the database killed, Ctrl-C: the next start has everything that was answered', async () => {
  const first = await keyboard.start()
  expect(first.said()).toContain('示范登录')
  expect((await keyboard.type('tongzhou sign-in east-agency', password)).code).toBe(0)
  expect((await register('被杀之前登记的单位')).code).toBe(0)
  await first.end('SIGKILL')
  expect(await keyboard.database(), 'the database outlives a killed server').toBeGreaterThan(0)

  // The command line works without it, and joins the database that is still there.
  expect(await unitNames()).toContain('被杀之前登记的单位')
  const second = await keyboard.start()
  expect(second.said()).not.toContain('数据库是空的')
  expect((await register('数据库被杀之前登记的单位')).code).toBe(0)

  const database = await keyboard.database()
  expect(database).toBeGreaterThan(0)
  process.kill(database ?? 0, 'SIGKILL')
  await untilGone(database ?? 0)
  const isReady = async () => (await fetch(`${second.address}/ready`)).status === 200
  await vi.waitUntil(isReady, { timeout: 60_000, interval: 200 })
  expect(second.said(), 'the server brings its database up again').toContain('数据库已经恢复')
  expect(await unitNames()).toContain('数据库被杀之前登记的单位')
  expect((await register('数据库恢复之后登记的单位')).code).toBe(0)
  await second.end('SIGKILL')

  const third = await keyboard.start()
  expect(await unitNames()).toEqual(
    expect.arrayContaining(['被杀之前登记的单位', '数据库被杀之前登记的单位', '数据库恢复之后登记的单位']),
  )
  expect(await third.end('SIGINT')).toBe(0)
  expect(third.said()).toContain('正在停止')
  expect(await keyboard.database(), 'Ctrl-C stops the database too').toBeUndefined()

  const doctor = await keyboard.type('tongzhou doctor')
  expect(doctor.code, doctor.out).toBe(0)
  expect(await keyboard.database()).toBeUndefined()
}, 600_000)

test('a port in use, a demonstration for the whole street, settings that mean nothing: one clear sentence, exit code', async () => {
  const first = await keyboard.start()
  const port = new URL(first.address).port
  await expect(keyboard.start({ PORT: port })).rejects.toThrow(`端口 ${port} 已被占用`)
  expect((await fetch(first.address)).status, 'the first goes on').toBe(200)
  await expect(keyboard.start({ HOST: '0.0.0.0' })).rejects.toThrow('只能在本机使用')
  await expect(keyboard.start({ PORT: 'abc', TONGZHOU_TODAY: '今天' })).rejects.toThrow(/PORT.*\n.*TONGZHOU_TODAY/)
  // Who was refused left the running one's card alone: the command line still finds it.
  expect(JSON.parse(await readFile(join(keyboard.dir, 'var/server.json'), 'utf8')).address).toBe(first.address)
}, 300_000)

test('what a script can count on: 0 done, 1 refused, 2 mistyped; results on one stream, everything else on the other', async () => {
  await keyboard.start()
  const help = await keyboard.type('tongzhou --help')
  expect(help).toMatchObject({ code: 0, err: '' })
  expect((await keyboard.type('tongzhou --version')).out).toMatch(/^tongzhou \d+\.\d+\.\d+$/m)
  const unfounded = await keyboard.type('TONGZHOU_DIR=$(mktemp -d) tongzhou doctor')
  expect(unfounded).toMatchObject({ code: 1, err: expect.stringContaining('还没有建好表') })
  for (const line of [
    'tongzhou',
    'tongzhou 投保',
    'tongzhou units',
    'tongzhou units list --wat',
    'tongzhou members on 2026-03-10',
    'tongzhou claim show last again',
    'tongzhou pay release 1 -o /no/such/folder/bank.csv',
    'tongzhou claim file x.json --member M0000000001',
    'tongzhou units list',
  ])
    expect(await keyboard.type(line), line).toMatchObject({ code: 2 })
  const wrong = await keyboard.type('tongzhou sign-in east-agency', 'not-this-one\n')
  expect(wrong).toMatchObject({ code: 1, out: '' })
  expect(wrong.err).toContain('sign_in_refused')
  expect(await keyboard.type('tongzhou sign-in east-agency', '')).toMatchObject({ code: 2 })
  expect((await keyboard.type('tongzhou sign-in east-agency', password)).code).toBe(0)
  expect(await keyboard.type('tongzhou books 2026-03')).toMatchObject({ code: 1, out: '' })
  expect(await keyboard.type('tongzhou units list --server http://127.0.0.1:9')).toMatchObject({ code: 1, out: '' })
  expect(await keyboard.type('tongzhou units list --server 127.0.0.1')).toMatchObject({ code: 2, out: '' })
  expect(JSON.parse((await keyboard.type('tongzhou who-am-i --json')).out)).toMatchObject({ role: 'agency_clerk' })
  // A password is never part of a command: typed at the prompt, or a line each.
  const own = '一句只有我知道的话 9'
  const change = (...lines: string[]) =>
    keyboard.type('tongzhou account password', lines.map((line) => `${line}\n`).join(''))
  expect(await change(password.trim(), own)).toMatchObject({ code: 2, err: expect.stringContaining('没有读到') })
  expect(await change(password.trim(), own, `${own}9`)).toMatchObject({
    code: 2,
    err: expect.stringContaining('不一样'),
  })
  expect(await change(password.trim(), own, own)).toMatchObject({ code: 0 })
  expect(await keyboard.type('tongzhou sign-in east-agency', password)).toMatchObject({ code: 1 })
  expect(await keyboard.type('tongzhou sign-in east-agency', own)).toMatchObject({ code: 0 })
  await writeFile(join(keyboard.dir, 'wrong.json'), '{')
  expect((await keyboard.type('tongzhou claim file wrong.json')).code).toBe(2)
  const { main, verbs } = await import('../cli/tongzhou.ts')
  for (const verb of verbs) {
    const said: string[] = []
    expect(await main([verb.name, '--help'], { out: (line) => said.push(line), err: () => {} })).toBe(0)
    expect(said.join('\n'), verb.name).toMatch(/[\u4e00-\u9fff][\s\S]*[a-z]{3}[\s\S]*tongzhou /)
  }
}, 300_000)
