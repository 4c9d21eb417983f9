import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { doctor } from '../server/src/doctor.ts'
import { enrol, openWorld, pdf, peopleFrom, statementsOf, type World } from './world.ts'

// One person, two offices: told once in the east, decided in the west; a reviewer grades upward; principal is a debt.

let world: World
const people = peopleFrom(9_000, 12)
const her = people[0]
let eventId = 0
let eastItems: number[] = []
let westItem = 0
beforeAll(async () => {
  world = await openWorld(day('2026-01-05'))
  await enrol(world, 'east', 'unit1', 'demo-critical', people, { shares: 1 })
  await enrol(world, 'west', 'unit1', 'demo-allowance', people, { commonDay: '2026-02-01' })
  await enrol(world, 'west', 'unit1', 'demo-accident', people, { shares: 3 })
  world.today = day('2026-06-10')
})
afterAll(() => world.close())

const papers = async (client: Awaited<ReturnType<World['as']>>, kinds: readonly string[]) => {
  for (const kind of kinds)
    expect((await client.upload(`/claims/${eventId}/papers`, pdf(`${kind} ${eventId}`), { kind })).status).toBe(201)
}

test('an event told by the unit’s officer with her mandate finds the covers of both offices', async () => {
  const officer = await world.as('east-unit1')
  const covers = await officer.get<{ memberNumber: string; name: string }[]>(
    `/units/${world.demo.units['east-unit1']}/covers`,
  )
  const memberNumber = covers.body[0]?.memberNumber
  const claim = {
    memberNumber,
    event: {
      kind: 'inpatient_stay',
      dates: { admission: '2026-05-20', discharge: '2026-05-30', diagnosis: '2026-05-22' },
      days: { inpatient: 10 },
      codes: { diagnosis: 'D05', severity: 'in_situ', cause: 'disease' },
    },
    nameInNotice: false,
    payee: { name: her?.name, account: '6222020000000012', branch: '示范银行' },
  }
  const bare = await officer.post('/claims/for-member', claim)
  expect(bare).toMatchObject({ status: 400, body: { code: 'file_missing' } })
  const filed = await officer.upload<{ eventId: number; items: number[]; elsewhere: number }>(
    '/claims/for-member',
    pdf('委托书'),
    { claim: JSON.stringify(claim) },
  )
  expect(filed.body).toMatchObject({ elsewhere: 1 })
  eventId = filed.body.eventId
  eastItems = filed.body.items
  expect(eastItems).toHaveLength(1)
  const stranger = await world.as('east-unit2')
  expect(
    await stranger.upload('/claims/for-member', pdf('委托书'), {
      claim: JSON.stringify({
        ...claim,
        event: { ...claim.event, dates: { ...claim.event.dates, admission: '2026-05-01' } },
      }),
    }),
  ).toMatchObject({
    status: 404,
    body: { code: 'member_not_found' },
  })
})

test('the item under the other office’s cover goes there, and the first office sees its stage only', async () => {
  expect(await world.deliver()).toBeGreaterThan(0)
  const west = await world.as('west-agency')
  const items = await west.get<{ id: number; plan: string; proposedFen: number }[]>('/claim-items?stage=opened')
  expect(items.body).toMatchObject([{ plan: 'demo-allowance', proposedFen: 7 * 4_000 }])
  westItem = items.body[0]?.id ?? 0
  const seen = await (await world.as('east-decider')).get<{ elsewhere: unknown[]; items: unknown[] }>(
    `/claims/${eventId}`,
  )
  expect(seen.body.elsewhere).toEqual([{ itemId: westItem, stage: 'opened', on: '2026-06-10' }])
  expect(seen.body.items).toHaveLength(1)
})

test('a delivery that comes twice opens nothing twice', async () => {
  await world.base.owner.query(
    `insert into platform.job (office_id, id, kind, payload, from_office_id, due_at)
     select 3, 999000001, 'claims.told', json_build_object('eventOfficeId', 2, 'eventId', id, 'number', number, 'personId', person_id, 'facts', facts,
       'filedByKind', filed_by_kind, 'filedBy', filed_by, 'nameInNotice', name_in_notice, 'payeeKind', payee_kind,
       'payeeName', encode(payee_name_sealed, 'hex'), 'account', encode(account_sealed, 'hex'), 'branch', bank_branch), 2, '2026-01-01'
       from claims.event where id = $1`,
    [eventId],
  )
  await world.deliver()
  expect((await (await world.as('west-agency')).get<unknown[]>('/claim-items')).body).toHaveLength(1)
})

test('a reviewer may grade upward, with a reason: from in situ to the illness itself, and the benefit follows', async () => {
  const [officer, agency, decider] = [
    await world.as('east-unit1'),
    await world.as('east-agency'),
    await world.as('east-decider'),
  ]
  await papers(officer, ['病理报告', '出院记录'])
  await world.deliver()
  const facts = {
    kind: 'inpatient_stay',
    dates: { admission: '2026-05-20', discharge: '2026-05-30', diagnosis: '2026-05-22' },
    bill: {},
    days: { inpatient: 10 },
    codes: { diagnosis: 'C50', severity: 'severe', cause: 'disease' },
  }
  const url = `/claim-items/${eastItems[0]}/review`
  expect(await agency.post(url, { verdict: 'regrade', facts })).toMatchObject({
    status: 422,
    body: { code: 'reason_needed' },
  })
  expect(await agency.post(url, { verdict: 'regrade', facts, reason: '病理报告为浸润性癌' })).toMatchObject({
    status: 201,
    body: { part: 'critical', proposedFen: 1_000_000 },
  })
  expect(await decider.post(`/claim-items/${eastItems[0]}/decision`)).toMatchObject({
    status: 201,
    body: { benefitFen: 1_000_000 },
  })
})

test('whoever filed can neither review nor decide, and no constraint lets it through', async () => {
  const { rows } = await world.base.owner.query<{ id: number; filed_by: number }>(
    'select id, filed_by from claims.item where office_id = 3',
  )
  const forged = world.base.owner.query(
    `insert into claims.review (office_id, item_id, level, filed_by_kind, filed_by, reviewed_by, verdict, reviewed_on) values (3, $1, 1, 'staff', $2, $2, 'pass', '2026-06-10')`,
    [rows[0]?.id, rows[0]?.filed_by],
  )
  await expect(forged).rejects.toThrow('check constraint')
})

test('the other office decides its own item, and the first office learns the stage', async () => {
  const [agency, decider] = [await world.as('west-agency'), await world.as('west-decider')]
  expect((await agency.post(`/claim-items/${westItem}/review`, { verdict: 'pass' })).status).toBe(201)
  let decided: unknown
  const statements = await statementsOf(async () => {
    decided = await decider.post(`/claim-items/${westItem}/decision`)
  })
  expect(decided).toMatchObject({ status: 201, body: { benefitFen: 28_000 } })
  // Across offices one more, the word to the first office; the edition is kept in the process after its first use.
  expect(statements.filter((text) => !text.includes('from plans.edition')).length).toBeLessThanOrEqual(6)
  await world.deliver()
  const seen = await (await world.as('east-decider')).get<{ elsewhere: { stage: string }[] }>(`/claims/${eventId}`)
  expect(seen.body.elsewhere.map((each) => each.stage)).toEqual(['decided'])
})

test('an illness that was paid is not paid again; the cover has ended with it', async () => {
  const agency = await world.as('east-agency')
  const covers = await (await world.as('east-unit1')).get<{ memberNumber: string }[]>(
    `/units/${world.demo.units['east-unit1']}/covers`,
  )
  const claim = {
    memberNumber: covers.body[0]?.memberNumber,
    event: {
      kind: 'diagnosis',
      dates: { diagnosis: '2026-06-08' },
      codes: { diagnosis: 'C34', severity: 'severe', cause: 'disease' },
    },
    nameInNotice: false,
    payee: { name: her?.name, account: '6222020000000012', branch: '示范银行' },
  }
  const filed = await agency.upload<{ items: number[] }>('/claims/for-member', pdf('委托书'), {
    claim: JSON.stringify(claim),
  })
  const item = await agency.get<{ proposal: { refused: { code: string } }; lines: { text: string }[] }>(
    `/claim-items/${filed.body.items[0]}`,
  )
  expect(item.body.proposal.refused.code).toBe('cover_ended')
  expect(item.body.lines.at(-1)?.text).toContain('终止')
  expect(await agency.post(`/claim-items/${filed.body.items[0]}/review`, { verdict: 'pass' })).toMatchObject({
    status: 403,
    body: { code: 'reviewer_filed_it' },
  })
})

test('the principal of a return-of-principal plan is a debt by due day from the first day', async () => {
  const { rows } = await world.base.owner.query<{ covers: number; owed: number; due_on: string }>(
    `select count(*)::int as covers, sum(amount_fen)::bigint as owed, min(due_on)::text as due_on from ledger.principal_owed where office_id = 3`,
  )
  expect(rows[0]).toEqual({ covers: 12, owed: 12 * 3 * 41_000, due_on: '2027-01-06' })
})

test('two covers of one person under different offices leave the doctor content', async () => {
  expect(
    (await doctor(world.base.owner, world.today, world.base.services.vault)).filter((answer) => answer.rows > 0),
  ).toEqual([])
})
