import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { doctor } from '../server/src/doctor.ts'
import { as, closedRoster, done, moneyCame } from './steps.ts'
import { type Client, openWorld, pdf, peopleFrom, type Reply, type World } from './world.ts'

// Facts that a reviewer grades otherwise than they were told: upward too, and never so that one event pays twice.

let world: World
let numbers: string[]
beforeAll(async () => {
  world = await openWorld(day('2026-01-05'))
  const people = peopleFrom(90_000, 12)
  for (const plan of ['demo-hospital', 'demo-critical']) {
    const roster = await closedRoster(world, ['east', 'unit1'], plan, people, { shares: 1 })
    const paid = { fen: roster.dueFen, note: roster.noticeNumber, reference: `${plan}${roster.rosterId}` }
    done(await moneyCame(world, 'east', [paid]))
  }
  world.today = day('2026-07-20')
  const covers = await (await as(world, 'east-agency')).get<{ memberNumber: string }[]>(
    `/units/${world.demo.units['east-unit1']}/covers`,
  )
  numbers = [...new Set(covers.body.map((each) => each.memberNumber))]
}, 180_000)
afterAll(async () => {
  const wrong = (await doctor(world.base.owner, world.today)).filter(({ rows }) => rows > 0)
  expect(wrong.map(({ name }) => name)).toEqual([])
  await world.close()
})

interface Item {
  readonly part: string
  readonly plan: string
  readonly proposedFen: number | null
}
const code = (reply: Reply<unknown>) => [reply.status, (reply.body as { code?: string }).code]
const memberAt = async (n: number): Promise<Client> => {
  const url = `/members/${numbers[n]}/sign-in-code`
  const { login, code } = done(await (await as(world, 'east-agency')).post<{ login: string; code: string }>(url))
  return world.as(login, code)
}
const told = (event: object) => ({
  event,
  words: '',
  nameInNotice: true,
  payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
})
const diagnosis = (codes: object, on = '2026-07-01') => ({
  kind: 'diagnosis',
  dates: { diagnosis: on },
  codes: { cause: 'disease', ...codes },
})
const stay = (admission: string, discharge = '2026-07-09') => ({
  kind: 'inpatient_stay',
  dates: { admission, discharge, settlement: discharge },
  bill: { total: 3_000_000, in_scope_self_pay: 650_000 },
  days: { inpatient: 7 },
  codes: { hospital_level: 3, cause: 'disease', diagnosis: 'J18', severity: 'mild' },
})
const filed = async (n: number, event: object) => {
  const her = await memberAt(n)
  const claim = done(await her.post<{ eventId: number; items: number[]; number: string }>('/claims', told(event)))
  for (const kind of ['病理报告', '诊断证明', '出院记录', '医保结算单'])
    done(await her.upload(`/claims/${claim.eventId}/papers`, pdf(`${kind}${claim.eventId}`), { kind }))
  return claim
}
const seen = async (itemId: number) =>
  done(await (await as(world, 'east-reviewer')).get<Item>(`/claim-items/${itemId}`))
const grade = async (itemId: number, facts: object) =>
  (await as(world, 'east-agency')).post<{ part: string; proposedFen: number }>(`/claim-items/${itemId}/review`, {
    verdict: 'regrade',
    facts,
    reason: '按材料认定',
  })
const decide = async (itemId: number) =>
  (await as(world, 'east-decider')).post<{ benefitFen: number }>(`/claim-items/${itemId}/decision`)

test('an illness without its code opens an item for each part it may be; graded to one illness, one of them pays', async () => {
  const claim = await filed(0, diagnosis({}))
  expect(claim.items).toHaveLength(2)
  expect(await seen(claim.items[0] ?? 0), 'who decides sees that another is to be paid').toMatchObject({
    payee: { name: '某*', isMember: false },
  })
  const severe = diagnosis({ diagnosis: 'C34', severity: 'severe' })
  const graded = await Promise.all(claim.items.map(async (id) => (await grade(id, severe)).body))
  expect(graded.map(({ part, proposedFen }) => [part, proposedFen]).sort()).toEqual([
    ['critical', 1_000_000],
    ['in_situ', 0],
  ])
  const decided = await Promise.all(claim.items.map(async (id) => done(await decide(id)).benefitFen))
  expect(decided.sort()).toEqual([0, 1_000_000])
})

test('what was decided of an event stands against grading its other item to the contrary', async () => {
  const claim = await filed(1, diagnosis({}))
  const parts = await Promise.all(claim.items.map(async (id) => ({ id, part: (await seen(id)).part })))
  const of = (part: string) => parts.find((each) => each.part === part)?.id ?? 0
  done(await grade(of('critical'), diagnosis({ diagnosis: 'C34', severity: 'severe' })))
  // Graded before the first decision each is free; the one that comes second meets what was decided.
  done(await grade(of('in_situ'), diagnosis({ diagnosis: 'D05', severity: 'mild' })))
  expect(done(await decide(of('critical'))).benefitFen).toBe(1_000_000)
  expect(code(await decide(of('in_situ')))).toEqual([409, 'facts_contradict_decided'])
  // One more reviewer may set it right, by the facts that were paid on; then it ends with a letter.
  const again = await as(world, 'east-reviewer')
  const right = {
    verdict: 'regrade',
    facts: diagnosis({ diagnosis: 'C34', severity: 'severe' }),
    reason: '按病理报告认定',
  }
  expect(done(await again.post(`/claim-items/${of('in_situ')}/review`, right))).toMatchObject({ proposedFen: 0 })
  expect(done(await decide(of('in_situ')))).toMatchObject({ outcome: 'refused', benefitFen: 0 })
})

test('two decisions of one event at once, each graded to the same part: one pays', async () => {
  const claim = await filed(2, diagnosis({}))
  const severe = diagnosis({ diagnosis: 'C34', severity: 'severe' })
  await Promise.all(claim.items.map((id) => grade(id, severe)))
  const both = await Promise.all(claim.items.map(decide))
  expect(both.map((each) => each.body.benefitFen).sort()).toEqual([0, 1_000_000])
  const twice = world.base.owner.query(
    'insert into membership.person_benefit select person_id, item_id + 1000000, office_id, cover_id, plan, edition_id, part, event_office_id, event_id, key_on, decided_on, benefit_fen, carried, bars_illness, ends_cover from membership.person_benefit where benefit_fen > 0',
  )
  await expect(twice, 'the database refuses it too').rejects.toThrow('person_benefit_once')
})

test('a stay is told once, whatever its first day is written as; the next one may begin on the day of its end', async () => {
  const first = await filed(3, stay('2026-07-01'))
  const her = await memberAt(3)
  expect(code(await her.post('/claims', told(stay('2026-07-01'))))).toEqual([409, 'claim_already_filed'])
  expect(await her.post('/claims', told(stay('2026-07-02')))).toMatchObject({
    status: 409,
    body: { code: 'stay_overlaps', message: expect.stringContaining(first.number) },
  })
  const both = await Promise.all(
    [stay('2026-05-02', '2026-05-10'), stay('2026-05-03', '2026-05-10')].map(async (each) =>
      her.post('/claims', told(each)),
    ),
  )
  expect(both.map((each) => each.status).sort(), 'at once').toEqual([201, 409])
  const moved = await filed(3, stay('2026-07-09', '2026-07-15'))
  // Graded to the days of the first it would be paid twice; its own first day is held as long as it stands.
  expect(code(await grade(moved.items[0] ?? 0, stay('2026-07-01')))).toEqual([409, 'claim_already_filed'])
  expect(code(await grade(moved.items[0] ?? 0, stay('2026-07-05', '2026-07-12')))).toEqual([409, 'stay_overlaps'])
  done(await grade(first.items[0] ?? 0, stay('2026-06-30')))
  expect(code(await her.post('/claims', told(stay('2026-06-30'))))).toEqual([409, 'claim_already_filed'])
})

test('an event taken back is free again with every day it was graded to', async () => {
  const first = await filed(4, stay('2026-07-01'))
  done(await grade(first.items[0] ?? 0, stay('2026-06-30')))
  const her = await memberAt(4)
  done(await her.post(`/claims/${first.eventId}/withdrawal`))
  expect(code(await her.upload(`/claims/${first.eventId}/papers`, pdf('迟到的材料'), { kind: '出院记录' }))).toEqual([
    409,
    'claim_withdrawn',
  ])
  expect((await her.post('/claims', told(stay('2026-06-30')))).status).toBe(201)
})

test('what cannot be so is refused when it is told and when it is graded', async () => {
  const her = await memberAt(5)
  const odd: readonly [object, string][] = [
    [
      { ...stay('2026-07-09'), dates: { admission: '2026-07-09', discharge: '2026-07-01' } },
      '出院日期 2026-07-01 早于',
    ],
    [{ ...stay('2026-07-05'), dates: { admission: '2026-07-05', settlement: '2026-07-04' } }, '早于入院日期'],
    [{ ...stay('2026-07-01'), days: { inpatient: 180 } }, '住院 180 天，而入院到出院最多 9 天'],
    [
      { ...stay('2026-07-01'), bill: { total: 100, in_scope_self_pay: 3_000_000 } },
      '30,000.00 元，多于医疗总费用 1.00 元',
    ],
  ]
  for (const [event, why] of odd)
    expect(await her.post('/claims', told(event)), why).toMatchObject({
      status: 422,
      body: { code: 'facts_impossible', message: expect.stringContaining(why) },
    })
  const claim = await filed(5, stay('2026-07-01'))
  for (const [event, why] of odd)
    expect(code(await grade(claim.items[0] ?? 0, event)), why).toEqual([422, 'facts_impossible'])
  expect(code(await grade(claim.items[0] ?? 0, diagnosis({ diagnosis: 'C34' }, '2026-12-20')))).toEqual([
    422,
    'day_not_come',
  ])
})
