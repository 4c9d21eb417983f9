import { setTimeout as pause } from 'node:timers/promises'
import iconv from 'iconv-lite'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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
beforeEach(() => {
  struck = 0
})
afterAll(async () => {
  await killer.end()
  await world.close()
})

let struck = 0
/**
 * Does a thing while the server's connections are ended, some milliseconds after one of them has begun to write; then once
 * more in peace. A blow that comes too late to hit anything is not counted.
 */
const killedAfter = async <T>(ms: number, work: () => Promise<T>): Promise<T> => {
  const writing = `from pg_stat_activity where usename = 'tongzhou_server' and datname = current_database() and backend_xid is not null`
  let over = false
  const blow = async (): Promise<void> => {
    while (!over && (await killer.query(`select ${writing}`)).rowCount === 0) await pause(1)
    await pause(ms)
    if (!over) struck += (await killer.query(`select pg_terminate_backend(pid) ${writing}`)).rowCount ?? 0
  }
  const falling = blow()
  await work()
  over = true
  await falling
  return work()
}
/** Begins a thing, and ends its connection in the very moment when it wants to write into a table. */
const struckAt = async (table: string, work: () => Promise<{ status: number }>): Promise<void> => {
  await killer.query('begin')
  await killer.query(`lock table ${table} in share row exclusive mode`)
  const going = work()
  const waiting = `from pg_stat_activity where usename = 'tongzhou_server' and datname = current_database() and wait_event_type = 'Lock'`
  while ((await killer.query(`select ${waiting}`)).rowCount === 0) {
    await pause(2)
    await killer.query('select pg_stat_clear_snapshot()') // else a transaction goes on seeing what it saw first
  }
  struck += (await killer.query(`select pg_terminate_backend(pid) ${waiting}`)).rowCount ?? 0
  const { status } = await going
  await killer.query('rollback')
  expect(status).toBe(500)
}
const count = async (sql: string): Promise<number> =>
  (await world.base.owner.query<{ n: number }>(`select count(*)::int as n from ${sql}`)).rows[0]?.n ?? -1

/** What a retry may leave more of: who signed in, what was done and when, and the numbers handed out meanwhile. */
const traces = ['platform.act', 'platform.session', 'platform.id_block', 'platform.idempotency', 'platform.job']
/** By table: its rows, and the sum of each column of money. */
const state = async (): Promise<Map<string, number>> => {
  const { rows: columns } = await world.base.owner.query<{ name: string; money: string[] }>(
    `select format('%I.%I', t.table_schema, t.table_name) as name,
            array(select column_name::text from information_schema.columns c
                   where c.table_schema = t.table_schema and c.table_name = t.table_name and column_name like '%\\_fen') as money
       from information_schema.tables t
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema', 'evidence', 'public')
        and format('%I.%I', table_schema, table_name) <> all ($1)`,
    [traces],
  )
  const sums = columns.flatMap(({ name, money }) => [
    `select '${name}' as what, count(*)::bigint as n from ${name}`,
    ...money.map((column) => `select '${name}.${column}', coalesce(sum(${column}), 0)::bigint from ${name}`),
  ])
  const { rows } = await world.base.owner.query<{ what: string; n: number }>(sums.join(' union all '))
  return new Map(rows.map(({ what, n }) => [what, Number(n)]))
}
/** What a piece of work added to every table and every sum of money; what it left alone is not named. */
const grownBy = async (work: () => Promise<void>): Promise<Record<string, number>> => {
  const before = await state()
  await work()
  const after = [...(await state())].map(([what, n]) => [what, n - (before.get(what) ?? 0)] as const)
  return Object.fromEntries(after.filter(([, more]) => more !== 0).sort())
}

test('a roster handed in, killed at many moments: every person once, every row told', async () => {
  const officer = await world.as('east-unit1')
  const edition = (await officer.get<{ id: number; plan: string }[]>('/editions')).body.find(
    (each) => each.plan === 'demo-critical',
  )
  const run = async (ms: number | null) => {
    const { rosterId } = (
      await officer.post<{ rosterId: number }>('/rosters', {
        unitId: world.demo.units['east-unit1'],
        editionId: edition?.id,
      })
    ).body
    const file = await rosterOf(peopleFrom(20_000 + (ms ?? 900) * 1_000, 400), 1)
    const handIn = () => officer.upload<{ accepted: number; rowsIn: number }>(`/rosters/${rosterId}/files`, file)
    const done = ms === null ? await handIn() : await killedAfter(ms, handIn)
    expect(done.body).toMatchObject({ rowsIn: 400, accepted: 400 })
    expect(await count(`enrolment.roster_row where roster_id = ${rosterId}`)).toBe(400)
    expect(await count(`enrolment.hand_in where roster_id = ${rosterId}`)).toBe(1)
  }
  const inPeace = await grownBy(() => run(null))
  expect(inPeace).toMatchObject({ 'enrolment.roster_row': 400, 'enrolment.hand_in': 1 })
  for (const ms of [0, 3, 10, 25, 60, 120]) expect([ms, await grownBy(() => run(ms))]).toEqual([ms, inPeace])
  expect(struck).toBeGreaterThan(2)
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
  const run = async (ms: number | null, at = ms ?? 900) => {
    const people = peopleFrom(100_000 + at * 1_000, 60)
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
      { on: world.today, payer: 'x', yuan: '3600.00', note: noticeNumber, reference: `K${at}` },
    ])
    const pay = () => finance.upload('/statements', statement)
    const last = ms === null ? await pay() : await killedAfter(ms, pay)
    expect(last.status).toBe(201)
    expect(await count(`enrolment.cover where roster_id = ${rosterId}`)).toBe(60)
    expect(await count(`contributions.receipt where bank_reference = 'K${at}'`)).toBe(1)
  }
  await run(null, 800) // the first of its kind also makes the rows of the balances
  const inPeace = await grownBy(() => run(null))
  expect(inPeace).toMatchObject({ 'enrolment.cover': 60, 'contributions.receipt.amount_fen': 360_000 })
  for (const ms of [0, 2, 5, 12, 30]) expect([ms, await grownBy(() => run(ms))]).toEqual([ms, inPeace])
  expect(struck).toBeGreaterThan(2)
  expect(
    (await doctor(world.base.owner, world.today, world.base.services.vault)).filter((answer) => answer.rows > 0),
  ).toEqual([])
})

test('a bank’s answer, killed at many moments: each item paid once, the books tell the same', async () => {
  await enrol(world, 'east', 'unit2', 'demo-critical', peopleFrom(300_000, 18), { shares: 1 })
  world.today = day('2026-07-20')
  const [agency, decider, finance, releaser] = [
    await world.as('east-agency'),
    await world.as('east-decider'),
    await world.as('east-finance'),
    await world.as('east-releaser'),
  ]
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.demo.units['east-unit2']}/covers`)
  const unit = await world.as('east-unit2')
  const decide = async (members: readonly { memberNumber: string }[]) => {
    for (const { memberNumber } of members) {
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
  }
  const payOut = async (stop: typeof struckAt) => {
    const make = () => finance.post('/payment-batches')
    await stop('payments.attempt', make)
    await make()
    const batches = await finance.get<{ id: number; items: number; releasedOn: string | null }[]>('/payment-batches')
    const made = batches.body.filter((batch) => batch.releasedOn === null)
    expect(made).toMatchObject([{ items: 6 }])
    const batchId = made[0]?.id
    await releaser.post(`/payment-batches/${batchId}/release`)
    const text = iconv.decode((await releaser.get(`/payment-batches/${batchId}/file`)).raw, 'gb18030')
    const references = [...text.matchAll(/(?<=,)\d+-\d+-1(?=,)/g)].map((match) => match[0])
    const answer = iconv.encode(
      ['参考号,金额,结果,原因', ...references.map((reference) => `${reference},10000.00,成功,`)].join('\n'),
      'gb18030',
    )
    const read = () => releaser.upload(`/payment-batches/${batchId}/answers`, answer)
    await stop('payments.outcome', read)
    await stop('ledger.journal', read)
    for (const again of [false, true]) expect((await read()).body).toMatchObject({ paid: 6, alreadyRead: again })
  }
  const inPeace: Record<string, number>[] = []
  for (const from of [0, 6]) {
    await decide(covers.body.slice(from, from + 6))
    inPeace.push(await grownBy(() => payOut(async () => {})))
  }
  await decide(covers.body.slice(12))
  const killed = await grownBy(() => payOut(struckAt))
  expect(killed).toEqual(inPeace[1]) // the first also made the rows of the balances
  expect(killed).toMatchObject({ 'payments.outcome': 6, 'payments.batch.total_fen': 6_000_000 })
  expect(await count(`payments.outcome where outcome = 'paid'`)).toBe(18)
  expect(await count(`ledger.journal where event = 'benefit-paid'`)).toBe(3)
  expect(struck).toBe(3)
  expect(
    (await doctor(world.base.owner, world.today, world.base.services.vault)).filter((each) => each.rows > 0),
  ).toEqual([])
})
