import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { day } from '#kernel/days.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { Browser } from './browser.ts'
import { enrol, openWorld, peopleFrom, type World } from './world.ts'

// A device is known to somebody once she has made her second step on it. It opens nothing; it tells her what is new.

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
}, 120_000)
afterAll(() => world.close())

const us = 'here'
const clock = () => new Date(`${world.today}T10:00:00+08:00`)
interface Seen {
  readonly newDevice: boolean
  readonly current: boolean
}

/** A browser at our own edge, that keeps its cookies; its session is a cookie of its own. */
const send = async (browser: Browser, url: string, payload?: object, more: Record<string, string> = {}) => {
  const { remoteAddress = '10.7.0.1', ...headers } = more
  const reply = await world.app.inject({
    method: payload ? 'POST' : 'GET',
    url,
    headers: { cookie: browser.cookies(us), 'sec-fetch-site': 'same-origin', 'user-agent': 'a browser', ...headers },
    remoteAddress,
    ...(payload ? { payload } : {}),
  })
  browser.keep(us, [reply.headers['set-cookie'] ?? []].flat())
  return reply
}
const signIn = async (browser: Browser, login: string, password = demoPassword, more = {}) => {
  const reply = await send(browser, '/sign-in', { login, password }, more)
  if (reply.statusCode === 200) browser.keep(us, [`session=${reply.json<{ token: string }>().token}`])
  return reply
}
const current = async (browser: Browser): Promise<Seen | undefined> =>
  (await send(browser, '/me/sessions')).json<Seen[]>().find((each) => each.current)
const codeOf = (secret: string, steps = 0): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: clock().getTime() + steps * 30_000 })
const signIns = async () =>
  (
    await world.base.owner.query<{ object: string }>(
      `select object from platform.act where command = 'network.sign-in' order by id`,
    )
  ).rows.map((row) => row.object)

test('a second step makes a device known: to her alone, listed, told at each sign-in, and forgotten when she says so', async () => {
  const browser = new Browser()
  const first = await signIn(browser, 'east-decider')
  expect(String(first.headers['set-cookie'])).toMatch(
    /^device=[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  const cookie = browser.cookie(us, 'device')
  expect(await current(browser)).toMatchObject({ newDevice: true })
  expect((await send(browser, '/me/devices')).json()).toEqual([]) // a password alone makes nothing known
  const { secret } = (await send(browser, '/me/second-step', {})).json<{ secret: string }>()
  expect((await send(browser, '/me/second-step/confirmation', { code: codeOf(secret) })).statusCode).toBe(201)
  const listed = (await send(browser, '/me/devices')).json<{ id: number }[]>()
  expect(listed).toMatchObject([{ label: 'a browser', current: true, firstSeen: '2026-03-02T02:00:00.000Z' }])

  // The next sign-in is from a known device, and the cookie stays as it is; it spares nobody the second step.
  const again = await signIn(browser, 'east-decider')
  expect(again.headers['set-cookie']).toBeUndefined()
  expect(await current(browser)).toMatchObject({ newDevice: false, secondStep: false })
  expect((await signIns()).slice(-2)).toEqual(['device:unknown', `device:${listed[0]?.id}`])

  // Somebody else on the same computer: to her it is new, and the table does not show that they share it.
  const colleague = new Browser()
  colleague.keep(us, [cookie])
  await signIn(colleague, 'east-finance')
  expect(await current(colleague)).toMatchObject({ newDevice: true })
  const enrolled = (await send(colleague, '/me/second-step', {})).json<{ secret: string }>()
  await send(colleague, '/me/second-step/confirmation', { code: codeOf(enrolled.secret) })
  expect((await send(colleague, '/me/devices')).json()).toHaveLength(1)
  const { rows } = await world.base.owner.query<{ hashes: number }>(
    `select count(distinct token_hash)::int as hashes from platform.known_device`,
  )
  expect(rows[0]?.hashes).toBe(2)
  expect((await send(colleague, `/me/devices/${listed[0]?.id}/removal`, {})).json()).toMatchObject({
    code: 'device_not_found',
  })

  // She is elsewhere, and forgets it: who is signed in on it as her is so no more.
  const elsewhere = new Browser()
  await signIn(elsewhere, 'east-decider')
  await send(elsewhere, '/me/second-step/verification', { code: codeOf(secret, 1) })
  expect((await send(elsewhere, '/me/devices')).json()).toHaveLength(2)
  expect((await send(elsewhere, `/me/devices/${listed[0]?.id}/removal`, {})).statusCode).toBe(201)
  expect((await send(browser, '/me')).statusCode).toBe(401)
  expect((await send(elsewhere, '/me')).statusCode).toBe(200)
  expect((await send(elsewhere, `/me/devices/${listed[0]?.id}/removal`, {})).statusCode).toBe(404)
  await signIn(browser, 'east-decider')
  expect(await current(browser)).toMatchObject({ newDevice: true })
  expect((await send(colleague, '/me/devices')).json()).toHaveLength(1)
})

test('a program that keeps no cookie leaves no device behind, and a cookie of another form is none', async () => {
  const reply = await world.app.inject({
    method: 'POST',
    url: '/sign-in',
    payload: { login: 'west-decider', password: demoPassword },
    headers: { cookie: 'device=short', 'x-forwarded-proto': 'https' },
  })
  expect(String(reply.headers['set-cookie'])).toMatch(/^device=[\w-]{43};.*; Secure/)
  const headers = { authorization: `Bearer ${reply.json<{ token: string }>().token}` }
  const post = (url: string, payload: object = {}) => world.app.inject({ method: 'POST', url, headers, payload })
  const { secret } = (await post('/me/second-step')).json<{ secret: string }>()
  expect((await post('/me/second-step/confirmation', { code: codeOf(secret) })).statusCode).toBe(201)
  expect((await world.app.inject({ url: '/me/devices', headers })).json()).toEqual([])
})

test('a sheet of people leaves to a known device of the unit’s officer, and beyond one’s own unit after a second step', async () => {
  const services = world.base.services as { secondStep?: 'on' | 'off' }
  await enrol(world, 'east', 'unit2', 'demo-accident', peopleFrom(900, 6))
  const editions = (await (await world.as('east-unit2')).get<{ id: number; plan: string }[]>('/editions')).body
  const edition = (plan: string) => editions.find((each) => each.plan === plan)?.id
  const url = (plan: string) => `/units/${world.demo.units['east-unit2']}/last-roster?editionId=${edition(plan)}`
  services.secondStep = 'on'
  try {
    const officer = new Browser()
    await signIn(officer, 'east-unit2')
    expect((await send(officer, url('demo-critical'))).statusCode).toBe(200) // an empty sheet tells nothing
    expect((await send(officer, url('demo-accident'))).json()).toMatchObject({ code: 'device_unknown' })
    const { secret } = (await send(officer, '/me/second-step', {})).json<{ secret: string }>()
    await send(officer, '/me/second-step/confirmation', { code: codeOf(secret) })
    expect((await send(officer, url('demo-accident'))).statusCode).toBe(200)
    await signIn(officer, 'east-unit2')
    expect(await current(officer)).toMatchObject({ newDevice: false, secondStep: false })
    expect((await send(officer, url('demo-accident'))).statusCode).toBe(200)
    const elsewhere = new Browser()
    await signIn(elsewhere, 'east-unit2')
    expect((await send(elsewhere, url('demo-accident'))).json()).toMatchObject({ code: 'device_unknown' })

    const { rows } = await world.base.owner.query<{ id: string; roster: string }>(
      `select h.id, h.roster_id as roster from enrolment.hand_in h join enrolment.roster r on r.id = h.roster_id
        where r.unit_id = $1`,
      [world.demo.units['east-unit2']],
    )
    const report = `/rosters/${rows[0]?.roster}/files/${rows[0]?.id}/report`
    expect((await send(officer, report)).statusCode).toBe(200)
    const agency = new Browser()
    await signIn(agency, 'east-agency')
    expect((await send(agency, report)).json()).toMatchObject({ code: 'second_step_needed' })
    const theirs = (await send(agency, '/me/second-step', {})).json<{ secret: string }>()
    await send(agency, '/me/second-step/confirmation', { code: codeOf(theirs.secret) })
    expect((await send(agency, report)).statusCode).toBe(200)
    await signIn(agency, 'east-agency') // a known device is enough for one's own unit only
    expect((await send(agency, report)).json()).toMatchObject({ code: 'second_step_needed' })
  } finally {
    services.secondStep = 'off'
  }
})

test('a member’s code is guessed at from one device, whatever its address: the device waits, and she does not', async () => {
  await enrol(world, 'east', 'unit1', 'demo-critical', peopleFrom(100, 6))
  const agency = await world.as('east-agency')
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.demo.units['east-unit1']}/covers`)
  const { login, code } = (
    await agency.post<{ login: string; code: string }>(`/members/${covers.body[0]?.memberNumber}/sign-in-code`)
  ).body
  const device = new Browser()
  await signIn(device, 'east-unit1')
  for (let i = 0; i < 8; i += 1)
    expect((await signIn(device, login, `${100_000_000_000 + i}`, { remoteAddress: `10.8.0.${i}` })).statusCode).toBe(
      401,
    )
  expect((await signIn(device, login, code, { remoteAddress: '10.8.1.1' })).json()).toMatchObject({
    code: 'too_many_requests',
  })
  expect((await signIn(new Browser(), login, code, { remoteAddress: '10.8.1.1' })).statusCode).toBe(200)
})

test('a name under attack is slowed, but not on a device that is known to be hers', async () => {
  const hers = new Browser()
  await signIn(hers, 'west-admin')
  const { secret } = (await send(hers, '/me/second-step', {})).json<{ secret: string }>()
  await send(hers, '/me/second-step/confirmation', { code: codeOf(secret) })
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      signIn(new Browser(), 'west-admin', 'wrong', { remoteAddress: `10.6.${i}.1` }),
    ),
  )
  const waits = vi.spyOn(globalThis, 'setTimeout')
  const slowed = async (browser: Browser): Promise<boolean> => {
    waits.mockClear()
    expect((await signIn(browser, 'west-admin', demoPassword, { remoteAddress: '10.6.99.1' })).statusCode).toBe(200)
    return waits.mock.calls.some(([, ms]) => ms === 1_000)
  }
  expect(await slowed(new Browser())).toBe(true)
  expect(await slowed(hers)).toBe(false)
  waits.mockRestore()
})
