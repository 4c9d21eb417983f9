import ExcelJS from 'exceljs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { demoRegion, residentCheckSign } from '#kernel/identity-paper.ts'
import { confirmHeads, openRoster, stateHeads } from '#modules/enrolment/index.ts'
import { type Cell, readSheet, writeXlsx } from '#platform/sheets/index.ts'
import { demoCreditCode } from '../server/src/seed/people.ts'
import { testContext } from '../test/database.ts'
import { adoptVariant, allAtOnce, as, closedRoster, done, editionId, headsOf, moneyCame, rosterWith } from './steps.ts'
import { openWorld, pdf, peopleFrom, type Reply, rosterOf, type World } from './world.ts'

// Journeys 1 to 3 from the union officer's chair: units of every kind, rosters mended, changed, taken back and closed.

let world: World
let next = 500_000
const someone = (count = 10) => {
  next += 1_000
  return peopleFrom(next, count)
}
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
}, 180_000)
afterAll(() => world.close())

const east = ['east', 'unit1'] as const
const code = (reply: Reply<unknown>) => [reply.status, (reply.body as { code?: string }).code]
interface HandIn {
  readonly handInId: number
  readonly rowsIn: number
  readonly accepted: number
  readonly toMend: number
  readonly alreadyIn: number
  readonly seenBefore: boolean
  readonly defects: Record<string, number>
  readonly columnsNotRead: string[]
  readonly sheetsNotRead: string[]
  readonly sample: { row: number; problems: string[] }[]
}
const handIn = async (rosterId: number, file: Buffer, mode = 'good_rows') =>
  (await as(world, 'east-unit1')).upload<HandIn>(`/rosters/${rosterId}/files`, file, { mode })
const sharesOn = async (rosterId: number) =>
  (
    await world.base.owner.query<{ shares: number }>(
      'select shares from enrolment.roster_row where roster_id = $1 order by row_number',
      [rosterId],
    )
  ).rows.map((row) => row.shares)

test('1 units of every kind: a joint union names its employers, a unit without a code has none, no unit twice', async () => {
  const agency = await as(world, 'east-agency')
  const agencyId = world.demo.agencies['east-agency1']
  const unit = (over: object) => agency.post('/units', { name: '示范单位甲', kind: 'employer', agencyId, ...over })
  expect(code(await unit({}))).toEqual([422, 'credit_code_needed'])
  expect(code(await unit({ kind: 'without_code', creditCode: demoCreditCode(77) }))).toEqual([
    422,
    'credit_code_not_expected',
  ])
  expect(code(await unit({ kind: 'joint_union' }))).toEqual([422, 'employers_needed'])
  expect(code(await unit({ kind: 'joint_union', employers: [{ name: '某店', creditCode: '91' }] }))).toEqual([
    422,
    'credit_code_wrong',
  ])
  expect(code(await unit({ kind: 'without_code', agencyId: world.demo.agencies['west-agency1'] }))).toEqual([
    404,
    'agency_not_found',
  ])
  expect((await unit({ creditCode: demoCreditCode(77).toLowerCase() })).status).toBe(201)
  expect(code(await unit({ creditCode: demoCreditCode(78) }))).toEqual([409, 'unit_exists'])
  expect(code(await unit({ name: '示范单位乙', creditCode: demoCreditCode(77) }))).toEqual([409, 'unit_exists'])
  // A joint union of two shops, one of which has no code of its own, at a point of the agency.
  const network = await agency.get<{ points: { id: number; agencyId: number }[] }>('/network')
  const points = (of: number | undefined) => network.body.points.find((point) => point.agencyId === of)?.id
  const joint = {
    name: '示范商街联合工会',
    kind: 'joint_union',
    employers: [{ name: '面馆', creditCode: demoCreditCode(79) }, { name: '花店' }],
  }
  expect(code(await unit({ ...joint, pointId: points(world.demo.agencies['east-agency2']) }))).toEqual([
    404,
    'agency_not_found',
  ])
  expect((await unit({ ...joint, pointId: points(agencyId) })).status).toBe(201)
})

test('2 a unit that has not joined cannot open a roster; an application is not filed for tomorrow, nor twice admitted', async () => {
  const [agency, decider] = [await as(world, 'east-agency'), await as(world, 'east-decider')]
  const { id } = done(
    await agency.post<{ id: number }>('/units', {
      name: '未入会单位',
      kind: 'without_code',
      agencyId: world.demo.agencies['east-agency1'],
    }),
  )
  const officer = await as(world, 'east-unit1')
  const open = { unitId: id, editionId: await editionId(officer, 'demo-critical', '2026') }
  expect(code(await officer.post('/rosters', open))).toEqual([404, 'unit_not_found'])
  const wholeOffice = testContext(world.base, { today: world.today })
  expect(await openRoster(wholeOffice, { ...open, commonDay: null })).toMatchObject({
    ok: false,
    refused: { code: 'unit_not_admitted' },
  })
  const apply = (appliedOn: string, file = pdf('申请')) =>
    agency.upload(`/units/${id}/application`, file, { appliedOn, workers: '12' })
  expect(code(await apply(addDays(world.today, 1)))).toEqual([422, 'day_in_future'])
  expect(code(await apply(world.today, Buffer.from('MZ program')))).toEqual([415, 'file_kind_not_taken'])
  done(await apply(world.today))
  done(await decider.post(`/units/${id}/admission`))
  expect(code(await decider.post(`/units/${id}/admission`))).toEqual([409, 'unit_already_admitted'])
  expect(code(await apply(world.today))).toEqual([409, 'unit_already_admitted'])
  expect(code(await decider.post('/units/1/admission'))).toEqual([404, 'unit_not_found'])
})

test('2 the roll of a day: each person once however many plans, shares and units; nobody from before she joined', async () => {
  const people = someone(10)
  const paid = async (at: readonly ['east', 'unit1' | 'unit2'], plan: string, shares?: number) => {
    const roster = await closedRoster(world, at, plan, people, shares ? { shares } : {})
    done(
      await moneyCame(world, 'east', [
        { fen: roster.dueFen, note: roster.noticeNumber, reference: `M${roster.rosterId}` },
      ]),
    )
  }
  const today = world.today
  await paid(['east', 'unit1'], 'demo-critical', 3)
  world.today = addDays(today, 5)
  await paid(['east', 'unit2'], 'demo-hospital')
  const admin = await as(world, 'east-admin')
  interface Roll {
    readonly members: { memberNumber: string; coversInForce: number; hasRights: boolean; joinedOn: string }[]
    readonly next: string | null
  }
  const all: Roll['members'][number][] = []
  let after = ''
  for (;;) {
    const page = done(await admin.get<Roll>(`/members?on=2026-04-15&limit=3&after=${after}`))
    all.push(...page.members)
    if (!page.next) break
    after = page.next
  }
  expect(all).toHaveLength(10)
  expect(new Set(all.map((each) => each.memberNumber)).size).toBe(10)
  expect(all.every((each) => each.coversInForce === 2 && each.hasRights && each.joinedOn === today)).toBe(true)
  expect(done(await admin.get<Roll>(`/members?on=${addDays(today, -1)}`)).members).toEqual([])
  // Cover ends, membership stays: on the roll, without the rights that a cover gives.
  const later = done(await admin.get<Roll>('/members?on=2027-12-31')).members
  expect(later).toHaveLength(10)
  expect(later.every((each) => each.coversInForce === 0 && !each.hasRights)).toBe(true)
  world.today = today
})

test('3 a wrong person comes off an open roster again, by file and row; not after it is closed', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const officer = await as(world, 'east-unit1')
  const first = done(await handIn(rosterId, await rosterOf(someone(12), 1)))
  const off = (rows: object[], reason = '已调离') => officer.post(`/rosters/${rosterId}/removals`, { rows, reason })
  const row = (n: number) => ({ handInId: first.handInId, row: n })
  expect(code(await off([row(2), row(99)]))).toEqual([404, 'rows_not_on_roster'])
  expect(await sharesOn(rosterId)).toHaveLength(12)
  expect(await off([row(2), row(3), row(3)])).toMatchObject({ status: 201, body: { removed: 2, persons: 10 } })
  expect(code(await off([row(2)]))).toEqual([404, 'rows_not_on_roster'])
  expect(
    code(
      await (await as(world, 'east-unit2')).post(`/rosters/${rosterId}/removals`, {
        rows: [row(4)],
        reason: '不是我的',
      }),
    ),
  ).toEqual([404, 'roster_not_found'])
  const rows = await officer.get<{ row: number; name: string; paper: string; state: string }[]>(
    `/rosters/${rosterId}/rows?limit=4`,
  )
  expect(rows.body.map((each) => each.row)).toEqual([4, 5, 6, 7])
  expect(rows.body[0]).toMatchObject({ state: 'on_roster', paper: expect.stringMatching(/^99\*{14}..$/) })
  const rest = await officer.get<{ row: number }[]>(`/rosters/${rosterId}/rows?after=${first.handInId}-7`)
  expect(rest.body.map((each) => each.row)).toEqual([8, 9, 10, 11, 12, 13])
  await headsOf(world, east, rosterId, 10)
  done(await officer.post(`/rosters/${rosterId}/closing`))
  expect(code(await off([row(4)]))).toEqual([409, 'roster_closed'])
  expect(code(await handIn(rosterId, await rosterOf(someone(1), 1)))).toEqual([409, 'roster_closed'])
})

test('3 a row handed in again with other shares counts as it is written last, and she is told', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const people = someone(4)
  const file = await rosterOf(people, 1)
  done(await handIn(rosterId, file))
  const again = done(await handIn(rosterId, await rosterOf(people.slice(0, 2), 3)))
  expect(again).toMatchObject({ accepted: 2, alreadyIn: 2, seenBefore: false, defects: { changed_on_roster: 2 } })
  expect(again.sample[0]?.problems[0]).toContain('已改按本行')
  expect((await sharesOn(rosterId)).sort()).toEqual([1, 1, 3, 3])
  // The first file once more: she wants what it says. A retry of that is answered the same, and says that it changed nothing.
  const back = done(await handIn(rosterId, file))
  expect(back).toMatchObject({ accepted: 4, alreadyIn: 4, seenBefore: false, defects: { changed_on_roster: 2 } })
  expect(await sharesOn(rosterId)).toEqual([1, 1, 1, 1])
  expect(done(await handIn(rosterId, file))).toEqual({ ...back, seenBefore: true })
  expect(await sharesOn(rosterId)).toEqual([1, 1, 1, 1])
  const officer = await as(world, 'east-unit1')
  expect(code(await officer.get(`/rosters/${rosterId}/files/1/report`))).toEqual([404, 'report_not_found'])
})

test('3 all or nothing: one row to mend keeps the others out, and says of them that nothing is wrong', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const people = someone(3)
  const bad = { ...(people[0] as (typeof people)[number]), paper: '330101198001010000' }
  expect(done(await handIn(rosterId, await rosterOf([...people, bad]), 'all_or_nothing'))).toMatchObject({
    rowsIn: 4,
    accepted: 0,
    toMend: 4,
    defects: { others_first: 3, paper_check_digit: 1 },
  })
  expect(await sharesOn(rosterId)).toEqual([])
  expect(done(await handIn(rosterId, await rosterOf(people), 'all_or_nothing'))).toMatchObject({
    accepted: 3,
    toMend: 0,
  })
})

test('3 all or nothing first, and then the good rows of the same file: the other mode is another wish', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const people = someone(3)
  const bad = { ...(people[0] as (typeof people)[number]), paper: '330101198001010000' }
  const file = await rosterOf([...people, bad])
  const none = done(await handIn(rosterId, file, 'all_or_nothing'))
  expect(none).toMatchObject({ accepted: 0, toMend: 4 })
  expect(done(await handIn(rosterId, file, 'all_or_nothing'))).toEqual({ ...none, seenBefore: true })
  const good = done(await handIn(rosterId, file))
  expect(good).toMatchObject({ accepted: 3, toMend: 1, alreadyIn: 0, seenBefore: false })
  expect(done(await handIn(rosterId, file))).toEqual({ ...good, seenBefore: true })
  expect(await sharesOn(rosterId)).toEqual([1, 1, 1])
})

test('3 the same file after somebody on it was taken off: she is on the roster again; another’s row does not matter', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const officer = await as(world, 'east-unit1')
  const people = someone(12)
  const file = await rosterOf(people, 1)
  const first = done(await handIn(rosterId, file))
  done(await handIn(rosterId, await rosterOf(someone(1), 1)))
  expect(done(await handIn(rosterId, file))).toEqual({ ...first, seenBefore: true })
  const off = { rows: [{ handInId: first.handInId, row: 2 }], reason: '误移除' }
  done(await officer.post(`/rosters/${rosterId}/removals`, off))
  expect(await sharesOn(rosterId)).toHaveLength(12)
  const again = done(await handIn(rosterId, file))
  expect(again).toMatchObject({ accepted: 12, alreadyIn: 11, seenBefore: false })
  expect(await sharesOn(rosterId)).toHaveLength(13)
  expect(done(await handIn(rosterId, file))).toEqual({ ...again, seenBefore: true })
  // Once it is closed, a late retry still hears what became of it, and nothing else slips in.
  await headsOf(world, east, rosterId, 13)
  done(await officer.post(`/rosters/${rosterId}/closing`))
  expect(done(await handIn(rosterId, file))).toEqual({ ...again, seenBefore: true })
  expect(code(await handIn(rosterId, file, 'all_or_nothing'))).toEqual([409, 'roster_closed'])
})

test('3 a name that is not the one on record is asked about; the row counts, and the record stays', async () => {
  const people = someone(10)
  const roster = await closedRoster(world, east, 'demo-critical', people)
  done(await moneyCame(world, 'east', [{ fen: roster.dueFen, note: roster.noticeNumber, reference: 'NAME' }]))
  const rosterId = await rosterWith(world, east, 'demo-hospital', [])
  const wrong = people.map((each, i) => (i === 3 ? { ...each, name: '王错字' } : each))
  const told = done(await handIn(rosterId, await rosterOf(wrong)))
  expect(told).toMatchObject({ accepted: 10, toMend: 0, defects: { name_differs: 1 } })
  expect(told.sample).toMatchObject([{ row: 5 }])
  expect(JSON.stringify(told)).not.toContain(people[3]?.name)
})

test('3 two papers of one person are two persons to us: both are accepted', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const [her] = someone(1)
  const sheet = await writeXlsx([
    ['姓名', '证件号码', '性别', '出生日期', '份数'],
    [her?.name ?? '', her?.paper ?? '', null, null, 1],
    [her?.name ?? '', 'E12345678', her?.sex === 'F' ? '女' : '男', her?.bornOn ?? '', 1],
  ])
  expect(done(await handIn(rosterId, sheet))).toMatchObject({ accepted: 2, toMend: 0 })
})

test('3 the window: mended while it is open; after it nothing is handed in or taken off, but what is there may be closed', async () => {
  const edition = await adoptVariant(world, 'demo-critical', 'window', (text) =>
    text
      .replace('term: { clause: art-3,', 'term: { clause: art-3, window: { from: 03-01, through: 03-31 },')
      .replace('in_force: { from: 2026-01-01 }', 'in_force: { from: 2026-01-01, through: 2026-06-30 }'),
  )
  const today = world.today
  const rosterId = await rosterWith(world, east, edition, [])
  world.today = day('2026-03-31')
  const people = someone(11)
  const last = done(await handIn(rosterId, await rosterOf(people)))
  await headsOf(world, east, rosterId, 11)
  world.today = day('2026-04-01')
  const officer = await as(world, 'east-unit1')
  const late = await handIn(rosterId, await rosterOf(someone(1)))
  expect(late).toMatchObject({ status: 422, body: { code: 'edition_closed' } })
  expect(JSON.stringify(late.body)).toContain('03-01 至 03-31')
  expect(
    code(
      await officer.post(`/rosters/${rosterId}/removals`, {
        rows: [{ handInId: last.handInId, row: 2 }],
        reason: '太晚',
      }),
    ),
  ).toEqual([422, 'edition_closed'])
  expect(code(await officer.post('/rosters', { unitId: world.demo.units['east-unit1'], editionId: edition }))).toEqual([
    422,
    'edition_closed',
  ])
  world.today = day('2026-07-01')
  expect(code(await (await as(world, 'east-unit1')).post(`/rosters/${rosterId}/closing`))).toEqual([
    422,
    'edition_closed',
  ])
  world.today = day('2026-06-30')
  done(await (await as(world, 'east-unit1')).post(`/rosters/${rosterId}/closing`))
  world.today = today
})

test('3 closing: every thing in the way is named with its figures, and no half is kept', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const [officer, agency] = [await as(world, 'east-unit1'), await as(world, 'east-agency')]
  const close = (body: object = {}) => officer.post(`/rosters/${rosterId}/closing`, body)
  const heads = (over: Record<string, string> = {}, file = pdf('证明')) =>
    officer.upload<{ headCountId: number; code: string }>(`/rosters/${rosterId}/head-count`, file, {
      kind: 'staff',
      countedOn: world.today,
      heads: '20',
      ...over,
    })
  const confirm = (headCountId: number) => agency.post(`/rosters/${rosterId}/head-count/confirmation`, { headCountId })
  expect(code(await close())).toEqual([422, 'heads_not_confirmed'])
  expect(code(await heads({ kind: 'women' }))).toEqual([422, 'heads_kind_wrong'])
  expect(code(await heads({ countedOn: addDays(world.today, 1) }))).toEqual([422, 'day_in_future'])
  expect(code(await heads({}, Buffer.from('no paper')))).toEqual([415, 'file_kind_not_taken'])
  expect(code(await confirm(1))).toEqual([404, 'heads_not_found'])
  const wrong = done(await heads({ heads: '200' }))
  const right = done(await heads()) // stated again before anybody confirmed: the agency confirms one of them
  expect(wrong.headCountId).not.toBe(right.headCountId)
  done(await confirm(right.headCountId))
  expect(code(await confirm(wrong.headCountId))).toEqual([409, 'heads_stated_again'])
  expect(code(await confirm(right.headCountId))).toEqual([409, 'heads_already_confirmed'])
  expect(code(await close())).toEqual([422, 'roster_empty'])
  done(await handIn(rosterId, await rosterOf(someone(14), 1)))
  // Confirmed in haste and wrong: stated again, it has to be confirmed again, and then counts.
  const hasty = done(await heads({ heads: '10' }))
  done(await confirm(hasty.headCountId))
  expect(code(await close())).toEqual([422, 'heads_fewer_than_roster'])
  const mended = done(await heads())
  expect(code(await close())).toEqual([422, 'heads_not_confirmed'])
  done(await confirm(mended.headCountId))
  expect(await close()).toMatchObject({
    status: 422,
    body: { code: 'participation_short', needed: 15, persons: 14, short: 1, heads: 20 },
  })
  done(await handIn(rosterId, await rosterOf(someone(1), 2)))
  const due = 16 * 6_000
  expect(await close({ payers: { member: due - 1 } })).toMatchObject({
    status: 422,
    body: { code: 'payers_do_not_add_up', due: '960.00' },
  })
  done(await handIn(rosterId, await rosterOf(someone(6), 1)))
  expect(await close()).toMatchObject({
    status: 422,
    body: { code: 'heads_fewer_than_roster', heads: 20, persons: 21 },
  })
  const rows = await officer.get<{ handInId: number; row: number }[]>(`/rosters/${rosterId}/rows`)
  done(
    await officer.post(`/rosters/${rosterId}/removals`, {
      rows: rows.body.slice(-1).map(({ handInId, row }) => ({ handInId, row })),
      reason: '多了一人',
    }),
  )
  const payers = { member: 36_000, unit: 30_000, unit_union: 30_000, upper_union: 30_000 }
  expect(await close({ payers })).toMatchObject({ status: 201, body: { persons: 20, dueFen: 126_000 } })
  const parts = await world.base.owner.query(
    'select payer from contributions.payer_part p join contributions.payment_notice n on n.id = p.notice_id where n.roster_id = $1',
    [rosterId],
  )
  expect(parts.rowCount).toBe(4)
  expect(code(await close())).toEqual([409, 'roster_closed'])
  expect(code(await heads())).toEqual([409, 'roster_closed'])
  expect(code(await officer.post('/rosters/1/closing'))).toEqual([404, 'roster_not_found'])
})

/** Somebody of the demonstration who is born on a day. */
const born = (on: string) => {
  const first = `${demoRegion}${on.replaceAll('-', '')}001`
  return {
    ...(peopleFrom(next, 1)[0] as ReturnType<typeof peopleFrom>[number]),
    paper: first + residentCheckSign(first),
  }
}

test('3 closed long after the files were handed in: ages are judged again for the start as it is now', async () => {
  const today = world.today
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const file = await rosterOf([...someone(9), born('1965-09-01'), born('1966-02-01'), born('1990-01-01')], 1)
  const first = done(await handIn(rosterId, file))
  expect(first).toMatchObject({ accepted: 12, toMend: 0 })
  await headsOf(world, east, rosterId, 12)
  world.today = day('2027-03-03')
  const officer = await as(world, 'east-unit1')
  const closing = () => officer.post<{ persons: number; dueFen: number }>(`/rosters/${rosterId}/closing`)
  const refused = await closing()
  expect(refused).toMatchObject({ status: 422, body: { code: 'persons_not_admitted', count: 2 } })
  expect(JSON.stringify(refused.body)).toContain(`交表 ${first.handInId} 第 11、12 行`)
  const off = (rows: number[]) =>
    officer.post(`/rosters/${rosterId}/removals`, {
      rows: rows.map((row) => ({ handInId: first.handInId, row })),
      reason: '超过年龄',
    })
  done(await off([11, 12]))
  expect(await closing()).toMatchObject({ status: 201, body: { persons: 10, dueFen: 60_000 } })
  world.today = today
})

test('3 the same file on a later day: who was too young then is judged for the start as it is now', async () => {
  const today = world.today
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const file = await rosterOf([...someone(2), born('2010-03-05')], 1)
  const first = done(await handIn(rosterId, file))
  expect(first).toMatchObject({ accepted: 2, defects: { too_young: 1 } })
  expect(done(await handIn(rosterId, file))).toEqual({ ...first, seenBefore: true })
  world.today = day('2026-03-09')
  const later = done(await handIn(rosterId, file))
  expect(later).toMatchObject({ accepted: 3, alreadyIn: 2, toMend: 0, seenBefore: false })
  world.today = day('2026-03-10')
  expect(done(await handIn(rosterId, file))).toEqual({ ...later, seenBefore: true })
  world.today = today
})

test('3 closed after the window: who has grown too old since may come off then, and nobody else', async () => {
  const edition = await adoptVariant(world, 'demo-critical', 'window-ages', (text) =>
    text.replace('term: { clause: art-3,', 'term: { clause: art-3, window: { from: 03-01, through: 03-31 },'),
  )
  const today = world.today
  const rosterId = await rosterWith(world, east, edition, [])
  world.today = day('2026-03-31')
  const first = done(await handIn(rosterId, await rosterOf([...someone(11), born('1965-04-20')], 1)))
  expect(first).toMatchObject({ accepted: 12 })
  await headsOf(world, east, rosterId, 12)
  world.today = day('2026-05-06')
  const officer = await as(world, 'east-unit1')
  const off = (row: number) =>
    officer.post(`/rosters/${rosterId}/removals`, { rows: [{ handInId: first.handInId, row }], reason: '超过年龄' })
  expect(code(await officer.post(`/rosters/${rosterId}/closing`))).toEqual([422, 'persons_not_admitted'])
  expect(code(await off(2))).toEqual([422, 'edition_closed'])
  done(await off(13))
  expect(await officer.post(`/rosters/${rosterId}/closing`)).toMatchObject({ status: 201, body: { persons: 11 } })
  world.today = today
})

test('3 who states the heads does not confirm them, in the function and in the database', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', someone(10))
  const same = testContext(world.base, { actor: { id: 77 } })
  const stated = await stateHeads(same, { rosterId, kind: 'staff', countedOn: world.today, heads: 10, proof: pdf('x') })
  const headCountId = stated.ok ? stated.value.headCountId : 0
  expect(await confirmHeads(same, { rosterId, headCountId })).toMatchObject({
    ok: false,
    refused: { code: 'confirmer_stated_it' },
  })
  await expect(
    world.base.owner.query(`insert into enrolment.head_count_confirmation values (2, $1, $2, 77, 77, now())`, [
      rosterId,
      headCountId,
    ]),
  ).rejects.toThrow('check constraint')
})

test('3 two closings, and a file handed in, that all wait for the same roster: closed once, and nothing slips in after it', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', someone(10))
  await headsOf(world, east, rosterId, 12)
  const officer = await as(world, 'east-unit1')
  const file = await rosterOf(someone(2), 1)
  const replies = await allAtOnce<Reply>(
    world,
    `select from enrolment.roster where id = ${rosterId} for update`,
    () => [
      officer.post(`/rosters/${rosterId}/closing`),
      officer.post(`/rosters/${rosterId}/closing`),
      officer.upload(`/rosters/${rosterId}/files`, file),
    ],
  )
  const closings = replies.slice(0, 2)
  expect(closings.map((each) => each.status).sort()).toEqual([201, 409])
  const { rows } = await world.base.owner.query<{ persons: number; there: number }>(
    'select persons, (select count(*)::int from enrolment.roster_row r where r.roster_id = c.roster_id) as there from enrolment.closing c where roster_id = $1',
    [rosterId],
  )
  expect(rows[0]?.there).toBe(rows[0]?.persons)
  expect(replies[2]?.status).toBe(rows[0]?.persons === 12 ? 201 : 409)
})

test('3 a women’s plan asks for the number of women, all of them in a small unit, and takes no men', async () => {
  const rosterId = await rosterWith(world, east, 'demo-women', [])
  const women = someone(40)
    .filter((each) => each.sex === 'F')
    .slice(0, 12)
  const men = someone(40)
    .filter((each) => each.sex === 'M')
    .slice(0, 2)
  expect(done(await handIn(rosterId, await rosterOf([...women, ...men], 1)))).toMatchObject({
    accepted: 12,
    toMend: 2,
    defects: { sex_wrong: 2 },
  })
  await headsOf(world, east, rosterId, 13, 'women')
  const officer = await as(world, 'east-unit1')
  expect(await officer.post(`/rosters/${rosterId}/closing`)).toMatchObject({
    status: 422,
    body: { code: 'participation_short', needed: 13, short: 1 },
  })
})

test('3 an agreed day is asked for where the plan agrees one, and nowhere else; a closed edition says what it lacks', async () => {
  const officer = await as(world, 'east-unit1')
  const unitId = world.demo.units['east-unit1']
  const open = async (plan: string, over: object = {}) =>
    code(await officer.post('/rosters', { unitId, editionId: await editionId(officer, plan), ...over }))
  expect(await open('demo-allowance')).toEqual([422, 'common_day_needed'])
  expect(await open('demo-allowance', { commonDay: world.today })).toEqual([422, 'common_day_needed'])
  expect(await open('demo-critical', { commonDay: addDays(world.today, 9) })).toEqual([422, 'common_day_not_used'])
  expect(await open('hz-hosp')).toEqual([422, 'edition_closed'])
  expect(code(await officer.post('/rosters', { unitId, editionId: 1 }))).toEqual([404, 'edition_not_found'])
})

test('3 last year’s roster comes down, is edited and handed in again', async () => {
  const people = someone(10)
  const roster = await closedRoster(world, ['east', 'unit2'], 'demo-accident', people, { shares: 2, heads: 10 })
  done(await moneyCame(world, 'east', [{ fen: roster.dueFen, note: roster.noticeNumber, reference: 'LAST' }]))
  const officer = await as(world, 'east-unit2')
  const edition = await editionId(officer, 'demo-accident', '2026')
  const sheet = await officer.get(`/units/${world.demo.units['east-unit2']}/last-roster?editionId=${edition}`)
  const again = await rosterWith(world, ['east', 'unit2'], 'demo-accident', [])
  const reply = done(await officer.upload<HandIn>(`/rosters/${again}/files`, sheet.raw))
  expect(reply).toMatchObject({ rowsIn: 10, toMend: 10, defects: { covered_elsewhere: 10 } }) // still covered: renewal comes later

  // Numbers are masked; the row key brings each back, and only its own. The full number may be written in its place.
  const rows: Cell[][] = []
  await readSheet(sheet.raw, (batch) => void rows.push(...batch.map((row) => [...row.cells])))
  expect(rows[0]).toEqual(['姓名', '身份证号', '工号', '份数', '原行号（勿改）'])
  expect(rows[1]?.[1]).toMatch(/^99\*{14}[\dX]{2}$/)
  expect(people.some((each) => sheet.raw.includes(each.paper))).toBe(false)
  const [first = [], second = [], third = [], fourth = []] = rows.slice(1)
  const edited = [
    rows[0] ?? [],
    [first[0] ?? '', '99**************XX', '', 2, first[4] ?? ''],
    [second[0] ?? '', second[1] ?? '', '', 2, ''],
    [third[0] ?? '', third[1] ?? '', '', 2, '1-1'],
    [fourth[0] ?? '', people.find((each) => each.name === fourth[0])?.paper ?? '', '', 2, '1-1'],
  ]
  const mended = done(await officer.upload<HandIn>(`/rosters/${again}/files`, await writeXlsx(edited)))
  expect(mended.defects).toEqual({ paper_of_other_row: 1, paper_hidden: 2, covered_elsewhere: 1 })
  const acts = await world.base.owner.query(
    `select object from platform.act where command = 'enrolment.fetch-roster' order by id desc limit 1`,
  )
  expect(acts.rows).toEqual([{ object: `unit:${world.demo.units['east-unit2']}` }])
  expect(code(await officer.get(`/units/${world.demo.units['east-unit1']}/last-roster?editionId=${edition}`))).toEqual([
    404,
    'unit_not_found',
  ])
})

test('3 what was not read of a file is told: columns of other names, other sheets; and a sheet before the roster is a clear no', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const [her] = someone(1)
  const book = (sheets: Record<string, (string | number | null)[][]>) => {
    const made = new ExcelJS.Workbook()
    for (const [name, rows] of Object.entries(sheets)) {
      const sheet = made.addWorksheet(name, name === '字典' ? { state: 'hidden' } : {})
      for (const row of rows) sheet.addRow(row)
    }
    return made.xlsx.writeBuffer().then((bytes) => Buffer.from(bytes))
  }
  const rows = [
    ['姓名', '身份证号', '投保数量'],
    [her?.name ?? '', her?.paper ?? '', 3],
  ]
  const file = await book({ 一车间: rows, 字典: rows, 二车间: rows, Sheet3: [] })
  const told = done(await handIn(rosterId, file))
  expect(told).toMatchObject({ rowsIn: 1, accepted: 1, columnsNotRead: ['投保数量'], sheetsNotRead: ['二车间'] })
  expect(done(await handIn(rosterId, file))).toEqual({ ...told, seenBefore: true })
  const before = await handIn(rosterId, await book({ 填表说明: [['请如实填写']], 名单: rows }))
  expect(before).toMatchObject({ status: 422, body: { code: 'roster_columns_missing' } })
  expect(JSON.stringify(before.body)).toContain('只读第一张显示的')
  // A number of shares that is a formula without a result does not pass as one share.
  const formula = new ExcelJS.Workbook()
  formula.addWorksheet('名单').addRows([
    ['姓名', '身份证号', '份数'],
    [her?.name ?? '', her?.paper ?? '', { formula: 'IF(1,3,0)' }],
  ])
  expect(done(await handIn(rosterId, Buffer.from(await formula.xlsx.writeBuffer())))).toMatchObject({
    accepted: 0,
    defects: { formula_unread: 1, shares_wrong: 1 },
  })
})

test('3 sheets that are none: each is a clear no, and nothing of it stays', async () => {
  const rosterId = await rosterWith(world, east, 'demo-critical', [])
  const before = await world.base.owner.query('select count(*) from platform.file')
  for (const [file, refusal] of [
    [
      await writeXlsx([
        ['工号', '电话'],
        ['1', '2'],
      ]),
      'roster_columns_missing',
    ],
    [Buffer.from('工号,电话\r\n1,2\r\n'), 'roster_columns_missing'],
    [await writeXlsx([[null]]), 'sheet_empty'],
    [Buffer.from('PK\u0003\u0004 no zip'), 'sheet_damaged'],
    [pdf('x'), 'roster_columns_missing'],
  ] as const)
    expect([refusal, (await handIn(rosterId, file)).body]).toMatchObject([refusal, { code: refusal }])
  expect((await world.base.owner.query('select count(*) from platform.file')).rows).toEqual(before.rows)
  // The header alone: nobody in it.
  expect(done(await handIn(rosterId, await rosterOf([])))).toMatchObject({ rowsIn: 0, accepted: 0, toMend: 0 })
})
