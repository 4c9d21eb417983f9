import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { attack, attackersOf, fingerprint, hostileRequests, operationsOf } from './attacks.ts'
import { type FullWorld, openFullWorld, stay } from './places.ts'
import { pdf } from './world.ts'

// Five hundred hostile requests, made from the interface's own description; five thousand in attack.long.test.ts.

let world: FullWorld
const signInAs = async (login: string, password = demoPassword): Promise<string> =>
  (await world.anybody.post<{ token: string }>('/sign-in', { login, password })).body.token
beforeAll(async () => {
  world = await openFullWorld()
}, 240_000)
afterAll(() => world.close())

test('the attack covers the whole interface', async () => {
  const operations = await operationsOf(world)
  const routes = world.app.routes.filter((route) => route.method !== 'HEAD' && route.summary !== '')
  expect(operations.length).toBe(routes.length - 4)
})

test('500 hostile requests: none breaks the server, none that is refused changes anything, none touches the neighbour', async () => {
  const neighbour = await fingerprint(world, 3)
  const outcome = await attack(
    world,
    await hostileRequests(world, await attackersOf(world), { seed: 20_260_720, count: 500 }),
  )
  expect(outcome.broken).toEqual([])
  expect(outcome.changed).toEqual([])
  expect(outcome.slow).toEqual([])
  expect(outcome.refused).toBeGreaterThan(250)
  // Not only at the door: many reach the reading of input, and the looking up of records.
  expect((outcome.byStatus[400] ?? 0) + (outcome.byStatus[404] ?? 0)).toBeGreaterThan(100)
  expect(await fingerprint(world, 3)).toEqual(neighbour)
}, 240_000)

test('a key against repeats answers for one upload only: another file of the same length is refused', async () => {
  const { office_finance: client } = world.actors
  const key = { 'idempotency-key': 'one-statement' }
  const statement = (fen: string) =>
    Buffer.from(`交易日期,对方户名,贷方金额,附言,流水号\n2026-03-02,某单位,${fen},x,K${fen}\n`)
  const send = (file: Buffer) => client.upload('/statements', file, { account: '专户' }, key)
  const first = await send(statement('10.00'))
  expect(first.status).toBe(201)
  expect((await send(statement('10.00'))).body, 'the same again').toEqual(first.body)
  expect(await send(statement('99.00'))).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } })
  expect(await client.post('/payment-batches', undefined, { 'idempotency-key': 'x'.repeat(101) })).toMatchObject({
    status: 400,
    body: { code: 'input_not_understood', fields: [{ field: 'Idempotency-Key', problem: '最多 100 个字符' }] },
  })
})

test('a key against repeats is each actor’s own: another with the same key gets no answer of his', async () => {
  const key = { 'idempotency-key': 'the-same-key' }
  const { unit_officer: one } = world.actors
  const roster = { unitId: world.at.own.unitId, editionId: world.editionId }
  const first = await one.post('/rosters', roster, key)
  expect(await one.post('/rosters', roster, key)).toMatchObject({ status: 201, body: first.body })
  expect(await one.post('/rosters', { ...roster, unitId: world.at.own.unitId + 1 }, key)).toMatchObject({
    status: 409,
    body: { code: 'idempotency_key_reused' },
  })
  const other = await world.as('east-unit2')
  const theirs = await other.post('/rosters', { ...roster, unitId: world.at.sibling.unitId }, key)
  expect(theirs.status).toBe(201)
  expect(theirs.body).not.toEqual(first.body)
  expect(await one.post(`/rosters/${world.at.own.openRosterId}/closing`, {}, key)).toMatchObject({
    status: 409,
    body: { code: 'idempotency_key_reused' },
  })
})

test('a race on one decision, and on one release, leaves one', async () => {
  const { agency_clerk: agency, office_decider: decider, office_releaser: releaser } = world.actors
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.at.own.unitId}/covers`)
  const number = [...new Set(covers.body.map((each) => each.memberNumber))][4]
  const code = await agency.post<{ login: string; code: string }>(`/members/${number}/sign-in-code`)
  const herself = await world.as(code.body.login, code.body.code)
  const filed = (await herself.post<{ eventId: number; items: number[] }>('/claims', stay(3))).body
  for (const kind of ['出院记录', '医保结算单', '病理报告'])
    await herself.upload(`/claims/${filed.eventId}/papers`, pdf(kind + number), { kind })
  expect((await agency.post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass' })).status).toBe(201)
  const count = async <T>(n: number, one: () => Promise<{ status: number } & T>) =>
    (await Promise.all(Array.from({ length: n }, one))).filter((each) => each.status === 201).length
  expect(await count(8, () => decider.post(`/claim-items/${filed.items[0]}/decision`))).toBe(1)
  const released = await count(8, () => releaser.post(`/payment-batches/${world.at.own.batchId}/release`))
  const { rows } = await world.base.owner.query(`select from payments.release where batch_id = $1`, [
    world.at.own.batchId,
  ])
  expect(released).toBeLessThanOrEqual(1)
  expect(rows).toHaveLength(1)
})

test('what we write for a spreadsheet is never a formula', async () => {
  const { writeCsv } = await import('#platform/sheets/index.ts')
  const text = writeCsv([['=1+1', '+1', '-1', '@x', '\t=1', '王芳']]).toString('utf8')
  for (const cell of text.trim().split(',')) expect(cell.replace(/^[﻿"]+/, '')).not.toMatch(/^[=+@\t-]/)
})

test('every answer carries the headers that keep a browser from being used against us', async () => {
  for (const url of ['/', '/me', '/openapi.json', '/nowhere']) {
    const { headers } = await world.app.inject({ method: 'GET', url })
    const policy = String(headers['content-security-policy'])
    expect(policy, url).toContain("default-src 'self'")
    expect(policy).toContain("object-src 'none'")
    expect(policy).toContain("frame-ancestors 'self'")
    expect(policy.match(/script-src ([^;]*)/)?.[1]).toBe("'self'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBe('SAMEORIGIN')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['strict-transport-security']).toContain('max-age')
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
})

test('a cookie from somebody else’s page changes nothing', async () => {
  const token = await signInAs('east-unit1')
  const roster = JSON.stringify({ unitId: world.at.own.unitId, editionId: world.editionId })
  const post = (headers: Record<string, string>) =>
    world.app.inject({
      method: 'POST',
      url: '/rosters',
      payload: roster,
      headers: { cookie: `session=${token}`, 'content-type': 'application/json', host: 'hz.example', ...headers },
    })
  for (const headers of [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ])
    expect((await post(headers as Record<string, string>)).json()).toMatchObject({ code: 'from_another_page' })
  expect((await post({ origin: 'https://hz.example' })).statusCode).toBe(201)
  expect((await post({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(201)
})

test('bodies and files have limits, and a paper is what its bytes are, not what its name says', async () => {
  const { unit_officer: unit, member } = world.actors
  expect((await unit.post('/rosters', { x: 'x'.repeat(1_100_000) })).status).toBe(413)
  const url = `/claims/${world.at.own.openEventId}/papers`
  expect(
    await member.upload(url, Buffer.concat([pdf('x'), Buffer.alloc(21 * 1024 * 1024)]), { kind: '其他' }),
  ).toMatchObject({
    status: 413,
  })
  for (const file of ['<html><script>alert(1)</script>', '<svg onload="alert(1)"/>', 'MZ\u0090\u0000', '#!/bin/sh\n'])
    expect((await member.upload(url, Buffer.from(file), { kind: '其他' })).status).toBe(415)
})

test('an unknown name and a wrong password are answered alike', async () => {
  const one = await world.anybody.post('/sign-in', { login: 'east-admin', password: 'wrong-password' })
  const two = await world.anybody.post('/sign-in', { login: 'nobody-at-all', password: 'wrong-password' })
  expect(one.body).toEqual(two.body)
  expect(one.status).toBe(401)
})
