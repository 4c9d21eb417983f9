import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { sm2Device } from '../test/sm2-device.ts'
import { commandLine } from './command-line.ts'
import { type Client, openWorld, type World } from './world.ts'

// A second step by a key on a USB stick: it signs what the server made up for this sign-in, and the signature opens it once.

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  ;(world.base.services as { secondStep?: 'on' | 'off' }).secondStep = 'on'
}, 120_000)
afterAll(() => world.close())

const url = '/me/second-step/key'
const reason = '钥匙丢失，核对本人后解除'
const challengeOf = async (client: Client): Promise<string> =>
  (await client.post<{ challenge: string }>(`${url}/challenge`)).body.challenge
const verify = (client: Client, signature: string) => client.post(`${url}/verification`, { signature })
/** Whether the second step of this sign-in is made: asked of a right that wants it. */
const isMade = async (client: Client): Promise<boolean> => {
  const { body } = await client.post<{ code: string }>('/stops/999999/confirmation')
  return body.code !== 'second_step_needed'
}
const enrolled = async (login: string) => {
  const [client, device] = [await world.as(login), sm2Device()]
  const { challenge } = (await client.post<{ challenge: string }>(url, { publicKey: device.pem })).body
  const done = await client.post(`${url}/confirmation`, { signature: device.sign(challenge) })
  expect(done).toMatchObject({ status: 201, body: { enrolled: true } })
  return { client, device }
}

test('a key counts from its first signature on; at the next sign-in it signs anew, and each signature opens once', async () => {
  const first = await world.as('east-decider')
  const device = sm2Device()
  for (const path of ['challenge', 'confirmation', 'verification'])
    expect(await first.post(`${url}/${path}`, { signature: 'x' })).toMatchObject({
      status: 422,
      body: { code: 'second_key_missing' },
    })
  expect(await first.post(url, { publicKey: 'ssh-rsa AAAA' })).toMatchObject({
    status: 422,
    body: { code: 'second_key_not_sm2' },
  })
  const begun = await first.post<{ challenge: string; until: string }>(url, { publicKey: device.pem })
  expect(begun).toMatchObject({ status: 201, body: { until: '2026-03-02T02:05:00.000Z' } })
  expect(await verify(first, device.sign(begun.body.challenge))).toMatchObject({ body: { code: 'second_key_missing' } })
  expect(await first.post(`${url}/confirmation`, { signature: sm2Device().sign(begun.body.challenge) })).toMatchObject({
    status: 422,
    body: { code: 'second_key_wrong' },
  })
  expect(await isMade(first)).toBe(false)
  const signature = device.sign(begun.body.challenge)
  expect(await first.post(`${url}/confirmation`, { signature })).toMatchObject({ status: 201 })
  expect(await isMade(first)).toBe(true)
  expect(await first.post(url, { publicKey: device.pem })).toMatchObject({
    status: 409,
    body: { code: 'second_key_enrolled' },
  })
  expect((await first.get('/me/second-step')).body).toMatchObject({
    authenticator: null,
    key: { fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
  })

  const second = await world.as('east-decider')
  expect(await isMade(second)).toBe(false)
  const right = device.sign(await challengeOf(second))
  const twins = await Promise.all([verify(second, right), verify(second, right)])
  expect(twins.map((each) => each.status).sort()).toEqual([200, 422])
  expect(await isMade(second)).toBe(true)
  expect(await verify(second, right)).toMatchObject({ body: { code: 'challenge_over' } })
})

test('another challenge, another session, another key, and too late: none opens', async () => {
  const { device } = await enrolled('west-decider')
  const { device: others } = await enrolled('west-releaser')
  const [here, there] = [await world.as('west-decider'), await world.as('west-decider')]
  expect(await verify(here, 'x')).toMatchObject({ body: { code: 'challenge_over' } }) // none was made for this sign-in
  const elsewhere = device.sign(await challengeOf(there))
  const earlier = device.sign(await challengeOf(here))
  const challenge = await challengeOf(here)
  for (const signature of [
    elsewhere,
    earlier,
    others.sign(challenge),
    device.sign(`${challenge}\n`),
    'not a signature',
  ])
    expect(await verify(here, signature)).toMatchObject({ status: 422, body: { code: 'second_key_wrong' } })
  await world.base.owner.query(
    `update network.key_challenge set made_at = made_at - interval '5 min', expires_at = expires_at - interval '5 min'`,
  )
  expect(await verify(here, device.sign(challenge))).toMatchObject({ status: 422, body: { code: 'challenge_over' } })
  expect(await isMade(here)).toBe(false)
  expect(await verify(here, device.sign(await challengeOf(here)))).toMatchObject({ status: 200 })
})

test('eight wrong signatures, and she waits', async () => {
  const { client, device } = await enrolled('west-finance')
  const challenge = await challengeOf(client)
  for (let i = 0; i < 8; i += 1) expect(await verify(client, device.sign('x'))).toMatchObject({ status: 422 })
  expect(await verify(client, device.sign(challenge))).toMatchObject({ status: 429 })
})

test('a password alone adds no way of its own beside one that is there, begun before or after', async () => {
  const thief = await world.as('east-releaser')
  await thief.post(url, { publicKey: sm2Device().pem })
  const { secret } = (await thief.post<{ secret: string }>('/me/second-step')).body
  const { device } = await enrolled('east-releaser')
  const code = TOTP.generate({
    secret: Secret.fromBase32(secret),
    timestamp: new Date('2026-03-02T10:00:00+08:00').getTime(),
  })
  const needed = { status: 403, body: { code: 'second_step_needed' } }
  expect(await thief.post('/me/second-step')).toMatchObject(needed)
  expect(await thief.post('/me/second-step/confirmation', { code })).toMatchObject(needed)
  // The other way round: an authenticator is there, a key is to be added.
  const officer = await world.as('east-finance')
  const other = (await officer.post<{ secret: string }>('/me/second-step')).body.secret
  const begun = await world.as('east-finance')
  const mine = sm2Device()
  const { challenge } = (await begun.post<{ challenge: string }>(url, { publicKey: mine.pem })).body
  const otherCode = TOTP.generate({
    secret: Secret.fromBase32(other),
    timestamp: new Date('2026-03-02T10:00:00+08:00').getTime(),
  })
  expect((await officer.post('/me/second-step/confirmation', { code: otherCode })).status).toBe(201)
  expect(await begun.post(`${url}/confirmation`, { signature: mine.sign(challenge) })).toMatchObject(needed)
  expect(await begun.post(url, { publicKey: mine.pem })).toMatchObject(needed)
  const added = await officer.post<{ challenge: string }>(url, { publicKey: mine.pem })
  expect(await officer.post(`${url}/confirmation`, { signature: mine.sign(added.body.challenge) })).toMatchObject({
    status: 201,
  })
  expect(await verify(thief, device.sign(await challengeOf(thief)))).toMatchObject({ status: 200 })
})

test('an administrator takes a lost key away: her sessions end, the key opens nothing, and she enrols another', async () => {
  const { device } = await enrolled('east-reviewer')
  const { client: admin } = await enrolled('east-admin')
  const staff = await admin.get<{ id: number; login: string }[]>('/staff')
  const staffId = staff.body.find((each) => each.login === 'east-reviewer')?.id
  const open = await world.as('east-reviewer')
  expect(await admin.post(`/staff/${staffId}/second-step/removal`, { reason })).toMatchObject({ status: 201 })
  expect(await open.get('/me')).toMatchObject({ status: 401 })
  const again = await world.as('east-reviewer')
  expect(await verify(again, device.sign('x'))).toMatchObject({ body: { code: 'second_key_missing' } })
  await enrolled('east-reviewer')
  const { rows } = await world.base.owner.query(
    `select from platform.act where command = 'network.remove-second-step' and reason = $1`,
    [reason],
  )
  expect(rows).toHaveLength(1)
})

test('it is typed too: the key signs a file, its signature is read as text or as bytes, and an administrator unbinds', async () => {
  const { dir, signIn, type, exitOf, close } = await commandLine(world)
  const [pem, asked, signed] = [join(dir, 'key.pem'), join(dir, 'asked'), join(dir, 'signed')]
  try {
    const device = sm2Device()
    const own = (...words: string[]) => type('head-decider', 'account', 'second-step', ...words)
    await signIn('head-decider')
    expect(await own('ways')).toContain('没有 SM2 钥匙')
    await writeFile(pem, device.pem)
    expect(await own('key-enrol', pem, '--to', asked)).toContain('key-confirm')
    await writeFile(signed, device.sign(await readFile(asked, 'utf8')))
    expect(await own('key-confirm', signed)).toContain('已登记')
    expect(await own('ways')).toMatch(/SM2 钥匙 [0-9a-f]{16}/)
    await signIn('head-decider')
    const said = await own('key-challenge')
    await writeFile(signed, Buffer.from(device.sign(said.split('\n')[1] ?? ''), 'base64'))
    expect(await own('key-verify', signed)).toBe('验证通过。')

    await signIn('head-admin')
    const his = sm2Device()
    const admin = (...words: string[]) => type('head-admin', 'account', 'second-step', ...words)
    await writeFile(pem, his.pem)
    await admin('key-enrol', pem, '--to', asked)
    await writeFile(signed, his.sign(await readFile(asked, 'utf8')))
    await admin('key-confirm', signed)
    const staff = JSON.parse(await type('head-admin', 'staff', 'list', '--json')) as { id: number; login: string }[]
    const id = String(staff.find((each) => each.login === 'head-decider')?.id)
    expect(await type('head-admin', 'staff', 'second-step-off', id, '--reason', reason)).toContain('已解除')
    expect(await exitOf('head-decider', 'account', 'sessions')).toBe(1)
  } finally {
    close()
  }
})
