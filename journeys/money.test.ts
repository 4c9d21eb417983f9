import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { doctor } from '../server/src/doctor.ts'
import {
  adoptVariant,
  allAtOnce,
  as,
  type ClosedRoster,
  closedRoster,
  done,
  moneyCame,
  rosterWith,
  type Statement,
} from './steps.ts'
import { openWorld, peopleFrom, rosterOf, statementOf, type World } from './world.ts'

// Money as it really comes: short, over, in pieces, twice, late, without a note, backwards, and for people who are left out.

let world: World
let next = 1_000
/** people of no other test */
const someone = (count = 10) => {
  next += 1_000
  return peopleFrom(next, count)
}
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
}, 180_000)
afterAll(() => world.close())

const healthy = async () => {
  expect(
    (await doctor(world.base.owner, world.today, world.base.services.vault)).filter((answer) => answer.rows > 0),
  ).toEqual([])
}
const east = ['east', 'unit1'] as const
const west = ['west', 'unit1'] as const
interface Receipt {
  readonly id: number
  readonly note: string
  readonly amountFen: number
  readonly unallocatedFen: number
}
const receipts = async (office: 'east' | 'west', open = true) =>
  (await (await as(world, `${office}-finance`)).get<Receipt[]>(`/receipts?unallocated=${open}`)).body
const receiptOf = async (office: 'east' | 'west', amountFen: number) => {
  const found = (await receipts(office)).find((each) => each.amountFen === amountFen)
  if (!found) throw new Error('no such receipt')
  return found
}
const allocate = async (
  office: 'east' | 'west',
  receiptId: number,
  noticeId: number,
  amountFen: number,
  { key, again }: { key?: string; again?: boolean } = {},
) =>
  (await as(world, `${office}-finance`)).post<{
    noticePaid: boolean
    covered: number
    coverFrom: string
    code: string
  }>(
    '/allocations',
    { receiptId, noticeId, amountFen, ...(again ? { again } : {}) },
    key ? { 'idempotency-key': key } : {},
  )

test('short money, and the rest from another payer: effective with the second, from the day after it', async () => {
  const roster = await closedRoster(world, east, 'demo-critical', someone())
  const first = done(await moneyCame(world, 'east', [{ fen: 25_001, note: roster.noticeNumber, reference: 'S1' }]))
  expect(first).toMatchObject({ newReceipts: 1, effective: [] })
  expect(await allocate('east', (await receiptOf('east', 25_001)).id, roster.noticeId, 25_001)).toMatchObject({
    status: 201,
    body: { noticePaid: false },
  })
  world.today = addDays(world.today, 3)
  // Finance money of the district pays for two units at once, and without a number.
  done(await moneyCame(world, 'east', [{ fen: 50_000, note: '补助', reference: 'S2' }]))
  const second = await receiptOf('east', 50_000)
  expect(await allocate('east', second.id, roster.noticeId, 40_000)).toMatchObject({
    status: 422,
    body: { code: 'notice_needs_less', left: '349.99' },
  })
  expect(await allocate('east', second.id, roster.noticeId, 50_001)).toMatchObject({
    status: 422,
    body: { code: 'receipt_too_small', left: '500.00' },
  })
  expect(await allocate('east', second.id, roster.noticeId, 34_999)).toMatchObject({
    status: 201,
    body: { noticePaid: true, covered: 10, coverFrom: '2026-03-06' },
  })
  expect((await receiptOf('east', 50_000)).unallocatedFen).toBe(50_000 - 34_999)
  expect(await allocate('east', second.id, roster.noticeId, 1)).toMatchObject({
    status: 422,
    body: { code: 'notice_needs_less' },
  })
  expect(await allocate('east', 1, roster.noticeId, 1)).toMatchObject({
    status: 404,
    body: { code: 'receipt_not_found' },
  })
  expect(await allocate('east', second.id, 1, 1)).toMatchObject({ status: 404, body: { code: 'notice_not_found' } })
  await healthy()
})

test('a receipt goes to one notice in parts; the same sum once more must be meant, and a retry is no second part', async () => {
  const roster = await closedRoster(world, east, 'demo-critical', someone())
  done(await moneyCame(world, 'east', [{ fen: 60_007, note: '无号', reference: 'O1' }]))
  const { id } = await receiptOf('east', 60_007)
  const part = (amountFen: number, more = {}) => allocate('east', id, roster.noticeId, amountFen, more)
  expect(await part(100)).toMatchObject({ status: 201, body: { noticePaid: false } })
  expect(await part(200)).toMatchObject({ status: 201 })
  expect(await part(200)).toMatchObject({ status: 409, body: { code: 'already_allocated', amount: '2.00' } })
  expect(await part(200, { again: true })).toMatchObject({ status: 201 })
  const atOnce = await allAtOnce(world, `select from contributions.receipt where id = ${id} for update`, () =>
    [1, 2, 3].map(() => part(300)),
  )
  expect(atOnce.map((each) => each.status).sort()).toEqual([201, 409, 409])
  const keyed = [1, 2].map(() => part(400, { again: true, key: 'O1-400' }))
  expect((await Promise.all(keyed)).map((each) => each.status)).toEqual([201, 201])
  expect((await receipts('east')).find((each) => each.id === id)?.unallocatedFen).toBe(60_007 - 1_200)
  expect(await part(roster.dueFen - 1_199, { again: true })).toMatchObject({ body: { code: 'notice_needs_less' } })
  expect(await part(roster.dueFen - 1_200)).toMatchObject({ status: 201, body: { noticePaid: true, covered: 10 } })
  expect((await receipts('east')).find((each) => each.id === id)?.unallocatedFen).toBe(60_007 - roster.dueFen)
  await healthy()
})

test('a notice paid in parts of one receipt, and two persons left out: their money is free in that receipt, to the fen', async () => {
  const shared = someone(2)
  const first = await closedRoster(world, east, 'demo-critical', [...someone(10), ...shared])
  const second = await closedRoster(world, east, 'demo-critical', [...someone(10), ...shared])
  done(await moneyCame(world, 'east', [{ fen: first.dueFen, note: first.noticeNumber, reference: 'L1' }]))
  done(await moneyCame(world, 'east', [{ fen: second.dueFen + 9, note: '', reference: 'L2' }]))
  const { id } = await receiptOf('east', second.dueFen + 9)
  // Less in the last part than the 120 yuan that are not needed: the rest comes off the part before.
  const parts = [second.dueFen - 9_000, 4_000, 5_000]
  for (const part of parts) expect(await allocate('east', id, second.noticeId, part)).toMatchObject({ status: 201 })
  expect((await receipts('east')).find((each) => each.id === id)?.unallocatedFen).toBe(12_000 + 9)
  const { rows } = await world.base.owner.query<{ fen: number }>(
    'select amount_fen::int as fen from contributions.freed where receipt_id = $1 order by allocation_id',
    [id],
  )
  expect(rows).toEqual([{ fen: 3_000 }, { fen: 4_000 }, { fen: 5_000 }])
  await healthy()
})

test('too much money with the right number, a wrong number, no number: it stays where everybody sees it', async () => {
  const roster = await closedRoster(world, east, 'demo-critical', someone())
  const came = done(
    await moneyCame(world, 'east', [
      { fen: roster.dueFen + 1, note: roster.noticeNumber, reference: 'W1' },
      { fen: roster.dueFen, note: 'JF2026-2-999999', reference: 'W2' },
      { fen: roster.dueFen, note: '', reference: 'W3' },
    ]),
  )
  expect(came).toMatchObject({ newReceipts: 3, effective: [], notAllocated: [] })
  // The number as people write it: wide signs, small letters.
  const right = done(
    await moneyCame(world, 'east', [
      { fen: roster.dueFen, note: `互助费${roster.noticeNumber.toLowerCase().replace('jf', 'ｊｆ')}`, reference: 'W4' },
    ]),
  )
  expect(right.effective).toMatchObject([{ noticeNumber: roster.noticeNumber, covered: 10, leftOut: 0 }])
  await healthy()
})

test('the same statement twice, and two statements that overlap: each line is one receipt', async () => {
  const lines = [
    { fen: 1_001, reference: 'T1' },
    { fen: 1_002, reference: 'T2' },
  ]
  expect(done(await moneyCame(world, 'east', lines))).toMatchObject({ newReceipts: 2, amountFen: 2_003 })
  expect(done(await moneyCame(world, 'east', lines))).toMatchObject({ lines: 2, newReceipts: 0, amountFen: 0 })
  expect(done(await moneyCame(world, 'east', [...lines.slice(1), { fen: 1_003, reference: 'T3' }]))).toMatchObject({
    lines: 2,
    newReceipts: 1,
    amountFen: 1_003,
  })
  await healthy()
})

test('a known bank reference with another amount is never swallowed: the whole statement is refused, and says where', async () => {
  done(await moneyCame(world, 'east', [{ fen: 2_001, reference: 'U1' }]))
  const before = (await receipts('east', false)).length
  const other = await moneyCame(world, 'east', [
    { fen: 2_002, reference: 'U1' },
    { fen: 2_003, reference: 'U2' },
  ])
  expect(other).toMatchObject({ status: 422, body: { code: 'statement_rows_wrong' } })
  expect(JSON.stringify(other.body)).toContain('U1')
  const within = await moneyCame(world, 'east', [
    { fen: 2_004, reference: 'U3' },
    { fen: 2_005, reference: 'U3' },
  ])
  expect(within).toMatchObject({ status: 422, body: { code: 'statement_rows_wrong' } })
  // The very same line twice in a file may be pages that overlap or two equal payments: people find out which.
  const twice = await moneyCame(world, 'east', [
    { fen: 2_006, reference: 'U4' },
    { fen: 2_006, reference: 'U4' },
  ])
  expect(twice).toMatchObject({ status: 422, body: { code: 'statement_rows_wrong' } })
  expect(JSON.stringify(twice.body)).toContain('删去一行')
  expect(await receipts('east', false)).toHaveLength(before)
})

test('a known bank reference, day and amount with another payer is other money: told, and never taken for the known one', async () => {
  done(await moneyCame(world, 'east', [{ fen: 2_011, reference: 'V1', payer: '甲单位工会' }]))
  const before = (await receipts('east', false)).length
  const other = await moneyCame(world, 'east', [
    { fen: 2_011, reference: 'V1', payer: '乙单位工会' },
    { fen: 2_012, reference: 'V2' },
  ])
  expect(other).toMatchObject({ status: 422, body: { code: 'statement_rows_wrong', count: 1 } })
  expect(JSON.stringify(other.body)).toMatch(/V1 以前读入过，日期、金额或付款人与这次不同/)
  expect(await receipts('east', false)).toHaveLength(before)
  const same = await moneyCame(world, 'east', [
    { fen: 2_011, reference: 'V1', payer: '甲单位工会' },
    { fen: 2_012, reference: 'V2' },
  ])
  expect(done(same)).toMatchObject({ lines: 2, newReceipts: 1 })
})

test('a notice number with spaces, and several in one note: the one whose money this is; of two equal ones neither', async () => {
  const [ten, eleven, also] = [
    await closedRoster(world, east, 'demo-critical', someone()),
    await closedRoster(world, east, 'demo-critical', someone(11)),
    await closedRoster(world, east, 'demo-critical', someone()),
  ]
  const spaced = eleven.noticeNumber.toLowerCase().replaceAll('-', ' - ')
  const came = done(
    await moneyCame(world, 'east', [
      { fen: ten.dueFen, note: `补缴 ${ten.noticeNumber}、${also.noticeNumber}`, reference: 'M1' },
      { fen: eleven.dueFen, note: `${ten.noticeNumber} 已缴，本次缴 ${spaced}`, reference: 'M2' },
    ]),
  )
  expect(came.effective).toMatchObject([{ noticeNumber: eleven.noticeNumber, covered: 11 }])
  expect((await receipts('east')).filter((each) => each.note.includes(also.noticeNumber))).toMatchObject([
    { amountFen: ten.dueFen, unallocatedFen: ten.dueFen },
  ])
  await healthy()
})

test('money that went back, a day to come, a line without reference: told with its row, and nothing is booked', async () => {
  const before = (await receipts('east', false)).length
  const sheet = [
    { on: world.today, payer: 'x', yuan: '-100.00', note: '冲正', reference: 'N1' },
    { on: addDays(world.today, 1), payer: 'x', yuan: '100.00', note: '', reference: 'N2' },
    { on: world.today, payer: 'x', yuan: '100.00', note: '', reference: '' },
    { on: '2026-02-30', payer: 'x', yuan: '100.00', note: '', reference: 'N4' },
    { on: world.today, payer: 'x', yuan: '1.001', note: '', reference: 'N5' },
    { on: world.today, payer: 'x', yuan: '7.00', note: '', reference: 'N6' },
  ]
  const finance = await as(world, 'east-finance')
  const refused = await finance.upload<{ code: string; count: number; problems: string[] }>(
    '/statements',
    statementOf(sheet),
  )
  expect(refused).toMatchObject({ status: 422, body: { code: 'statement_rows_wrong', count: 5 } })
  expect(refused.body.problems.map((each) => each.slice(0, 5))).toEqual([
    '第 3 行',
    '第 4 行',
    '第 5 行',
    '第 6 行',
    '第 7 行',
  ])
  expect(refused.body.problems[0]).toMatch(/负数/)
  expect(refused.body.problems[1]).toMatch(/还没有到/)
  expect(await receipts('east', false)).toHaveLength(before)
  expect(await finance.upload('/statements', Buffer.from('姓名,身份证号\r\n王芳,1\r\n'))).toMatchObject({
    status: 422,
    body: { code: 'statement_columns_missing' },
  })
  expect(await finance.upload('/statements', statementOf(sheet.slice(5)), { account: '我的账户' })).toMatchObject({
    status: 422,
    body: { code: 'statement_account_not_known' },
  })
  // Banks write the hour too.
  const timed = statementOf([
    { on: `${world.today.replaceAll('-', '/')} 09:30:15`, payer: 'x', yuan: '7.00', note: '', reference: 'N7' },
  ])
  expect(done(await finance.upload<Statement>('/statements', timed))).toMatchObject({ newReceipts: 1 })
})

test('a receipt from before the roster was closed: cover starts the day after the papers were in', async () => {
  const roster = await closedRoster(world, west, 'demo-critical', someone())
  const came = done(
    await moneyCame(world, 'west', [
      { fen: roster.dueFen, note: roster.noticeNumber, reference: 'B1', on: addDays(world.today, -20) },
    ]),
  )
  expect(came.effective).toMatchObject([{ coverFrom: addDays(world.today, 1) }])
})

test('scheme dates: money on the last day before one still makes it, money on the day itself waits for the next', async () => {
  const today = world.today
  world.today = day('2026-03-31')
  const inTime = await closedRoster(world, west, 'demo-hospital', someone())
  expect(
    done(await moneyCame(world, 'west', [{ fen: inTime.dueFen, note: inTime.noticeNumber, reference: 'D1' }]))
      .effective,
  ).toMatchObject([{ coverFrom: '2026-04-01' }])
  world.today = day('2026-04-01')
  const late = await closedRoster(world, west, 'demo-hospital', someone())
  expect(
    done(await moneyCame(world, 'west', [{ fen: late.dueFen, note: late.noticeNumber, reference: 'D2' }])).effective,
  ).toMatchObject([{ coverFrom: '2026-07-01' }])
  world.today = today
})

test('an agreed day that has passed when the money comes: cover starts the day after the money', async () => {
  const today = world.today
  const roster = await closedRoster(world, west, 'demo-allowance', someone(), { commonDay: addDays(today, 10) })
  const later = await closedRoster(world, west, 'demo-allowance', someone(), { commonDay: addDays(today, 40) })
  world.today = addDays(today, 12)
  const came = done(
    await moneyCame(world, 'west', [
      { fen: roster.dueFen, note: roster.noticeNumber, reference: 'C1' },
      { fen: later.dueFen, note: later.noticeNumber, reference: 'C2' },
    ]),
  )
  expect(came.effective.map((each) => each.coverFrom)).toEqual([addDays(today, 13), addDays(today, 40)])
  world.today = today
})

test('renewal: the last day of grace keeps continuity, a day later the waiting starts again; a new person waits anyway', async () => {
  const [a, b] = [someone(), someone()]
  const first = await closedRoster(world, west, 'demo-critical', [...a, ...b])
  const { coverFrom } = done(
    await moneyCame(world, 'west', [{ fen: first.dueFen, note: first.noticeNumber, reference: 'G1' }]),
  ).effective[0] as { coverFrom: string }
  const ends = day(`2027${coverFrom.slice(4)}`) // the first day no longer covered
  const today = world.today
  const fresh = someone(1)
  // Thirty days of grace: the new cover may start up to thirty days after the old one ended.
  for (const [people, money, continuous] of [
    [[...a, ...fresh], addDays(ends, 29), 10],
    [b, addDays(ends, 30), 0],
  ] as const) {
    world.today = money
    const again = await closedRoster(world, west, 'demo-critical', people)
    done(await moneyCame(world, 'west', [{ fen: again.dueFen, note: again.noticeNumber, reference: `G${continuous}` }]))
    const { rows } = await world.base.owner.query<{ n: number }>(
      'select count(*)::int as n from enrolment.cover where roster_id = $1 and continuous',
      [again.rosterId],
    )
    expect(rows[0]?.n).toBe(continuous)
  }
  world.today = today
})

test('twelve months from 29 February end with 28 February', async () => {
  const today = world.today
  world.today = day('2028-02-28')
  const roster = await closedRoster(world, west, 'demo-critical', someone())
  expect(
    done(await moneyCame(world, 'west', [{ fen: roster.dueFen, note: roster.noticeNumber, reference: 'F1' }]))
      .effective,
  ).toMatchObject([{ coverFrom: '2028-02-29' }])
  const { rows } = await world.base.owner.query<{ until_on: string }>(
    'select distinct until_on::text from enrolment.cover where roster_id = $1',
    [roster.rosterId],
  )
  expect(rows).toEqual([{ until_on: '2029-02-28' }]) // half-open: 28 February 2029 is no longer covered
  world.today = today
})

test('one person on two open rosters of a plan: the second leaves her out, tells the unit whom, and her money is free', async () => {
  const shared = someone(2)
  const [eastern, western] = [
    await closedRoster(world, east, 'demo-critical', [...someone(10), ...shared]),
    await closedRoster(world, west, 'demo-critical', [...shared, ...someone(10)]),
  ]
  done(await moneyCame(world, 'east', [{ fen: eastern.dueFen, note: eastern.noticeNumber, reference: 'P1' }]))
  const second = done(
    await moneyCame(world, 'west', [{ fen: western.dueFen, note: western.noticeNumber, reference: 'P2' }]),
  )
  expect(second.effective).toMatchObject([{ covered: 10, leftOut: 2 }])
  // Whom: by row of what the unit handed in, masked; not where else she is covered.
  const officer = await as(world, 'west-unit1')
  const rows = await officer.get<{ row: number; name: string; state: string }[]>(
    `/rosters/${western.rosterId}/rows?state=left_out`,
  )
  expect(rows.body).toMatchObject([
    { row: 2, state: 'left_out' },
    { row: 3, state: 'left_out' },
  ])
  expect(rows.body[0]?.name).not.toBe(shared[0]?.name)
  // Her contribution is nobody's income: it is unallocated in the receipts and in the books, and pays another notice.
  const fee = 6_000
  const receipt = (await receipts('west')).find((each) => each.note.includes(western.noticeNumber))
  expect(receipt?.unallocatedFen).toBe(2 * fee)
  const notices = await officer.get<{ id: number; dueFen: number; paidFen: number }[]>('/payment-notices')
  expect(notices.body.find((each) => each.id === western.noticeId)).toMatchObject({
    dueFen: western.dueFen - 2 * fee,
    paidFen: western.dueFen - 2 * fee,
  })
  await healthy()
  const more = await closedRoster(world, west, 'demo-critical', someone(10))
  expect(await allocate('west', receipt?.id ?? 0, more.noticeId, 2 * fee)).toMatchObject({ status: 201 })
  await healthy()
})

test('everybody left out: nothing is booked as a contribution, all the money is free', async () => {
  const people = someone(10)
  const [a, b] = [
    await closedRoster(world, east, 'demo-critical', people),
    await closedRoster(world, west, 'demo-critical', people),
  ]
  done(await moneyCame(world, 'east', [{ fen: a.dueFen, note: a.noticeNumber, reference: 'Q1' }]))
  const second = done(await moneyCame(world, 'west', [{ fen: b.dueFen, note: b.noticeNumber, reference: 'Q2' }]))
  expect(second.effective).toMatchObject([{ covered: 0, leftOut: 10, certificate: null }])
  expect((await receipts('west')).find((each) => each.note.includes(b.noticeNumber))?.unallocatedFen).toBe(b.dueFen)
  await healthy()
})

test('two allocations at once, of two receipts to one notice and of one receipt to two notices: never more than there is', async () => {
  const [a, b] = [
    await closedRoster(world, east, 'demo-critical', someone()),
    await closedRoster(world, east, 'demo-critical', someone()),
  ]
  done(
    await moneyCame(world, 'east', [
      { fen: 60_011, reference: 'R1' },
      { fen: 60_012, reference: 'R2' },
    ]),
  )
  const [r1, r2] = [await receiptOf('east', 60_011), await receiptOf('east', 60_012)]
  const toOne = await allAtOnce(
    world,
    `select from contributions.payment_notice where id = ${a.noticeId} for update`,
    () => [r1, r2].map((receipt) => allocate('east', receipt.id, a.noticeId, 60_000)),
  )
  expect(toOne.map((each) => each.status).sort()).toEqual([201, 422])
  const free = toOne[0]?.status === 201 ? r2 : r1
  const c = await closedRoster(world, east, 'demo-critical', someone())
  const ofOne = await allAtOnce(world, `select from contributions.receipt where id = ${free.id} for update`, () =>
    [b, c].map((roster: ClosedRoster) => allocate('east', free.id, roster.noticeId, 40_000)),
  )
  expect(ofOne.map((each) => each.status).sort()).toEqual([201, 422])
  expect(ofOne.find((each) => each.status === 422)?.body.code).toBe('receipt_too_small')
  await healthy()
})

test('two readers of overlapping statements at once: every line once, every notice effective once', async () => {
  const roster = await closedRoster(world, east, 'demo-critical', someone())
  const line = { fen: roster.dueFen, note: roster.noticeNumber, reference: 'X1' }
  const both = await Promise.all([
    moneyCame(world, 'east', [line]),
    moneyCame(world, 'east', [line, { fen: 9_001, reference: 'X2' }]),
    moneyCame(world, 'east', [line]),
  ])
  expect(both.map((each) => each.status)).toEqual([201, 201, 201])
  expect(both.reduce((sum, each) => sum + each.body.newReceipts, 0)).toBe(2)
  expect(both.flatMap((each) => each.body.effective)).toHaveLength(1)
  await healthy()
})

test('no scheme date is left when the money comes: the statement is read, and the money waits with the reason', async () => {
  const edition = await adoptVariant(world, 'demo-hospital', 'few-dates', (text) =>
    text.replace(/scheme_dates:\s*\[[^\]]*\]/, 'scheme_dates: [2026-04-01]'),
  )
  const today = world.today
  const roster = await closedRoster(world, east, edition, someone())
  const open = await rosterWith(world, east, edition, [])
  world.today = day('2026-04-02')
  const came = done(
    await moneyCame(world, 'east', [
      { fen: roster.dueFen, note: roster.noticeNumber, reference: 'Y1' },
      { fen: 9_002, reference: 'Y2' },
    ]),
  )
  expect(came).toMatchObject({
    newReceipts: 2,
    effective: [],
    notAllocated: [{ noticeNumber: roster.noticeNumber, code: 'no_scheme_date' }],
  })
  const receipt = (await receipts('east')).find((each) => each.note.includes(roster.noticeNumber))
  expect(await allocate('east', receipt?.id ?? 0, roster.noticeId, roster.dueFen)).toMatchObject({
    status: 422,
    body: { code: 'no_scheme_date' },
  })
  expect(receipt?.unallocatedFen).toBe(roster.dueFen)
  const officer = await as(world, 'east-unit1')
  expect(await officer.upload(`/rosters/${open}/files`, await rosterOf(someone(2)))).toMatchObject({
    status: 422,
    body: { code: 'no_scheme_date' },
  })
  await healthy()
  world.today = today
})

test('a contribution that changes with the term: the notice asks for the term it pays, and the books hold the same', async () => {
  const edition = await adoptVariant(world, 'demo-hospital', 'dearer', (text) =>
    text.replace(
      'fee: { about: 互助费（每人每期）, unit: yuan, from: { 2026-01-01: { value: 36.00, clause: art-2, source: ours } } }',
      'fee: { about: 互助费（每人每期）, unit: yuan, from: { 2026-01-01: { value: 36.00, clause: art-2, source: ours }, 2026-04-01: { value: 40.00, clause: art-2, source: ours }, 2026-07-01: { value: 44.00, clause: art-2, source: ours } } }',
    ),
  )
  const today = world.today
  world.today = day('2026-03-20')
  const people = someone(10)
  const roster = await closedRoster(world, east, edition, people)
  expect(roster.dueFen).toBe(10 * 4_000)
  // Late money moves the cover to the next date; the notice was for forty, and forty is what was asked and paid.
  world.today = day('2026-04-10')
  done(await moneyCame(world, 'east', [{ fen: roster.dueFen, note: roster.noticeNumber, reference: 'Z1' }]))
  const { rows } = await world.base.owner.query<{ fee: number; from_on: string }>(
    'select sum(fee_fen)::int as fee, min(from_on)::text as from_on from enrolment.cover where roster_id = $1',
    [roster.rosterId],
  )
  expect(rows).toEqual([{ fee: 40_000, from_on: '2026-07-01' }])
  await healthy()
  world.today = today
})

test('receipts and notices come page by page, newest first: none is missing and none comes twice', async () => {
  const finance = await as(world, 'east-finance')
  for (const path of ['/receipts?unallocated=true', '/receipts?unallocated=false', '/payment-notices?']) {
    const all = (await finance.get<{ id: number }[]>(path)).body.map((each) => each.id)
    expect(all.length).toBeGreaterThan(8)
    const paged: number[] = []
    for (;;) {
      const last = paged.at(-1)
      const page = await finance.get<{ id: number }[]>(`${path}&limit=4${last ? `&after=${last}` : ''}`)
      paged.push(...page.body.map((each) => each.id))
      if (page.body.length < 4) break
    }
    expect(paged).toEqual(all)
  }
})
