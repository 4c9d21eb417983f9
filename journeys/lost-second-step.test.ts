import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { done } from './steps.ts'
import { type Client, openWorld, type World } from './world.ts'

// A lost password, authenticator, key or telephone: who helps whom, and why nobody can become somebody else by helping.

let world: World
let admin: Client
let head: Client
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  admin = await world.as('east-admin')
  head = await world.as('head-admin')
}, 120_000)
afterAll(() => world.close())

const reason = '本人当面说明丢失'
const phone = '13912345678'
/** The whole of helping, as paths and bodies; one half is the password, the other the second step and the number. */
const helps = {
  password: ['password-reset', { reason }],
  sessions: ['sessions/end', { reason }],
  secondStep: ['second-step/removal', { reason }],
  phone: ['phone', { phone, reason }],
} as const
const help = (by: Client, staffId: number, what: keyof typeof helps) => {
  const [path, body] = helps[what]
  return by.post<{ code?: string; message?: string; password?: string }>(`/staff/${staffId}/${path}`, body)
}
const staffOf = async (by: Client) =>
  (await by.get<{ id: number; login: string | null; name: string | null }[]>('/staff')).body
const idOf = async (login: string, by = admin): Promise<number> =>
  (await staffOf(by)).find((each) => each.login === login)?.id ?? 0

const term = { from: '2026-03-02', until: '2026-12-01', resolution: '第七次代表大会第二号决议', reason }
/** Somebody whom the head office gave the east office. */
const giveFromAbove = async (login: string, as: 'watchers' | 'lent-hands' = 'watchers') => {
  const role = as === 'watchers' ? 'supervisory_board' : 'office_releaser'
  return done(
    await head.post<{ staffId: number; password: string }>(`/offices/2/${as}`, { name: login, login, role, ...term }),
  )
}
/** Her own password in place of the temporary one. */
const settle = async (login: string, password: string): Promise<Client> => {
  const client = await world.as(login, password)
  done(await client.post('/me/password', { old: password, new: demoPassword }))
  return client
}
const codeFor = (secret: string, shift = 0) =>
  TOTP.generate({
    secret: Secret.fromBase32(secret),
    timestamp: new Date(`${world.today}T10:00:00+08:00`).getTime() + shift,
  })
const enrol = async (client: Client): Promise<string> => {
  const { secret } = done(await client.post<{ secret: string }>('/me/second-step'))
  done(await client.post('/me/second-step/confirmation', { code: codeFor(secret) }))
  return secret
}

test('the head office helps whom it appointed in an office; the office itself does not', async () => {
  for (const as of ['watchers', 'lent-hands'] as const) {
    const { staffId, password } = await giveFromAbove(`above-${as}`, as)
    const her = await settle(`above-${as}`, password)
    await enrol(her)
    for (const what of ['password', 'sessions', 'secondStep', 'phone'] as const)
      expect(await help(admin, staffId, what), what).toMatchObject({
        status: 403,
        body: { code: 'watcher_from_above' },
      })
    expect((await her.get('/me')).status).toBe(200)
    expect(await staffOf(head)).toContainEqual(expect.objectContaining({ id: staffId, login: `above-${as}` }))
    expect((await help(head, staffId, 'secondStep')).status).toBe(201)
    expect((await her.get('/me')).status).toBe(401)
    const again = await world.as(`above-${as}`)
    expect((await again.get('/me/second-step')).body).toMatchObject({ authenticator: null })
    expect(await help(head, staffId, 'sessions')).toMatchObject({ status: 201, body: { ended: 1 } })
    expect((await again.get('/me')).status).toBe(401)
  }
  const { staffId } = await giveFromAbove('above-forgot')
  const { password } = done(await help(head, staffId, 'password'))
  await settle('above-forgot', password ?? '')
  const phoned = await giveFromAbove('above-phone')
  expect(await help(head, phoned.staffId, 'phone')).toMatchObject({ status: 201, body: { phone: '139****5678' } })
  const { rows } = await world.base.owner.query<{ office: number }>(
    `select office_id::int as office from network.staff_phone where staff_id = $1`,
    [phoned.staffId],
  )
  expect(rows).toEqual([{ office: 2 }])
  const { rows: acts } = await world.base.owner.query<{ told: string }>(
    `select distinct office_id || ' ' || command as told from platform.act where object = $1 order by 1`,
    [`staff:${phoned.staffId}`],
  )
  expect(acts).toEqual([{ told: '1 network.set-phone' }])
})

test('and only those: not the office’s own workers, not its own watchers, nor does another office', async () => {
  const own = await idOf('east-finance')
  const { staffId: watcher } = await giveFromAbove('above-other')
  const west = await world.as('west-admin')
  for (const what of Object.keys(helps) as (keyof typeof helps)[]) {
    expect(await help(head, own, what), what).toMatchObject({ status: 404, body: { code: 'staff_not_found' } })
    expect(await help(west, watcher, what), what).toMatchObject({ status: 404, body: { code: 'staff_not_found' } })
    expect(await help(west, own, what), what).toMatchObject({ status: 404, body: { code: 'staff_not_found' } })
  }
  expect((await staffOf(west)).map((each) => each.login)).not.toContain('above-other')
  expect((await staffOf(head)).map((each) => each.login)).not.toContain('east-finance')
  const { staffId: headsOwn } = done(
    await head.post<{ staffId: number }>('/offices/1/watchers', {
      name: '监事',
      login: 'heads-watcher',
      role: 'supervisory_board',
      ...term,
    }),
  )
  for (const what of Object.keys(helps) as (keyof typeof helps)[])
    expect(await help(head, headsOwn, what), what).toMatchObject({ status: 403, body: { code: 'watcher_from_above' } })
})
