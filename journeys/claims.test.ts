import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { fileClaim } from '#modules/claims/index.ts'
import { doctor } from '../server/src/doctor.ts'
import type { Person } from '../server/src/seed/people.ts'
import { testContext } from '../test/database.ts'
import { allAtOnce, as, closedRoster, done, moneyCame, type Office } from './steps.ts'
import { type Client, openWorld, pdf, peopleFrom, type Reply, type World } from './world.ts'

// Claims that do not go the straight way: told twice, taken back, too late, under covers elsewhere, graded down, at once.

let world: World
const people = peopleFrom(40_000, 14)
beforeAll(async () => {
  world = await openWorld(day('2026-01-05'))
  const cover = async (
    office: Office,
    plan: string,
    who: Person[],
    options: { shares?: number; commonDay?: string } = {},
  ) => {
    const roster = await closedRoster(world, [office, 'unit1'], plan, who, options)
    done(
      await moneyCame(world, office, [
        { fen: roster.dueFen, note: roster.noticeNumber, reference: `${plan}${roster.rosterId}` },
      ]),
    )
  }
  await cover('east', 'demo-hospital', people)
  await cover('east', 'demo-critical', people, { shares: 1 })
  await cover('west', 'demo-allowance', people, { commonDay: '2026-02-01' })
  world.today = day('2026-06-10')
}, 180_000)
afterAll(() => world.close())

const code = (reply: Reply<unknown>) => [reply.status, (reply.body as { code?: string }).code]
const payee = { name: '某人', account: '6222020000000012', branch: '示范银行' }
const numberOf = async (n: number) => {
  const covers = await (await as(world, 'east-agency')).get<{ memberNumber: string }[]>(
    `/units/${world.demo.units['east-unit1']}/covers`,
  )
  return [...new Set(covers.body.map((each) => each.memberNumber))][n] ?? ''
}
const memberAt = async (office: Office, n: number): Promise<Client> => {
  const url = `/members/${await numberOf(n)}/sign-in-code`
  const { login, code } = done(await (await as(world, `${office}-agency`)).post<{ login: string; code: string }>(url))
  return world.as(login, code)
}
const stay = (over: { dates?: object; codes?: object; bill?: object; days?: object } = {}) => ({
  event: {
    kind: 'inpatient_stay',
    dates: {
      admission: '2026-05-20',
      discharge: '2026-05-30',
      settlement: '2026-05-30',
      diagnosis: '2026-05-21',
      ...over.dates,
    },
    bill: { total: 3_000_000, in_scope_self_pay: 400_000, ...over.bill },
    days: { inpatient: 8, ...over.days },
    codes: { diagnosis: 'J18', severity: 'mild', cause: 'disease', hospital_level: 3, ...over.codes },
  },
  nameInNotice: true,
  payee,
})
interface Filed {
  readonly eventId: number
  readonly items: number[]
  readonly elsewhere: number
  readonly number: string
}
const papers = async (client: Client, eventId: number, ...kinds: string[]) => {
  for (const kind of kinds) done(await client.upload(`/claims/${eventId}/papers`, pdf(`${kind}${eventId}`), { kind }))
}
const items = async (office: Office) =>
  (
    await (
      await as(world, `${office}-decider`)
    ).get<{ id: number; eventNumber: string; stage: string; plan: string; proposedFen: number | null }[]>(
      '/claim-items',
    )
  ).body
const itemOf = async (office: Office, number: string) =>
  (await items(office)).find((each) => each.eventNumber === number)
const decide = async (office: Office, itemId: number) => {
  done(await (await as(world, `${office}-agency`)).post(`/claim-items/${itemId}/review`, { verdict: 'pass' }))
  return (await as(world, `${office}-decider`)).post<{ benefitFen: number; code: string; letter: string }>(
    `/claim-items/${itemId}/decision`,
  )
}

test('what cannot be told is refused in words: a day to come, no cover, no main day, somebody else’s number', async () => {
  const her = await memberAt('east', 0)
  expect(code(await her.post('/claims', stay({ dates: { discharge: addDays(world.today, 1) } })))).toEqual([
    422,
    'day_not_come',
  ])
  const before = { admission: '2025-05-01', discharge: '2025-05-02', settlement: '2025-05-02', diagnosis: '2025-05-01' }
  expect(code(await her.post('/claims', stay({ dates: before, days: { inpatient: 1 } })))).toEqual([
    422,
    'no_cover_found',
  ])
  const { admission: _, ...dates } = stay().event.dates
  expect(code(await her.post('/claims', { ...stay(), event: { ...stay().event, dates } }))).toEqual([
    422,
    'facts_missing',
  ])
  expect(code(await her.post('/claims', { ...stay(), memberNumber: await numberOf(1) }))).toEqual([
    403,
    'member_number_not_yours',
  ])
  expect(code(await her.get('/claims/1'))).toEqual([404, 'claim_not_found'])
  expect(code(await her.get('/claim-items/1/letter'))).toEqual([404, 'item_not_found'])
  const clerk = testContext(world.base, { today: world.today, actor: { role: 'agency_clerk' } })
  const input = { ...stay(), words: '', payee: { ...payee, kind: 'member' as const }, memberNumber: await numberOf(1) }
  expect(await fileClaim(clerk, input as never)).toMatchObject({ ok: false, refused: { code: 'mandate_missing' } })
  // Nothing of all this counts as told.
  expect((await world.base.owner.query('select from membership.person_event')).rowCount).toBe(0)
})

test('told at both offices at once it is one event; a finer sign of the same illness is not another one', async () => {
  const [east, west] = [await memberAt('east', 1), await memberAt('west', 1)]
  const diagnosis = (given: string) => ({
    ...stay(),
    event: { ...stay().event, kind: 'diagnosis', codes: { diagnosis: given, severity: 'severe', cause: 'disease' } },
  })
  const both = await Promise.all([east, west, east].map((client) => client.post('/claims', diagnosis('C34'))))
  expect(both.map((each) => each.status).sort()).toEqual([201, 409, 409])
  expect(code(await east.post('/claims', diagnosis('c34.1')))).toEqual([409, 'claim_already_filed'])
  expect((await east.post('/claims', diagnosis('I21'))).status).toBe(201)
})

test('told at one office, answered at another: that one decides, and she reads her letter there', async () => {
  const her = await memberAt('east', 2)
  // Before her hospital cover of the east began; her other cover there says why not, and the west's allowance answers.
  const early = { admission: '2026-02-10', discharge: '2026-02-20', settlement: '2026-02-20', diagnosis: '2026-02-11' }
  const filed = done(await her.post<Filed>('/claims', stay({ dates: early, days: { inpatient: 10 } })))
  expect(filed).toMatchObject({ elsewhere: 1 })
  await papers(her, filed.eventId, '出院记录')
  await world.deliver()
  const item = await itemOf('west', filed.number)
  const decided = done(await decide('west', item?.id ?? 0))
  expect(decided.benefitFen).toBe(28_000)
  await world.deliver()
  const seen = done(
    await her.get<{ items: unknown[]; elsewhere: { itemId: number; stage: string }[] }>(`/claims/${filed.eventId}`),
  )
  expect(seen).toMatchObject({
    items: [{ plan: 'demo-critical', proposedFen: 0 }],
    elsewhere: [{ itemId: item?.id, stage: 'decided' }],
  })
  expect(JSON.stringify(seen.elsewhere)).not.toContain('28')
  const there = await memberAt('west', 2)
  expect(done(await there.get(`/claim-items/${seen.elsewhere[0]?.itemId}/letter`))).toMatchObject({
    number: decided.letter,
    title: '互助金给付决定书',
  })
  expect(code(await (await memberAt('west', 3)).get(`/claim-items/${item?.id}/letter`))).toEqual([
    404,
    'item_not_found',
  ])
})

test('taken back and told again, it is not paid twice: not where another office has decided, not where word is on its way', async () => {
  const her = await memberAt('east', 3)
  const filed = done(await her.post<Filed>('/claims', stay()))
  await papers(her, filed.eventId, '出院记录', '医保结算单')
  await world.deliver()
  const item = await itemOf('west', filed.number)
  done(await decide('west', item?.id ?? 0))
  // The word of the decision is not here yet; the decision counts all the same.
  expect(code(await her.post(`/claims/${filed.eventId}/withdrawal`))).toEqual([409, 'already_decided'])
  // The other way round: taken back here, and the word of it is not there yet.
  const other = await memberAt('east', 4)
  const second = done(await other.post<Filed>('/claims', stay()))
  await papers(other, second.eventId, '出院记录', '医保结算单')
  await world.deliver()
  const open = await itemOf('west', second.number)
  done(await (await as(world, 'west-agency')).post(`/claim-items/${open?.id}/review`, { verdict: 'pass' }))
  expect(await other.post(`/claims/${second.eventId}/withdrawal`)).toMatchObject({ status: 201, body: { items: 1 } })
  const decider = await as(world, 'west-decider')
  expect(code(await decider.post(`/claim-items/${open?.id}/decision`))).toEqual([409, 'item_already_ended'])
  const again = done(await other.post<Filed>('/claims', stay()))
  expect(again.eventId).not.toBe(second.eventId)
  await world.deliver()
  expect(
    (await items('west'))
      .filter((each) => [second.number, again.number].includes(each.eventNumber))
      .map((each) => each.stage)
      .sort(),
  ).toEqual(['opened', 'withdrawn'])
  // Withdrawn before the word of the telling came: nothing opens there.
  const third = done(await (await memberAt('east', 5)).post<Filed>('/claims', stay()))
  expect(await (await memberAt('east', 5)).post(`/claims/${third.eventId}/withdrawal`)).toMatchObject({ status: 201 })
  await world.deliver()
  expect(await itemOf('west', third.number)).toBeUndefined()
})

test('a withdrawal and a decision that wait for each other: one of them happens', async () => {
  const her = await memberAt('east', 6)
  const filed = done(await her.post<Filed>('/claims', stay()))
  await papers(her, filed.eventId, '出院记录', '医保结算单')
  done(await (await as(world, 'east-agency')).post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass' }))
  const decider = await as(world, 'east-decider')
  const { rows } = await world.base.owner.query<{ id: number }>(
    'select person_id as id from claims.event where id = $1',
    [filed.eventId],
  )
  const [decision, withdrawal] = await allAtOnce<Reply>(
    world,
    `select from membership.person where id = ${rows[0]?.id} for update`,
    () => [decider.post(`/claim-items/${filed.items[0]}/decision`), her.post(`/claims/${filed.eventId}/withdrawal`)],
  )
  expect([decision?.status, withdrawal?.status].sort()).toEqual([201, 409])
})

test('two stays decided at once count each other: together they give what one after the other gives', async () => {
  const her = await memberAt('east', 7)
  const file = async (month: string) => {
    const dates = {
      admission: `2026-${month}-01`,
      discharge: `2026-${month}-09`,
      settlement: `2026-${month}-09`,
      diagnosis: `2026-${month}-01`,
    }
    const filed = done(await her.post<Filed>('/claims', stay({ dates })))
    await papers(her, filed.eventId, '出院记录', '医保结算单')
    done(await (await as(world, 'east-agency')).post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass' }))
    return filed
  }
  const [april, may] = [await file('04'), await file('05')]
  const decider = await as(world, 'east-decider')
  const { rows } = await world.base.owner.query<{ id: number }>(
    'select person_id as id from claims.event where id = $1',
    [april.eventId],
  )
  const both = await allAtOnce<Reply<{ benefitFen: number }>>(
    world,
    `select from membership.person where id = ${rows[0]?.id} for update`,
    () => [april, may].map((each) => decider.post<{ benefitFen: number }>(`/claim-items/${each.items[0]}/decision`)),
  )
  // 8,000 in all: 1,000 × 20 % + 7,000 × 50 % = 3,700.
  expect(both.map((each) => done(each).benefitFen).reduce((a, b) => a + b, 0)).toBe(370_000)
})

test('too late: said with the day for all her covers; for some of them, those alone are left out and named', async () => {
  const today = world.today
  world.today = day('2028-06-05')
  const her = await memberAt('east', 8)
  // Two years from the key date: the stay was discharged and settled within them, its admission was not.
  const filed = await her.post<Filed & { tooLate: { until: string }[] }>(
    '/claims',
    stay({ dates: { settlement: '2026-06-06', discharge: '2026-06-06' } }),
  )
  expect(filed).toMatchObject({ status: 201, body: { elsewhere: 0, items: [expect.any(Number)] } })
  world.today = day('2028-06-09')
  const other = await memberAt('east', 9)
  expect(await other.post('/claims', stay({ dates: { settlement: '2026-06-08' } }))).toMatchObject({
    status: 422,
    body: { code: 'claim_too_late' },
  })
  world.today = today
})

test('a day that was not told is asked for: the cover is not passed over in silence', async () => {
  const her = await memberAt('east', 9)
  const { diagnosis: _, ...dates } = stay().event.dates
  const filed = done(
    await her.post<Filed>('/claims', {
      ...stay(),
      event: {
        ...stay().event,
        dates,
        codes: { diagnosis: 'C34', severity: 'severe', cause: 'disease', hospital_level: 3 },
      },
    }),
  )
  const mine = (await items('east')).filter((each) => each.eventNumber === filed.number)
  expect(mine.map((each) => [each.plan, each.proposedFen === null])).toEqual([
    ['demo-critical', true],
    ['demo-hospital', false],
  ])
  const critical = mine[0]?.id
  await papers(her, filed.eventId, '病理报告', '出院记录')
  const [agency, decider] = [await as(world, 'east-agency'), await as(world, 'east-decider')]
  expect(await agency.post(`/claim-items/${critical}/review`, { verdict: 'pass', seenFen: 1 })).toMatchObject({
    status: 422,
    body: { code: 'facts_missing', missing: ['dates.diagnosis'] },
  })
  const facts = {
    ...stay().event,
    dates: stay().event.dates,
    codes: { ...stay().event.codes, diagnosis: 'D05', severity: 'in_situ' },
  }
  done(await agency.post(`/claim-items/${critical}/review`, { verdict: 'regrade', facts, reason: '病理为原位癌' }))
  const decided = done(await decider.post<{ benefitFen: number }>(`/claim-items/${critical}/decision`))
  expect(decided.benefitFen).toBe(300_000)
  const letter = done(await her.get<{ opening: string; closing: string }>(`/claim-items/${critical}/letter`))
  expect(letter.opening).toContain('重新认定，理由：病理为原位癌')
})

test('graded lower: a letter of part payment with the reviewer’s reason; nothing to pay: a letter of refusal, numbered', async () => {
  const her = await memberAt('east', 10)
  const filed = done(await her.post<Filed>('/claims', stay({ codes: { diagnosis: 'C34', severity: 'severe' } })))
  await papers(her, filed.eventId, '病理报告', '出院记录', '医保结算单')
  const [agency, decider] = [await as(world, 'east-agency'), await as(world, 'east-decider')]
  const facts = { ...stay().event, codes: { ...stay().event.codes, diagnosis: 'D05', severity: 'in_situ' } }
  expect(await agency.post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass', seenFen: 1 })).toMatchObject({
    status: 409,
    body: { code: 'amount_changed', seenYuan: '0.01' },
  })
  done(
    await agency.post(`/claim-items/${filed.items[0]}/review`, { verdict: 'regrade', facts, reason: '病理为原位癌' }),
  )
  // He looked before the re-grade, and decides by what he saw: nothing is decided; he looks again, and sees what is true now.
  const item = `/claim-items/${filed.items[0]}`
  type Shown = { proposedFen: number; proposedFirstFen: number; lines: { text: string }[] }
  const shown = done(await decider.get<Shown>(item))
  expect(shown.proposedFen).toBe(300_000)
  expect(shown.proposedFirstFen).toBeGreaterThan(300_000)
  expect(await decider.post(`${item}/decision`, { seenFen: shown.proposedFirstFen })).toMatchObject({
    status: 409,
    body: { code: 'amount_changed', yuan: '3000.00' },
  })
  expect(await decider.post(`${item}/decision`, { seenFen: -1 })).toMatchObject({ status: 400 })
  done(await decider.post(`${item}/decision`, { seenFen: shown.proposedFen }))
  const part = done(await her.get<{ opening: string }>(`/claim-items/${filed.items[0]}/letter`))
  expect(part.opening).toMatch(/给付 3,000.00 元，少于申领的/)
  expect(part.opening).toContain('病理为原位癌')
  // The stay was in a hospital of the first level: not covered, and it says by which clause.
  const level = { ...stay().event, codes: { ...stay().event.codes, hospital_level: 1 } }
  done(
    await agency.post(`/claim-items/${filed.items[1]}/review`, {
      verdict: 'regrade',
      facts: level,
      reason: '一级医院',
    }),
  )
  expect(done(await decider.post(`/claim-items/${filed.items[1]}/decision`))).toMatchObject({
    outcome: 'refused',
    benefitFen: 0,
  })
  const no = done(
    await her.get<{
      title: string
      number: string
      lines: { clauseName: string; clauseText: string }[]
      closing: string
    }>(`/claim-items/${filed.items[1]}/letter`),
  )
  expect(no).toMatchObject({ title: '不予给付决定书', number: expect.stringMatching(/^JD2026-2-\d+$/) })
  expect(no.lines.at(-1)).toMatchObject({ clauseName: '第4条', clauseText: expect.stringMatching(/./) })
  expect(no.closing).toMatch(/2026年6月25日 之前（含当日）向所属办事处/)
})

test('review and decision by different hands, in order, with the papers; missing ones are asked for once', async () => {
  const her = await memberAt('east', 11)
  const filed = done(await her.post<Filed>('/claims', stay()))
  const [agency, reviewer, decider] = [
    await as(world, 'east-agency'),
    await as(world, 'east-reviewer'),
    await as(world, 'east-decider'),
  ]
  const item = `/claim-items/${filed.items[0]}`
  expect(code(await agency.post(`${item}/review`, { verdict: 'pass' }))).toEqual([422, 'papers_missing'])
  expect(await reviewer.post(`/claims/${filed.eventId}/papers-request`)).toMatchObject({
    status: 201,
    body: { kinds: ['出院记录', '医保结算单'].sort() },
  })
  expect(code(await agency.post(`/claims/${filed.eventId}/papers-request`))).toEqual([409, 'papers_asked_before'])
  await papers(her, filed.eventId, '出院记录', '医保结算单')
  expect(code(await decider.post(`${item}/decision`))).toEqual([422, 'not_ready_to_decide'])
  done(await decider.post(`${item}/review`, { verdict: 'pass' }))
  expect(code(await agency.post(`${item}/review`, { verdict: 'pass' }))).toEqual([403, 'not_this_level'])
  expect(code(await decider.post(`${item}/decision`))).toEqual([403, 'reviewer_reviewed_before'])
  expect(code(await reviewer.post(`${item}/decision`))).toEqual([403, 'not_allowed'])
  expect(code(await agency.post(`/claims/${filed.eventId}/withdrawal`))).toEqual([403, 'only_member_withdraws'])
  expect(code(await agency.post('/claim-items/1/review', { verdict: 'pass' }))).toEqual([404, 'item_not_found'])
  // Everything is there: nothing is asked for.
  const whole = done(await (await memberAt('east', 12)).post<Filed>('/claims', stay()))
  await papers(await memberAt('east', 12), whole.eventId, '出院记录', '医保结算单')
  expect(code(await agency.post(`/claims/${whole.eventId}/papers-request`))).toEqual([422, 'nothing_missing'])
  done(await (await memberAt('east', 12)).post(`/claims/${whole.eventId}/withdrawal`))
  expect(code(await agency.post(`/claim-items/${whole.items[0]}/review`, { verdict: 'pass' }))).toEqual([
    409,
    'item_already_ended',
  ])
})

test('papers go to the offices that decide something of the event, and to no other that knows her', async () => {
  const her = await memberAt('east', 13)
  const filed = done(
    await her.post<Filed>('/claims', {
      ...stay(),
      event: { ...stay().event, kind: 'diagnosis', codes: { diagnosis: 'C50', severity: 'severe', cause: 'disease' } },
    }),
  )
  expect(filed.elsewhere).toBe(0)
  await papers(her, filed.eventId, '病理报告')
  await world.deliver()
  const { rows } = await world.base.owner.query('select office_id from claims.paper where event_id = $1', [
    filed.eventId,
  ])
  expect(rows).toEqual([{ office_id: 2 }])
})

test('after all of it the books and the counters tie', async () => {
  await world.deliver()
  expect(
    (await doctor(world.base.owner, world.today, world.base.services.vault)).filter((answer) => answer.rows > 0),
  ).toEqual([])
})
