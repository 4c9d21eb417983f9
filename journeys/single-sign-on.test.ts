import { Secret, TOTP } from 'otpauth'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { day } from '#kernel/days.ts'
import type { App, HttpOptions } from '#platform/http/http.ts'
import type { RequestLine } from '#platform/http/observe.ts'
import { createApp } from '../server/src/app.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { Browser } from './browser.ts'
import { commandLine } from './command-line.ts'
import { back, clientSecret, openProvider, type TestProvider } from './provider.ts'
import { type Client, openWorld, type World } from './world.ts'

// Staff come from their body's own provider: a real one, on this machine. Whom it vouches for has to be linked to a login,
// and whatever is not exactly right opens nothing.

let world: World
let provider: TestProvider
let other: TestProvider
let admin: Client
const lines: RequestLine[] = []
const errors: string[] = []
const write = process.stderr.write.bind(process.stderr)
const clock = () => new Date(`${world.today}T10:00:00+08:00`)
const settings = () => ({
  issuer: provider.issuer,
  clientId: 'tongzhou',
  clientSecret,
  redirect: back,
  secondStepAcr: 'urn:test:two-factors',
})
const appWith = (oidc: HttpOptions['oidc']): Promise<App> =>
  createApp({ db: world.base.db, services: world.base.services, clock, ...(oidc ? { oidc } : {}) })

beforeAll(async () => {
  // The provider says at length that it should not be run like this.
  for (const level of ['info', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => {})
  provider = await openProvider()
  other = await openProvider()
  world = await openWorld(day('2026-03-02'), { oidc: settings(), log: (line) => lines.push(line) })
  admin = await world.as('east-admin')
  process.stderr.write = ((text: string) => {
    errors.push(String(text))
    return true
  }) as typeof process.stderr.write
}, 120_000)
afterAll(async () => {
  process.stderr.write = write
  vi.restoreAllMocks()
  await Promise.all([provider.close(), other.close()])
  await world.close()
})
afterEach(() => {
  Object.assign(provider, { claims: {}, forged: false })
})

/** What the operator was told last of an answer that was not taken. */
const whyOf = (): string => /"oidc":"([^"]+)"/.exec(errors.at(-1) ?? '')?.[1] ?? ''

const us = '127.0.0.1:8720'
const reason = '按办公会决定'
let addresses = 0

/** A browser at our own door. */
const ask = async (browser: Browser, url: string, { at = world.app, accept = '*/*' } = {}) => {
  const reply = await at.inject({
    url,
    headers: { cookie: browser.cookies(us), accept, 'user-agent': 'a browser' },
    remoteAddress: `10.9.0.${addresses}`,
  })
  browser.keep(us, [reply.headers['set-cookie'] ?? []].flat())
  return reply
}
const setOut = async (browser: Browser, query = ''): Promise<string> =>
  String((await ask(browser, `/sign-in/oidc${query}`)).headers.location)
const cameBack = (browser: Browser, to: URL, more = {}) => ask(browser, `${to.pathname}${to.search}`, more)
/** From our door to the provider and back. */
const roundTrip = async (login: string, browser = new Browser()) =>
  cameBack(browser, await browser.walk(await setOut(browser), { login }))

const idOf = async (login: string): Promise<number> =>
  (await admin.get<{ id: number; login: string }[]>('/staff')).body.find((each) => each.login === login)?.id ?? 0
const link = async (login: string, subject: string) =>
  admin.post<{ linkId: number; code?: string }>(`/staff/${await idOf(login)}/oidc-links`, { subject, reason })
const sessions = async (): Promise<number> =>
  (await world.base.owner.query(`select from platform.session where ended_at is null`)).rows.length

/** Somebody signed in with her password, whose replies tell their cookies too. */
const byPassword = async (login: string) => {
  const { app } = world
  const { token } = (
    await app.inject({ method: 'POST', url: '/sign-in', payload: { login, password: demoPassword } })
  ).json<{ token: string }>()
  const headers = { authorization: `Bearer ${token}` }
  return {
    get: (url: string) => app.inject({ url, headers }),
    post: (url: string, payload: object = {}) => app.inject({ method: 'POST', url, payload, headers }),
  }
}

test('a browser is sent to the provider with PKCE, state and nonce, and carries a sealed cookie that no script sees', async () => {
  const left = await ask(new Browser(), '/sign-in/oidc')
  expect(left.statusCode).toBe(303)
  const to = new URL(String(left.headers.location))
  expect(to.origin).toBe(provider.issuer)
  const said = Object.fromEntries(to.searchParams)
  expect(said).toMatchObject({
    client_id: 'tongzhou',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: back,
    code_challenge_method: 'S256',
  })
  // The address tells the provider nothing of who is coming.
  const fixed = ['acr_values', 'client_id', 'code_challenge_method', 'redirect_uri', 'response_type', 'scope']
  expect(Object.keys(said).sort()).toEqual([...fixed, 'state', 'nonce', 'code_challenge'].sort())
  for (const name of ['state', 'nonce', 'code_challenge']) expect(said[name]?.length, name).toBeGreaterThan(40)
  const cookies = [left.headers['set-cookie'] ?? []].flat()
  const cookie = cookies.find((each) => each.startsWith('sign-in-trip=')) ?? ''
  expect(cookie).toMatch(/^sign-in-trip=[\w-]+; Max-Age=600; Path=\/sign-in\/oidc; HttpOnly; SameSite=Lax$/)
  for (const secret of [said.state ?? 'x', said.nonce ?? 'x']) expect(cookie).not.toContain(secret)
  const outside = await appWith({ ...settings(), redirect: 'https://hz.example/sign-in/oidc/back' })
  expect(String((await ask(new Browser(), '/sign-in/oidc', { at: outside })).headers['set-cookie'])).toContain(
    '; Secure',
  )
  await outside.close()
})

test('whom nobody linked is told what to ask for, and does not come to be by signing in', async () => {
  const before = await sessions()
  const answer = await roundTrip('li-ming-1')
  expect(answer.statusCode).toBe(403)
  expect(answer.json()).toMatchObject({ code: 'oidc_not_linked', subject: 'li-ming-1' })
  expect(answer.json().message).toContain('li-ming-1')
  expect(answer.headers['set-cookie']).not.toContain('session=')
  const browser = new Browser()
  const read = await cameBack(browser, await browser.walk(await setOut(browser), { login: '<b>li</b>' }), {
    accept: 'text/html',
  })
  expect(read.headers['content-type']).toContain('text/html')
  expect(read.body).toContain('&lt;b&gt;li&lt;/b&gt;')
  expect(read.body).toContain('您的统一身份账号还没有关联')
  expect(await sessions()).toBe(before)
})

test('an administrator links an identity; then it opens the session that a password opens, listed, recorded and revocable', async () => {
  const officer = await world.as('east-reviewer')
  expect(await link('east-reviewer', 'li-ming-1')).toMatchObject({ status: 201 })
  // She is signed out, and so notices that her login has a second way in.
  expect((await officer.get('/me')).status).toBe(401)
  const browser = new Browser()
  const opened = await roundTrip('li-ming-1', browser)
  expect([opened.statusCode, opened.headers.location]).toEqual([303, '/'])
  const cookie = [opened.headers['set-cookie'] ?? []].flat().find((each) => each.startsWith('session='))
  expect(cookie).toMatch(/^session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/)
  expect(browser.cookies(us)).not.toContain('sign-in-trip')
  const me = await ask(browser, '/me')
  expect(me.json()).toMatchObject({ kind: 'staff', role: 'office_reviewer', office: 2 })
  const listed = (await ask(browser, '/me/sessions')).json<{ current: boolean; device: string; until: string }[]>()
  expect(listed).toMatchObject([{ current: true, device: 'a browser', until: '2026-03-02T14:00:00.000Z' }])
  expect((await ask(browser, '/me/oidc-links')).json()).toMatchObject([{ issuer: provider.issuer, byHerself: false }])
  const { rows } = await world.base.owner.query<{ command: string; object: string; reason: string | null }>(
    `select command, object, reason from platform.act where command like '%-oidc' order by id`,
  )
  expect(rows).toMatchObject([
    { command: 'network.link-oidc', object: `staff:${await idOf('east-reviewer')}`, reason },
    { command: 'network.sign-in-oidc', object: expect.stringMatching(/^oidc-link:\d+ device:unknown$/) },
  ])
  // Signing out by the cookie ends the session itself.
  const headers = { cookie: browser.cookies(us), 'sec-fetch-site': 'same-origin' }
  const out = await world.app.inject({ method: 'POST', url: '/sign-out', headers })
  expect(out.statusCode).toBe(200)
  expect(String(out.headers['set-cookie'])).toMatch(/^session=;/)
  expect((await ask(browser, '/me')).statusCode).toBe(401)
  // The table does not say who she is at the provider.
  const kept = await world.base.owner.query<{ all: string }>(`select oidc_link::text as all from network.oidc_link`)
  expect(kept.rows[0]?.all).not.toContain('li-ming-1')
})

test('an identity opens one login in the whole association, and a login has one identity', async () => {
  expect(await link('east-finance', 'li-ming-1')).toMatchObject({ status: 409, body: { code: 'oidc_already_linked' } })
  expect(await link('east-reviewer', 'li-ming-2')).toMatchObject({ status: 409, body: { code: 'oidc_already_linked' } })
  const west = await world.as('west-admin')
  const staff = await west.get<{ id: number; login: string }[]>('/staff')
  const url = `/staff/${staff.body.find((each) => each.login === 'west-reviewer')?.id}/oidc-links`
  expect(await west.post(url, { subject: 'li-ming-1', reason })).toMatchObject({ status: 409 })
  // Of many who link it at once, one does.
  const logins = ['east-decider', 'east-finance', 'east-releaser', 'east-agency']
  const raced = await Promise.all(logins.map((login) => link(login, 'many')))
  expect(raced.map((each) => each.status).sort()).toEqual([201, 409, 409, 409])
  const won = raced.findIndex((each) => each.status === 201)
  const id = await idOf(logins[won] ?? '')
  const taken = `/staff/${id}/oidc-links/${raced[won]?.body.linkId}/removal`
  expect(await admin.post(taken, { reason })).toMatchObject({ status: 201 })
})

test('no administrator opens a way into a login of her own choosing: not her own, not a watcher’s, not one that is not there', async () => {
  const url = (id: number, more = '') => `/staff/${id}/oidc-links${more}`
  expect(await link('east-admin', 'x')).toMatchObject({ status: 403, body: { code: 'not_yourself' } })
  const watcher = (
    await world.base.owner.query<{ id: number }>(
      `select staff_id as id from network.appointment where office_id = 2 and role = 'supervisory_board'`,
    )
  ).rows[0]?.id as number
  for (const more of ['', '/7/removal'])
    expect(await admin.post(url(watcher, more), { subject: 'x', reason })).toMatchObject({
      status: 403,
      body: { code: 'watcher_from_above' },
    })
  expect(await admin.post(url(999_999_999), { subject: 'x', reason })).toMatchObject({
    body: { code: 'staff_not_found' },
  })
  expect(await admin.get(url(999_999_999))).toMatchObject({ status: 404, body: { code: 'staff_not_found' } })
  expect(await admin.post(url(await idOf('east-reviewer'), '/7/removal'), { reason })).toMatchObject({
    status: 404,
    body: { code: 'oidc_link_not_found' },
  })
})

test('whatever is not exactly right opens nothing, and each no says what to do', async () => {
  const before = await sessions()
  const refusedBecause = async (why: string) => {
    addresses += 1
    const answer = await roundTrip('li-ming-1')
    expect([answer.statusCode, answer.json().code], why).toEqual([401, 'oidc_not_trusted'])
    expect(whyOf(), JSON.stringify(provider.claims)).toBe(why)
    expect(String(answer.headers['set-cookie'])).not.toContain('session=')
  }
  const now = Math.floor(Date.now() / 1_000)
  for (const wrong of [
    { nonce: 'another-nonce' },
    { iss: other.issuer },
    { aud: 'another' },
    { aud: ['tongzhou', 'another'], azp: 'another' },
  ]) {
    provider.claims = wrong
    await refusedBecause('OAUTH_JWT_CLAIM_COMPARISON_FAILED')
  }
  provider.claims = { exp: now - 600, iat: now - 1_200 }
  await refusedBecause('OAUTH_JWT_TIMESTAMP_CHECK_FAILED')
  provider.claims = { sub: undefined }
  await refusedBecause('OAUTH_INVALID_RESPONSE')
  Object.assign(provider, { claims: {}, forged: true })
  await refusedBecause('OAUTH_INVALID_RESPONSE')
  provider.forged = false

  const browser = new Browser()
  const declined = await cameBack(browser, await browser.walk(await setOut(browser), { login: 'x', decline: true }))
  expect(declined.json()).toMatchObject({ code: 'oidc_declined', why: 'access_denied' })
  expect(await sessions()).toBe(before)
})

test('an answer is taken once, from the browser that asked, within ten minutes, from this provider and for this client', async () => {
  addresses += 1
  const browser = new Browser()
  const lost = { code: 'oidc_trip_lost' }
  // The same answer again: the browser no longer has its cookie; with the cookie the provider refuses the code.
  const to = await browser.walk(await setOut(browser), { login: 'li-ming-1' })
  const twin = new Browser()
  twin.keep(us, [browser.cookie(us, 'sign-in-trip')])
  expect((await cameBack(browser, to)).statusCode).toBe(303)
  const before = await sessions()
  expect((await cameBack(new Browser(), to)).json()).toMatchObject(lost)
  const asked = provider.asked
  expect((await cameBack(twin, to)).json()).toMatchObject({ code: 'oidc_not_trusted' })
  expect([provider.asked, whyOf()]).toEqual([asked + 1, 'OAUTH_RESPONSE_BODY_ERROR'])

  // Another browser's answer: neither its state nor a state put right opens anything.
  const [mine, hers] = [new Browser(), new Browser()]
  const own = await mine.walk(await setOut(mine), { login: 'li-ming-1' })
  const strange = await hers.walk(await setOut(hers), { login: 'somebody-else' })
  const at = mine.cookie(us, 'sign-in-trip')
  expect((await cameBack(mine, strange)).json()).toMatchObject(lost)
  const mixed = new URL(own)
  mixed.searchParams.set('code', strange.searchParams.get('code') ?? '')
  mine.keep(us, [at])
  expect((await cameBack(mine, mixed)).json()).toMatchObject({ code: 'oidc_not_trusted' })
  expect(whyOf()).toBe('OAUTH_RESPONSE_BODY_ERROR') // PKCE: the code was asked for by another browser

  // Another issuer's answer, as it is and with our provider's name on it.
  const late = new Browser()
  const set = new URL(await setOut(late))
  const sealed = late.cookie(us, 'sign-in-trip')
  const elsewhere = new URL(set)
  elsewhere.port = new URL(other.issuer).port
  const mixUp = await late.walk(elsewhere.href, { login: 'li-ming-1' })
  expect(mixUp.searchParams.get('iss')).toBe(other.issuer)
  expect((await cameBack(late, mixUp)).json()).toMatchObject({ code: 'oidc_not_trusted' })
  expect(whyOf()).toBe('OAUTH_INVALID_RESPONSE')
  late.keep(us, [sealed])
  mixUp.searchParams.set('iss', provider.issuer)
  expect((await cameBack(late, mixUp)).json()).toMatchObject({ code: 'oidc_not_trusted' })

  // A code that the provider gave to another client.
  late.keep(us, [sealed])
  const forAnother = new URL(set)
  forAnother.searchParams.set('client_id', 'another')
  const code = await late.walk(forAnother.href, { login: 'li-ming-1' })
  expect((await cameBack(late, code)).json()).toMatchObject({ code: 'oidc_not_trusted' })
  expect(whyOf()).toBe('OAUTH_RESPONSE_BODY_ERROR')

  // Too late, and a cookie that is not ours.
  const slow = new Browser()
  const arrived = await slow.walk(await setOut(slow), { login: 'li-ming-1' })
  const { today } = world
  world.today = day('2026-03-03')
  expect((await cameBack(slow, arrived)).json()).toMatchObject(lost)
  world.today = today
  slow.keep(us, ['sign-in-trip=AQAAAAFub3Qgb3Vycw'])
  expect((await cameBack(slow, arrived)).json()).toMatchObject(lost)
  expect(await sessions()).toBe(before)
})

test('the second step: the provider’s counts for a link that the officer made herself, after her own; an administrator’s link gives none', async () => {
  const services = world.base.services as { secondStep?: 'on' | 'off' }
  services.secondStep = 'on'
  try {
    addresses += 1
    const admits = (browser: Browser) => ask(browser, '/me/oidc-links').then((reply) => reply.statusCode)
    const stepOf = async (browser: Browser) =>
      (await ask(browser, '/me/sessions')).json<{ secondStep: boolean; current: boolean }[]>().find((s) => s.current)
        ?.secondStep
    provider.claims = { acr: 'urn:test:two-factors' }
    const linked = new Browser()
    await roundTrip('li-ming-1', linked)
    expect([await admits(linked), await stepOf(linked)]).toEqual([200, false])

    const officer = await byPassword('east-decider')
    expect((await officer.post('/me/oidc-links')).json()).toMatchObject({ code: 'second_step_needed' })
    const { secret } = (await officer.post('/me/second-step')).json<{ secret: string }>()
    const code = TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: clock().getTime() })
    expect((await officer.post('/me/second-step/confirmation', { code })).statusCode).toBe(201)

    const browser = new Browser()
    const begun = await officer.post('/me/oidc-links')
    browser.keep(us, [begun.headers['set-cookie'] ?? []].flat())
    const { address } = begun.json<{ address: string }>()
    expect(new URL(address).searchParams.get('prompt')).toBe('login')
    const done = await cameBack(browser, await browser.walk(address, { login: 'wang-fang' }))
    expect([done.statusCode, done.body]).toEqual([200, expect.stringContaining('已关联')])
    expect(browser.cookies(us)).toBe('') // a link opens no session
    const [own] = (await officer.get('/me/oidc-links')).json<{ id: number; byHerself: boolean }[]>()
    expect(own?.byHerself).toBe(true)

    for (const [claims, counts] of [
      [{ acr: 'urn:test:two-factors' }, true],
      [{ amr: ['pwd', 'urn:test:two-factors'] }, true],
      [{ acr: 'urn:test:password-only', amr: ['pwd'] }, false],
      [{}, false],
    ] as const) {
      provider.claims = claims
      const signed = new Browser()
      await roundTrip('wang-fang', signed)
      expect(await stepOf(signed), JSON.stringify(claims)).toBe(counts)
      // Where it counts, the device is known from now on.
      const devices = (await ask(signed, '/me/devices')).json<{ current: boolean }[]>()
      expect(devices.some((device) => device.current)).toBe(counts)
    }
    // Without the setting it never counts.
    const strict = await appWith({ ...settings(), secondStepAcr: undefined })
    provider.claims = { acr: 'urn:test:two-factors' }
    const signed = new Browser()
    const left = await ask(signed, '/sign-in/oidc', { at: strict })
    await cameBack(signed, await signed.walk(String(left.headers.location), { login: 'wang-fang' }), { at: strict })
    expect(await stepOf(signed)).toBe(false)
    await strict.close()

    // She takes it off: every session but this one ends, and the identity opens nothing any more.
    expect((await officer.post(`/me/oidc-links/${own?.id}/removal`)).statusCode).toBe(201)
    expect((await officer.post(`/me/oidc-links/${own?.id}/removal`)).json()).toMatchObject({
      code: 'oidc_link_not_found',
    })
    expect((await ask(signed, '/me')).statusCode).toBe(401)
    expect((await officer.get('/me')).statusCode).toBe(200)
    expect((await roundTrip('wang-fang')).json()).toMatchObject({ code: 'oidc_not_linked' })
  } finally {
    services.secondStep = 'off'
  }
})

test('a link that was set out on ends with the session that asked for it, and never takes what is taken', async () => {
  addresses += 1
  const officer = await byPassword('east-finance')
  const setOutToLink = async (login: string) => {
    const browser = new Browser()
    const begun = await officer.post('/me/oidc-links')
    browser.keep(us, [begun.headers['set-cookie'] ?? []].flat())
    return { browser, to: await browser.walk(begun.json<{ address: string }>().address, { login }) }
  }
  const taken = await setOutToLink('li-ming-1')
  expect((await cameBack(taken.browser, taken.to)).json()).toMatchObject({ code: 'oidc_already_linked' })
  const late = await setOutToLink('zhao-min')
  expect((await officer.post('/sign-out')).statusCode).toBe(200)
  expect((await cameBack(late.browser, late.to)).json()).toMatchObject({ code: 'sign_in_first' })
  // What was carried for a link is not taken for a sign-in of that identity, either.
  expect((await roundTrip('zhao-min')).json()).toMatchObject({ code: 'oidc_not_linked' })
})

test('an administrator takes a link off, or the term ends: the sessions end, and the identity opens nothing', async () => {
  addresses += 1
  const id = await idOf('east-reviewer')
  const browser = new Browser()
  await roundTrip('li-ming-1', browser)
  expect((await ask(browser, '/me')).statusCode).toBe(200)
  const [row] = (await admin.get<{ id: number }[]>(`/staff/${id}/oidc-links`)).body
  expect(await admin.post(`/staff/${id}/oidc-links/${row?.id}/removal`, { reason })).toMatchObject({ status: 201 })
  expect((await ask(browser, '/me')).statusCode).toBe(401)
  expect((await roundTrip('li-ming-1')).json()).toMatchObject({ code: 'oidc_not_linked' })
  expect((await admin.get(`/staff/${id}/oidc-links`)).body).toEqual([])
  // It may be linked again; without an appointment of today there is still no session.
  expect(await link('east-reviewer', 'li-ming-1')).toMatchObject({ status: 201 })
  expect((await roundTrip('li-ming-1')).statusCode).toBe(303)
  await world.base.owner.query(`update network.appointment set until_on = $1 where office_id = 2 and staff_id = $2`, [
    world.today,
    id,
  ])
  expect((await roundTrip('li-ming-1')).json()).toMatchObject({ code: 'oidc_no_appointment' })
})

test('it is typed too: an administrator links and takes off, and each sees what is hers', async () => {
  const { signIn, type, exitOf, close } = await commandLine(world)
  try {
    for (const login of ['east-admin', 'east-releaser']) await signIn(login)
    const id = String(await idOf('east-finance'))
    const linked = await type('east-admin', 'staff', 'identify', id, 'qian-li', '--reason', reason)
    const linkId = /编号 (\d+)/.exec(linked)?.[1] ?? ''
    expect(await type('east-admin', 'staff', 'identities', id)).toMatch(
      new RegExp(`${linkId}.*${provider.issuer}.*管理员`),
    )
    await type('east-admin', 'staff', 'unidentify', id, linkId, '--reason', reason)
    expect(await type('east-admin', 'staff', 'identities', id)).not.toContain(provider.issuer)
    expect(await type('east-releaser', 'account', 'sessions')).toContain('新')
    expect(await type('east-releaser', 'account', 'devices')).toContain('最近一次')
    expect(await type('east-releaser', 'account', 'identities')).toContain('由谁关联')
    for (const what of ['forget', 'unidentify']) expect(await exitOf('east-releaser', 'account', what, '7')).toBe(1)
  } finally {
    close()
  }
})

test('a provider that is away, or none at all, is said as it is; passwords go on', async () => {
  const away = await openProvider()
  const gone = await appWith({ ...settings(), issuer: away.issuer })
  const browser = new Browser()
  const left = await ask(browser, '/sign-in/oidc', { at: gone })
  const to = await browser.walk(String(left.headers.location), { login: 'li-ming-1' })
  await away.close()
  expect((await cameBack(browser, to, { at: gone })).json()).toMatchObject({ code: 'oidc_unreachable' })
  await gone.close()
  const never = await appWith({ ...settings(), issuer: away.issuer })
  const answer = await ask(new Browser(), '/sign-in/oidc', { at: never })
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'oidc_unreachable'])
  await never.close()
  const without = await appWith(undefined)
  for (const url of ['/sign-in/oidc', '/sign-in/oidc/back?state=x&code=y'])
    expect((await ask(new Browser(), url, { at: without })).json()).toMatchObject({ code: 'oidc_off' })
  await without.close()
  expect((await byPassword('east-decider')).get).toBeDefined()
})

test('an address that fails again and again waits; another does not', async () => {
  addresses += 1
  for (let i = 0; i < 100; i += 1) await ask(new Browser(), '/sign-in/oidc/back?state=guess&code=guess')
  expect((await ask(new Browser(), '/sign-in/oidc/back?state=guess&code=guess')).json()).toMatchObject({
    code: 'too_many_requests',
  })
  addresses += 1
  expect((await ask(new Browser(), '/sign-in/oidc/back?state=guess&code=guess')).json()).toMatchObject({
    code: 'oidc_trip_lost',
  })
})

test('no person, code or token is in what is logged or recorded', async () => {
  const acts = await world.base.owner.query(`select row(a.*)::text as act from platform.act a`)
  const all = `${JSON.stringify(lines)}\n${errors.join('')}\n${JSON.stringify(acts.rows)}`
  expect(lines.some((line) => line.route === '/sign-in/oidc/back')).toBe(true)
  expect(errors.join('')).toContain('"oidc":"OAUTH_')
  for (const said of ['li-ming', 'wang-fang', 'zhao-min', 'qian-li', 'code=', 'state=', 'eyJ', clientSecret])
    expect(all).not.toContain(said)
})
