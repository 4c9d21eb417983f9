import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { openWorld, pdf, type World } from '../journeys/world.ts'
import { createApp } from '../server/src/app.ts'
import { testContext } from './database.ts'

// What the edge answers before any use case is reached: in words, with a code, and never with what was sent.

let world: World
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

test('nobody is let in without a session, or with one that is not ours', async () => {
  expect(await world.anybody.get('/units')).toMatchObject({ status: 401, body: { code: 'sign_in_first' } })
  for (const authorization of ['Bearer made-up', `Bearer ${'x'.repeat(5_000)}`, 'Basic eDp5'])
    expect(
      (await world.app.inject({ url: '/units', headers: { authorization } })).json(),
      authorization.slice(0, 20),
    ).toMatchObject({ code: 'sign_in_first' })
})

test('a wrong password and an unknown name get one answer', async () => {
  const answers = [
    await world.anybody.post('/sign-in', { login: 'east-admin', password: 'not this one' }),
    await world.anybody.post('/sign-in', { login: 'nobody-here', password: 'not this one' }),
  ]
  expect(answers[0]).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } })
  expect(answers[1]?.body).toEqual(answers[0]?.body)
})

test('an address that is not there', async () => {
  expect(await world.anybody.get('/no-such-thing')).toMatchObject({ status: 404, body: { code: 'no_such_page' } })
})

test('what is not understood is named field by field, and what was sent is not repeated', async () => {
  const agency = await world.as('east-agency')
  const secret = '990001197712140122'
  const answer = await agency.post('/units', { name: 7, kind: secret })
  expect(answer).toMatchObject({ status: 400, body: { code: 'input_not_understood' } })
  expect(answer.body.fields).toContainEqual({ field: 'name', problem: '应填文字' })
  expect((answer.body.fields as { field: string }[]).map((each) => each.field)).toEqual(
    expect.arrayContaining(['name', 'kind', 'agencyId']),
  )
  expect(JSON.stringify(answer.body)).not.toContain(secret)
  const broken = await world.app.inject({
    method: 'POST',
    url: '/sign-in',
    headers: { 'content-type': 'application/json' },
    payload: '{"login":',
  })
  expect(broken.json()).toMatchObject({ code: 'input_not_understood' })
})

test('what is too large is refused at the door, a paper of more than its limit too', async () => {
  const agency = await world.as('east-agency')
  expect(await agency.post('/units', { name: 'x'.repeat(2_000_000) })).toMatchObject({
    status: 413,
    body: { code: 'input_too_large' },
  })
  const unit = await agency.post<{ id: number }>('/units', {
    name: '带着大文件的单位',
    kind: 'without_code',
    agencyId: world.demo.agencies['east-agency1'],
  })
  const heavy = Buffer.concat([pdf('申请'), Buffer.alloc(30 * 1024 * 1024)])
  expect(
    await agency.upload(`/units/${unit.body.id}/application`, heavy, { appliedOn: '2026-03-01', workers: '3' }),
  ).toMatchObject({ status: 413, body: { code: 'file_too_large' } })
  expect(
    await agency.upload(`/units/${unit.body.id}/application`, Buffer.from('just words'), {
      appliedOn: '2026-03-01',
      workers: '3',
    }),
  ).toMatchObject({ status: 415, body: { code: 'file_kind_not_taken' } })
  expect(await agency.post(`/units/${unit.body.id}/application`, {})).toMatchObject({ body: { code: 'file_missing' } })
  // Nothing of it was kept: the unit is where it was, and its roster cannot be opened yet.
  const { rows } = await world.base.owner.query('select from membership.unit_application where unit_id = $1', [
    unit.body.id,
  ])
  expect(rows).toHaveLength(0)
})

test('a unit that was not admitted opens no roster', async () => {
  const agency = await world.as('east-agency')
  const unit = await agency.post<{ id: number }>('/units', {
    name: '还没有入会的单位',
    kind: 'without_code',
    agencyId: world.demo.agencies['east-agency1'],
  })
  const { openRoster } = await import('../server/src/modules/enrolment/index.ts')
  const ctx = testContext(world.base, { office: 2 })
  const editions = await (await world.as('east-unit1')).get<{ id: number; plan: string }[]>('/editions')
  const editionId = editions.body.find((each) => each.plan === 'demo-hospital')?.id ?? 0
  expect(await openRoster(ctx, { unitId: unit.body.id, editionId })).toMatchObject({
    ok: false,
    refused: { code: 'unit_not_admitted' },
  })
})

test('somebody who asks too often waits a minute; others do not', async () => {
  const app = await createApp({
    db: world.base.db,
    services: world.base.services,
    clock: () => new Date('2026-03-02T02:00:00Z'),
    requestsPerMinute: 3,
  })
  const ask = (remoteAddress: string) => app.inject({ url: '/tongzhou.css', remoteAddress })
  for (let i = 0; i < 3; i += 1) expect((await ask('10.0.0.1')).statusCode).toBe(200)
  const refused = await ask('10.0.0.1')
  expect(refused.statusCode).toBe(429)
  expect(refused.json()).toMatchObject({ code: 'too_many_requests' })
  expect((await ask('10.0.0.2')).statusCode).toBe(200)
  await app.close()
})

test('a plan file that cannot be read is told by place, and nothing is adopted', async () => {
  const { readPlan } = await import('../server/src/modules/plans/index.ts')
  const dir = await mkdtemp(join(tmpdir(), 'tz-plan-'))
  await writeFile(join(dir, 'clauses.zh.md'), '# 没有条款\n')
  await writeFile(join(dir, 'edition-2026.yaml'), 'plan: [\n')
  expect(await readPlan(dir)).toMatchObject({ ok: false, refused: { code: 'edition_not_understood' } })
})

test('a throw is answered with a reference, and tells nothing of what went wrong', async () => {
  const app = await createApp({
    db: { ...world.base.db, reading: { query: () => Promise.reject(new Error('value 990001197712140122')) } as never },
    services: world.base.services,
    clock: () => new Date('2026-03-02T02:00:00Z'),
  })
  const answer = await app.inject({ url: '/units', headers: { authorization: 'Bearer some-token' } })
  expect(answer.statusCode).toBe(500)
  expect(answer.json().message).toMatch(/参考号 \S+/)
  expect(answer.body).not.toContain('990001197712140122')
  await app.close()
})
