import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { ok } from '#kernel/result.ts'
import { sql, transact } from '#platform/database/index.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { testContext } from '../test/database.ts'
import { officer } from './places.ts'
import { done } from './steps.ts'
import { type Client, openWorld, type World } from './world.ts'

// A lost password, authenticator, key or telephone: who helps whom, and why nobody can become somebody else by helping.

const oidc = {
  issuer: 'https://id.example',
  clientId: 'tongzhou',
  clientSecret: 'not asked here',
  redirect: 'https://tz.example/sign-in/oidc/back',
  secondStepAcr: undefined,
}
let world: World
let admin: Client
let head: Client
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'), { oidc })
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

/** A worker of the east who has signed in and enrolled, as most have. */
const worker = async (login: string) => {
  const staffId = await officer(world, 2, { login, role: 'office_reviewer' })
  const secret = await enrol(await world.as(login))
  return { staffId, secret }
}
const refused = { status: 403, body: { code: 'another_hand_needed' } }
const seconds = ['secondStep', 'phone'] as const

test('one hand does not do both halves, whichever comes first; another administrator does the other', async () => {
  await officer(world, 2, { login: 'east-admin2', role: 'administrator' })
  const other = await world.as('east-admin2')
  const { staffId } = await worker('twice-a')
  expect((await help(admin, staffId, 'password')).status).toBe(201)
  expect((await help(admin, staffId, 'password')).status).toBe(201) // the same half again is no other half
  for (const what of seconds) {
    const answer = await help(admin, staffId, what)
    expect(answer).toMatchObject(refused)
    expect(answer.body.message).toContain('请本级的另一位管理员办理')
    expect(answer.body.message).toContain('2026-04-02 起')
    expect((await help(head, staffId, what)).status).toBe(404) // the office has another hand of its own
  }
  for (const what of seconds) expect((await help(other, staffId, what)).status).toBe(201)
  expect(await help(other, staffId, 'password')).toMatchObject(refused)
  expect((await help(admin, staffId, 'sessions')).status).toBe(201)

  for (const what of seconds) {
    const { staffId: next } = await worker(`twice-${what.toLowerCase()}`)
    expect((await help(admin, next, what)).status).toBe(201)
    expect(await help(admin, next, 'password')).toMatchObject(refused)
  }
})

test('asked at once, one of the two is done', async () => {
  for (const n of [1, 2, 3, 4, 5]) {
    const { staffId } = await worker(`at-once-${n}`)
    const both = await Promise.all([
      help(admin, staffId, 'password'),
      help(admin, staffId, n % 2 === 0 ? 'phone' : 'secondStep'),
    ])
    expect(both.map((each) => each.status).sort()).toEqual([201, 403])
  }
})

test('until she has signed in with a second step since, or 30 days have passed', async () => {
  const { staffId, secret } = await worker('since')
  const { password } = done(await help(admin, staffId, 'password'))
  const her = await settle('since', password ?? '')
  expect(await help(admin, staffId, 'phone'), 'a password alone is not she').toMatchObject(refused)
  const again = await world.as('since')
  expect((await her.get('/me')).status).toBe(200)
  done(await again.post('/me/second-step/verification', { code: codeFor(secret, 30_000) }))
  expect((await help(admin, staffId, 'phone')).status).toBe(201)
  expect(await help(admin, staffId, 'password')).toMatchObject(refused)

  const { staffId: silent } = await worker('silent')
  expect((await help(admin, silent, 'secondStep')).status).toBe(201)
  const start = world.today
  const asked = async (days: number) => {
    world.today = addDays(start, days)
    return help(await world.as('east-admin'), silent, 'password')
  }
  try {
    expect(await asked(29)).toMatchObject(refused)
    expect((await asked(30)).status).toBe(201)
  } finally {
    world.today = start
  }
})

test('an identity that he linked to her login is a half too, for as long as the link stands', async () => {
  const { staffId, secret } = await worker('linked')
  const link = (by: Client) =>
    by.post<{ linkId: number }>(`/staff/${staffId}/oidc-links`, { subject: `his own ${staffId}`, reason })
  const { linkId } = done(await link(admin))
  const her = await world.as('linked')
  done(await her.post('/me/second-step/verification', { code: codeFor(secret, 30_000) }))
  const answer = await help(admin, staffId, 'secondStep')
  expect(answer).toMatchObject(refused)
  expect(answer.body.message).toContain('解除您给她关联的统一身份账号以后')
  done(await admin.post(`/staff/${staffId}/oidc-links/${linkId}/removal`, { reason }))
  done(await (await world.as('linked')).post('/me/second-step/verification', { code: codeFor(secret, -30_000) }))
  expect((await help(admin, staffId, 'secondStep')).status).toBe(201)
  expect(await link(admin)).toMatchObject(refused)
})

test('where an office has no other administrator, the head office’s does the other half, and only that', async () => {
  const west = await world.as('west-admin')
  const staffId = await officer(world, 3, { login: 'west-lonely', role: 'office_reviewer' })
  expect((await help(head, staffId, 'secondStep')).status).toBe(404)
  done(await help(west, staffId, 'password'))
  const answer = await help(west, staffId, 'secondStep')
  expect(answer.body.message).toContain('请总会的管理员办理')
  expect((await help(head, staffId, 'password')).status).toBe(404)
  expect((await help(head, staffId, 'sessions')).status).toBe(404)
  expect((await help(head, staffId, 'secondStep')).status).toBe(201)
  expect((await help(head, staffId, 'password')).status, 'the office’s own half').toBe(404)
})

test('at the head office too: one who is alone first has another appointed', async () => {
  const { staffId } = await giveFromAbove('above-twice')
  done(await help(head, staffId, 'secondStep'))
  const answer = await help(head, staffId, 'password')
  expect(answer).toMatchObject(refused)
  expect(answer.body.message).toContain('请先任命另一位管理员')
  await officer(world, 1, { login: 'head-admin2', role: 'administrator' })
  expect((await help(head, staffId, 'password')).body.message).toContain('请本级的另一位管理员办理')
  expect((await help(await world.as('head-admin2'), staffId, 'password')).status).toBe(201)
})

test('the first password and the first number are one act, and stay allowed', async () => {
  const hired = done(
    await admin.post<{ staffId: number }>('/staff', { name: '高远', login: 'gao.yuan2', phone, reason }),
  )
  const { rows } = await world.base.owner.query(`select from network.mended_half where staff_id = $1`, [hired.staffId])
  expect(rows).toEqual([])
  expect((await help(admin, hired.staffId, 'phone')).status).toBe(201)
})

test('the database holds it too: no second half by the same hand, and no reach beyond whom we appointed', async () => {
  const { staffId } = await worker('held')
  done(await help(admin, staffId, 'password'))
  const by = await idOf('east-admin')
  const note = (office: number, hand: number, half: string) =>
    transact(testContext(world.base, { office, today: world.today }), 'test.half', async (tx) => {
      await sql`insert into network.mended_half (office_id, id, staff_id, half, done_at, done_by)
        values (2, ${await tx.ids.take()}, ${staffId}, ${half}, '2026-03-02T10:00:01+08:00', ${hand})`.execute(tx.q)
      return ok(null)
    })
  await expect(note(2, by, 'second_step')).rejects.toThrow('row-level security')
  await expect(note(2, staffId, 'second_step')).rejects.toThrow('mended_half')
  await expect(note(3, by + 1, 'second_step')).rejects.toThrow('row-level security')
  expect(await note(2, by, 'password')).toMatchObject({ ok: true })
  const { staffId: untouched } = await worker('untouched')
  const changed = await transact(
    testContext(world.base, { office: 1, today: world.today }),
    'test.reach',
    async (tx) => {
      const { numAffectedRows } = await sql`
      update network.login set temporary = true where actor_id in (${untouched}, ${by})`.execute(tx.q)
      return ok(Number(numAffectedRows))
    },
  )
  expect(changed).toEqual({ ok: true, value: 0 })
})
