import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientConfig } from '#platform/database/index.ts'
import { startPostgres } from '#platform/postgres/index.ts'
import { type Configuration, configurationFrom } from '../server/src/configuration.ts'
import { makeRunning, type Running } from '../server/src/running.ts'
import { main } from './tongzhou.ts'

// A production installation from nothing: founded at the keyboard, then used by those who were made administrators.

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tz-found-'))
  process.env.TONGZHOU_DIR = dir
  process.env.TONGZHOU_MODE = 'production'
  process.env.TONGZHOU_LOG = 'errors'
})
afterAll(async () => {
  for (const name of ['TONGZHOU_DIR', 'TONGZHOU_MODE', 'TONGZHOU_LOG']) delete process.env[name]
  await rm(dir, { recursive: true, force: true })
})

const type = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
  const out: string[] = []
  const err: string[] = []
  const code = await main(args, { out: (line) => out.push(line), err: (line) => err.push(line) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}
const passwordOf = (said: string, login: string): string =>
  new RegExp(`管理员 ${login}（编号 \\d+）临时密码 (\\S+?)（`).exec(said)?.[1] ?? ''
const makeServer = (settings: NodeJS.ProcessEnv = process.env): Promise<Running> =>
  makeRunning(configurationFrom(settings) as Configuration, () => {})

const association = ['--association', '海港职工互助会', '--office', '海港职工互助会总会', '--region', '海港省']
const first = ['--administrator', 'he.wen', '--name', '何文']
const second = ['--second', 'qian.cheng', '--second-name', '钱程']
const own = '船到桥头自然直-2026'

/** Signs in, sets her own password, and enrols a second step: what a first sign-in asks for. */
const begin = async ({ app }: Running, login: string, password: string) => {
  const post = async (url: string, payload: object, token?: string) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const answer = await app.inject({ method: 'POST', url, payload, headers })
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
  }
  const { body } = await post('/sign-in', { login, password })
  const ask = (url: string, payload: object = {}) => post(url, payload, String(body.token))
  const staff = { name: '高远', login: `${login}-2`, reason: '开办时添加' }
  expect(await ask('/staff', staff)).toMatchObject({ status: 403, body: { code: 'change_password_first' } })
  expect((await ask('/me/password', { old: password, new: own })).status).toBe(200)
  expect(await ask('/staff', staff)).toMatchObject({ status: 403, body: { code: 'second_step_needed' } })
  const { body: enrolled } = await ask('/me/second-step')
  const code = TOTP.generate({ secret: Secret.fromBase32(String(enrolled.secret)) })
  expect((await ask('/me/second-step/confirmation', { code })).status).toBe(201)
  expect((await ask('/staff', staff)).status).toBe(201)
  return ask
}

test('what is typed wrong founds nothing', async () => {
  expect((await type('found', '--help')).out).toContain('empty database')
  const lacking = await type('found', ...association, '--administrator', 'x')
  expect(lacking.code).toBe(2)
  expect(lacking.err).toMatch(/administrators\.0\.login：用户名用小写字母/)
  expect((await type('office', 'move')).code).toBe(2)
  expect(await type('office', 'add', '东办事处', '--region', '东市', ...first)).toMatchObject({
    code: 1,
    err: expect.stringContaining('association_missing'),
  })
  delete process.env.TONGZHOU_MODE
  const demonstration = await type('found', ...association, ...first)
  process.env.TONGZHOU_MODE = 'production'
  expect(demonstration.err).toContain('production_only')
  const twins = await type('found', ...association, ...first, '--second', 'he.wen', '--second-name', '何文')
  expect(twins.err).toContain('staff_exists')
}, 120_000)

test('an association is founded once; its administrators sign in, set their own passwords, and enrol', async () => {
  const founded = await type('found', ...association, ...first, ...second)
  expect(founded.code, founded.err).toBe(0)
  expect(await type('found', ...association, ...first)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/海港职工互助会.*association_exists/),
  })
  const below = await type(
    'office',
    'add',
    '东港办事处',
    '--region',
    '东港市',
    '--administrator',
    'feng',
    '--name',
    '冯',
  )
  expect(below.code, below.err).toBe(0)
  expect(below.err).toContain('两个人')
  expect(
    await type('office', 'add', '东港办事处', '--region', 'x', '--administrator', 'f2x', '--name', 'f'),
  ).toMatchObject({ code: 1, err: expect.stringContaining('office_exists') })
  const office = /编号 (\d+)。/.exec(below.out)?.[1] ?? ''
  expect((await type('office', 'agency', '77', '东港第一代办处')).err).toContain('office_not_found')
  const agency = await type('office', 'agency', office, '东港第一代办处', '--json')
  expect((await type('office', 'agency', office, '东港第一代办处')).err).toContain('agency_exists')
  const { agencyId } = JSON.parse(agency.out) as { agencyId: number }
  expect((await type('office', 'point', '1', String(agencyId), '码头代办点')).err, 'not the head office’s').toContain(
    'agency_not_here',
  )
  const point = await type('office', 'point', office, String(agencyId), '码头代办点', '--json')
  const { pointId } = JSON.parse(point.out) as { pointId: number }
  expect((await type('office', 'point', office, String(agencyId), '码头代办点')).err).toContain('point_exists')

  expect(await type('office', 'words', office)).toMatchObject({ code: 2, err: expect.stringContaining('至少写一个词') })
  expect((await type('office', 'words', '77', '--plan', '活动')).err).toContain('office_not_found')
  await type('office', 'words', office, '--plan', '活动', '--enrol', '参加')
  await type('office', 'words', '1', '--benefit', '补助金', '--plan', '项目')
  expect((await type('office', 'words', office, '--enrol', '参互')).out).toBe(
    '这个办事处的用语\n计划：活动\n参保：参互\n代办处：代办处\n互助金：补助金\n互助费：互助费',
  )

  const alone = ['--administrator', 'wei.lan', '--name', '韦兰', '--reason', '唯一的管理员丢了验证器']
  expect((await type('office', 'administrator', '77', ...alone)).err).toContain('office_not_found')
  expect((await type('office', 'administrator', office, ...alone.slice(0, 4))).err).toContain('reason：没有填')
  const another = await type('office', 'administrator', office, ...alone)
  expect((await type('office', 'administrator', office, ...alone)).err).toContain('staff_exists')

  const running = await makeServer()
  try {
    await begin(running, 'he.wen', passwordOf(founded.out, 'he.wen'))
    await begin(running, 'qian.cheng', passwordOf(founded.out, 'qian.cheng'))
    const ask = await begin(running, 'feng', passwordOf(below.out, 'feng'))
    await begin(running, 'wei.lan', passwordOf(another.out, 'wei.lan'))
    const unit = { name: '东港机修站', kind: 'without_code', agencyId, pointId }
    expect((await ask('/units', unit)).status).toBe(201)
    const page = await running.app.inject('/')
    expect(page.body).toContain('海港职工互助会')
    expect(page.body, 'in the association’s words').toContain('项目')
  } finally {
    await running.stop()
  }
  await expect(makeServer({ TONGZHOU_DIR: dir })).rejects.toThrow('TONGZHOU_MODE=production')
}, 240_000)

test('no plan comes by itself: what a meeting passed is registered once, word for word, and only when it checks out', async () => {
  const plan = join(dir, 'demo-hospital')
  await cp('plans/demo-hospital', plan, { recursive: true })
  const adopt = (...more: string[]) => type('plan', 'adopt', plan, ...more)
  expect((await adopt()).err).toContain('--resolution')
  const resolved = ['--resolution', '第一届理事会第二次会议决议']
  const adopted = await adopt(...resolved)
  expect(adopted.code, adopted.err).toBe(0)
  expect(adopted.out).toContain('已登记 1 个版本（第一届理事会第二次会议决议）')
  expect((await adopt(...resolved)).out).toContain('没有改动')
  const file = join(plan, 'edition-2026.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, `${text}\n# 改了一个字\n`)
  expect(await adopt(...resolved)).toMatchObject({ code: 1, err: expect.stringContaining('edition_differs') })
  await writeFile(file, text.replace(/^parts:/m, 'partz:'))
  expect((await adopt(...resolved)).code).toBe(1)
}, 240_000)

test('founding is an act of the system; each administrator is her own office’s, and so is what was passed', async () => {
  const postgres = await startPostgres({ dataDir: join(dir, 'pg') })
  const owner = new pg.Client(clientConfig(postgres.connection('tongzhou_owner')))
  await owner.connect()
  const { rows: acts } = await owner.query<{ told: string }>(
    `select concat_ws(' ', office_id, actor_kind, command, object) as told from platform.act where actor_kind = 'system' and command not like 'evidence.%' order by id`,
  )
  const { rows: appointed } = await owner.query(
    `select office_id::int as office, count(*)::int as administrators from network.appointment
      where role = 'administrator' and appointing_office = office_id and until_on is null group by 1 order by 1`,
  )
  const { rows: editions } = await owner.query(`select plan, resolution from plans.edition`)
  await owner.end()
  await postgres.stop()
  expect(acts.map((each) => each.told)).toEqual([
    '1 system network.found',
    '1 system network.add-office',
    '1 system network.add-agency office:2',
    '1 system network.add-point office:2',
    '1 system network.set-words office:2',
    '1 system network.set-words office:1',
    '1 system network.set-words office:2',
    '2 system network.add-administrator office:2',
    '1 system plans.adopt edition:demo-hospital/2026',
    '1 system plans.adopt edition:demo-hospital/2026',
  ])
  expect(appointed).toEqual([
    { office: 1, administrators: 2 },
    { office: 2, administrators: 2 },
  ])
  expect(editions).toEqual([{ plan: 'demo-hospital', resolution: '第一届理事会第二次会议决议' }])
}, 120_000)
