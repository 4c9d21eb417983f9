import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import type { Services } from '#platform/services.ts'
import { commandLine } from './command-line.ts'
import { type Client, openWorld, type World } from './world.ts'

// A second step by a code on her telephone, for who has bound nothing stronger; the number is sealed and set by another.

let world: World
let admin: Client
const inbox: { phone: string; text: string }[] = []
let isUp = true
const gateway = {
  send: async (phone: string, text: string) => {
    if (isUp) inbox.push({ phone, text })
    return isUp
  },
}
const setUp = (some: Partial<Services>) => Object.assign(world.base.services, some)
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  admin = await world.as('east-admin')
  setUp({ sms: gateway })
}, 120_000)
afterAll(() => world.close())

const reason = '登记收验证码的手机'
const phone = '13912345678'
const idOf = async (login: string): Promise<number> => {
  const { body } = await admin.get<{ id: number; login: string }[]>('/staff')
  return body.find((each) => each.login === login)?.id ?? 0
}
const givePhone = async (login: string) => admin.post(`/staff/${await idOf(login)}/phone`, { phone, reason })
const ask = (client: Client) => client.post('/me/second-step/sms')
const verify = (client: Client, code: string) => client.post('/me/second-step/verification', { code })
const lastCode = (): string => /\d{6}/.exec(inbox.at(-1)?.text ?? '')?.[0] ?? ''
const other = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
/** Whether the second step of this sign-in is made, as a right asks that wants it. */
const isMade = async (client: Client): Promise<boolean> => {
  setUp({ secondStep: 'on' })
  const { body } = await client.post<{ code: string }>('/stops/999999/confirmation')
  setUp({ secondStep: 'off' })
  return body.code !== 'second_step_needed'
}
const later = (minutes: number) =>
  world.base.owner.query(
    `update network.sms_code set sent_at = sent_at - $1::int * interval '1 min', expires_at = expires_at - $1::int * interval '1 min'`,
    [minutes],
  )

test('a code is sent, opens this sign-in once, and lies nowhere as it was sent', async () => {
  expect(await ask(await world.as('east-decider'))).toMatchObject({ status: 422, body: { code: 'sms_no_phone' } })
  const before = await world.as('east-decider')
  expect(await givePhone('east-decider')).toMatchObject({ status: 201, body: { phone: '139****5678' } })
  expect((await before.get('/me')).status).toBe(401) // she notices
  const officer = await world.as('east-decider')
  expect((await officer.get('/me/second-step')).body).toMatchObject({ sms: { phone: '139****5678' }, key: null })
  const sent = await ask(officer)
  expect(sent).toMatchObject({ status: 201, body: { phone: '139****5678', until: '2026-03-02T02:05:00.000Z' } })
  expect(inbox.at(-1)?.phone).toBe(phone)
  const code = lastCode()
  expect(sent.raw.toString()).not.toMatch(new RegExp(`${code}|${phone}`))
  expect(await verify(officer, other(code))).toMatchObject({ status: 422, body: { code: 'second_step_wrong' } })
  expect(await verify(await world.as('east-decider'), code)).toMatchObject({ body: { code: 'second_step_wrong' } })
  expect(await isMade(officer)).toBe(false)
  const twins = await Promise.all([verify(officer, code), verify(officer, code)])
  expect(twins.map((each) => each.status).sort()).toEqual([200, 422])
  expect(await isMade(officer)).toBe(true)
  const { rows } = await world.base.owner.query<{ all: string }>(
    `select coalesce((select string_agg(c::text, '') from network.sms_code c), '') ||
            coalesce((select string_agg(p::text, '') from network.staff_phone p), '') ||
            coalesce((select string_agg(a::text, '') from platform.act a), '') as all`,
  )
  expect(rows[0]?.all).not.toMatch(new RegExp(`${phone}|139\\*\\*\\*\\*5678`))
  for (const list of ['/staff', '/me']) expect((await admin.get(list)).raw.toString()).not.toContain('5678')
})

test('only the newest counts, for five minutes; five in an hour; eight wrong ones, and she waits', async () => {
  await givePhone('east-releaser')
  const officer = await world.as('east-releaser')
  await ask(officer)
  const first = lastCode()
  await ask(officer)
  if (lastCode() !== first) expect(await verify(officer, first)).toMatchObject({ body: { code: 'second_step_wrong' } })
  await later(5)
  expect(await verify(officer, lastCode())).toMatchObject({ status: 422, body: { code: 'second_step_wrong' } })
  const many = await Promise.all([1, 2, 3, 4, 5, 6].map(() => ask(officer)))
  expect(many.map((each) => each.status).sort()).toEqual([201, 201, 201, 429, 429, 429])
  expect(await ask(officer)).toMatchObject({ status: 429, body: { code: 'sms_too_many' } })
  await later(60)
  expect(await ask(officer)).toMatchObject({ status: 201 })
  const code = lastCode()
  for (let i = 0; i < 8; i += 1) await verify(officer, other(code))
  expect(await verify(officer, code)).toMatchObject({ status: 429 })
})

test('who has bound something stronger makes that; a password alone binds nothing where a telephone is', async () => {
  await givePhone('east-finance')
  const officer = await world.as('east-finance')
  expect(await officer.post('/me/second-step')).toMatchObject({ status: 403, body: { code: 'second_step_needed' } })
  await ask(officer)
  expect((await verify(officer, lastCode())).status).toBe(200)
  const { secret } = (await officer.post<{ secret: string }>('/me/second-step')).body
  await ask(officer)
  const sent = lastCode()
  const code = TOTP.generate({
    secret: Secret.fromBase32(secret),
    timestamp: new Date('2026-03-02T10:00:00+08:00').getTime(),
  })
  expect((await officer.post('/me/second-step/confirmation', { code })).status).toBe(201)
  expect(await ask(officer)).toMatchObject({ status: 409, body: { code: 'sms_not_needed' } })
  if (sent !== code) expect(await verify(officer, sent)).toMatchObject({ body: { code: 'second_step_wrong' } })
  expect((await officer.get('/me/second-step')).body).toMatchObject({ sms: null })
})

test('a gateway that takes nothing, and none at all, is said as it is', async () => {
  await givePhone('east-reviewer')
  const officer = await world.as('east-reviewer')
  isUp = false
  expect(await ask(officer)).toMatchObject({ status: 503, body: { code: 'sms_not_sent' } })
  isUp = true
  delete (world.base.services as { sms?: unknown }).sms
  expect(await ask(officer)).toMatchObject({ status: 404, body: { code: 'sms_off' } })
  expect(await verify(officer, '123456')).toMatchObject({ body: { code: 'second_step_missing' } })
  setUp({ sms: gateway })
})

test('a number is given at the start or later, by another, and taken away; never by the office to who comes from above', async () => {
  const head = await world.as('head-admin')
  const hired = await admin.post<{ staffId: number }>('/staff', { name: '高远', login: 'gao.yuan', phone, reason })
  expect(hired.status).toBe(201)
  const term = { from: world.today, resolution: '第七次代表大会第二号决议', reason }
  const watcher = { name: '某人', login: 'watcher8', role: 'supervisory_board', phone, ...term }
  const given = await head.post<{ staffId: number }>('/offices/2/watchers', watcher)
  expect(given.status).toBe(201)
  const url = (id: number | undefined) => `/staff/${id}/phone`
  expect(await admin.post(url(given.body.staffId), { phone: null, reason })).toMatchObject({
    status: 403,
    body: { code: 'watcher_from_above' },
  })
  expect(await admin.post(url(await idOf('east-admin')), { phone, reason })).toMatchObject({
    body: { code: 'not_yourself' },
  })
  expect(await admin.post(url(999_999_999), { phone, reason })).toMatchObject({ body: { code: 'staff_not_found' } })
  for (const wrong of ['12345678901', '139123456', '+8613912345678', ''])
    expect(await admin.post(url(hired.body.staffId), { phone: wrong, reason })).toMatchObject({ status: 400 })
  const { rows } = await world.base.owner.query<{ id: number }>(
    `select staff_id::int as id from network.staff_phone where staff_id = any ($1)`,
    [[hired.body.staffId, given.body.staffId]],
  )
  expect(rows).toHaveLength(2)

  await givePhone('east-agency')
  expect(await admin.post(url(await idOf('east-agency')), { phone: null, reason })).toMatchObject({
    status: 201,
    body: { phone: null },
  })
  expect(await ask(await world.as('east-agency'))).toMatchObject({ body: { code: 'sms_no_phone' } })
})

test('it is typed too: the number is never part of the command', async () => {
  const { signIn, type, exitOf, close } = await commandLine(world)
  try {
    await givePhone('east-unit1')
    for (const login of ['east-unit1', 'east-admin']) await signIn(login)
    expect(await type('east-unit1', 'account', 'second-step', 'sms')).toContain('139****5678')
    expect(await type('east-unit1', 'account', 'second-step', 'verify', lastCode())).toBe('验证通过。')
    expect(await type('east-unit1', 'account', 'second-step', 'ways')).toContain('短信 139****5678')
    const id = String(await idOf('east-unit1'))
    expect(await type('east-admin', 'staff', 'phone', id, '--none', '--reason', reason)).toContain('已取消')
    expect(await exitOf('east-unit1', 'account', 'sessions')).toBe(1)
  } finally {
    close()
  }
})
