import iconv from 'iconv-lite'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { doctor } from '../server/src/doctor.ts'
import { type Client, enrol, openWorld, pdf, peopleFrom, rosterOf, statementOf, type World } from './world.ts'

// A run killed in the middle of a roster, of the money that makes it effective, or of a bank's answer, and done again, ends
// as one that was not. The database itself ends the connection, again and again, at ever later moments.

let world: World
let killer: pg.Client
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  killer = new pg.Client(world.base.connection('postgres'))
  await killer.connect()
})
afterAll(async () => {
  await killer.end()
  await world.close()
})

/** Does a thing while the server's connections are ended after some milliseconds; then once more in peace. */
const killedAfter = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
  const timer = setTimeout(
    () =>
      void killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tongzhou_server' and datname = current_database() and state <> 'idle'`,
      ),
    ms,
  )
  await work()
  clearTimeout(timer)
  return work()
}
const count = async (sql: string): Promise<number> =>
  (await world.base.owner.query<{ n: number }>(`select count(*)::int as n from ${sql}`)).rows[0]?.n ?? -1

test('a roster handed in, killed at many moments: every person once, every row told', async () => {
  const officer = await world.as('east-unit1')
  const edition = (await officer.get<{ id: number; plan: string }[]>('/editions')).body.find(
    (each) => each.plan === 'demo-critical',
  )
  for (const ms of [1, 20, 60, 120, 250, 500]) {
    const { rosterId } = (
      await officer.post<{ rosterId: number }>('/rosters', {
        unitId: world.demo.units['east-unit1'],
        editionId: edition?.id,
      })
    ).body
    const file = await rosterOf(peopleFrom(20_000 + ms * 1_000, 400), 1)
    const done = await killedAfter(ms, () =>
      officer.upload<{ accepted: number; rowsIn: number }>(`/rosters/${rosterId}/files`, file),
    )
    expect(done.body).toMatchObject({ rowsIn: 400, accepted: 400 })
    expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(400)
    expect(await count(`enrolment.hand_in where roster_id = ${rosterId}`)).toBe(1)
  }
  expect(await count('enrolment.staged_row')).toBe(0)
})

test('two officers who hand in overlapping rosters at once: every person once', async () => {
  const officers = [await world.as('east-unit1'), await world.as('east-unit1')]
  const edition = (await (officers[0] as Client).get<{ id: number; plan: string }[]>('/editions')).body.find(
    (each) => each.plan === 'demo-hospital',
  )
  const { rosterId } = (
    await (officers[0] as Client).post<{ rosterId: number }>('/rosters', {
      unitId: world.demo.units['east-unit1'],
      editionId: edition?.id,
    })
  ).body
  const all = peopleFrom(80_000, 300)
  const files = await Promise.all([rosterOf(all.slice(0, 200)), rosterOf(all.slice(100)), rosterOf(all.slice(0, 200))])
  const replies = await Promise.all(
    files.map((file, i) =>
      (officers[i % 2] as Client).upload<{ accepted: number; alreadyIn: number }>(`/rosters/${rosterId}/files`, file),
    ),
  )
  expect(replies.map((reply) => reply.status)).toEqual([201, 201, 201])
  expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(300)
})

test('the money that makes an enrolment effective, killed at many moments: covered once, booked once', async () => {
  for (const ms of [1, 10, 30, 60, 120]) {
    const people = peopleFrom(100_000 + ms * 1_000, 60)
    const [officer, agency, finance] = [
      await world.as('west-unit1'),
      await world.as('west-agency'),
      await world.as('west-finance'),
    ]
    const edition = (await officer.get<{ id: number; plan: string }[]>('/editions')).body.find(
      (each) => each.plan === 'demo-critical',
    )
    const { rosterId } = (
      await officer.post<{ rosterId: number }>('/rosters', {
        unitId: world.demo.units['west-unit1'],
        editionId: edition?.id,
      })
    ).body
    await officer.upload(`/rosters/${rosterId}/files`, await rosterOf(people, 1))
    const { headCountId } = (
      await officer.upload<{ headCountId: number }>(`/rosters/${rosterId}/head-count`, pdf('x'), {
        kind: 'staff',
        countedOn: world.today,
        heads: '60',
      })
    ).body
    await agency.post(`/rosters/${rosterId}/head-count/confirmation`, { headCountId })
    const { noticeNumber } = (await officer.post<{ noticeNumber: string }>(`/rosters/${rosterId}/closing`)).body
    const statement = statementOf([
      { on: world.today, payer: 'x', yuan: '3600.00', note: noticeNumber, reference: `K${ms}` },
    ])
    const last = await killedAfter(ms, () => finance.upload('/statements', statement))
    expect(last.status).toBe(201)
    expect(await count(`enrolment.cover where roster_id = ${rosterId}`)).toBe(60)
    expect(await count(`contributions.receipt where bank_reference = 'K${ms}'`)).toBe(1)
  }
  expect((await doctor(world.base.owner, world.today)).filter((answer) => answer.rows > 0)).toEqual([])
})

test('a bank’s answer, killed at many moments: each item paid once, the books tell the same', async () => {
  await enrol(world, 'east', 'unit2', 'demo-critical', peopleFrom(300_000, 12), { shares: 1 })
  world.today = day('2026-07-20')
  const [agency, decider, finance, releaser] = [
    await world.as('east-agency'),
    await world.as('east-decider'),
    await world.as('east-finance'),
    await world.as('east-releaser'),
  ]
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.demo.units['east-unit2']}/covers`)
  const unit = await world.as('east-unit2')
  for (const { memberNumber } of covers.body.slice(0, 6)) {
    const claim = {
      memberNumber,
      event: {
        kind: 'diagnosis',
        dates: { diagnosis: '2026-07-03' },
        codes: { diagnosis: 'C34', severity: 'severe', cause: 'disease' },
      },
      nameInNotice: true,
      payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
    }
    const filed = await unit.upload<{ eventId: number; items: number[] }>('/claims/for-member', pdf(memberNumber), {
      claim: JSON.stringify(claim),
    })
    await unit.upload(`/claims/${filed.body.eventId}/papers`, pdf(memberNumber), { kind: '病理报告' })
    await agency.post(`/claim-items/${filed.body.items[0]}/review`, { verdict: 'pass' })
    expect((await decider.post(`/claim-items/${filed.body.items[0]}/decision`)).status).toBe(201)
  }
  const made = await killedAfter(5, () => finance.post<{ batchId: number; items: number }>('/payment-batches'))
  const batches = await finance.get<{ id: number; items: number }[]>('/payment-batches')
  expect(batches.body).toHaveLength(1)
  const batchId = batches.body[0]?.id
  expect([201, 422]).toContain(made.status)
  await releaser.post(`/payment-batches/${batchId}/release`)
  const text = iconv.decode((await releaser.get(`/payment-batches/${batchId}/file`)).raw, 'gb18030')
  const references = [...text.matchAll(/(?<=,)\d+-\d+-1(?=,)/g)].map((match) => match[0])
  const answer = iconv.encode(
    ['参考号,金额,结果,原因', ...references.map((reference) => `${reference},10000.00,成功,`)].join('\n'),
    'gb18030',
  )
  for (const ms of [1, 5, 15, 40])
    await killedAfter(ms, () => releaser.upload(`/payment-batches/${batchId}/answers`, answer))
  expect(await count(`payments.outcome where outcome = 'paid'`)).toBe(6)
  expect(await count(`ledger.journal where event = 'benefit-paid'`)).toBe(1)
  expect((await doctor(world.base.owner, world.today)).filter((each) => each.rows > 0)).toEqual([])
})
