import iconv from 'iconv-lite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { type DecisionRecord, replay } from '#modules/plans/core.ts'
import { doctor } from '../server/src/doctor.ts'
import { type Client, enrol, openWorld, pdf, peopleFrom, statementsOf, type World } from './world.ts'

// One line through the whole association, on the real application and a real database, day by day.

let world: World
const people = peopleFrom(1, 40)
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
})
afterAll(() => world.close())

let memberNumber = ''
let member: Client
let eventId = 0
let itemIds: number[] = []

test('1 the network: two offices with words of their own, agencies, points and four kinds of unit', async () => {
  const admin = await world.as('east-admin')
  const { body } = await admin.get<{
    offices: unknown[]
    agencies: unknown[]
    points: unknown[]
    words: Record<string, string>
  }>('/network')
  expect(body.offices).toHaveLength(3)
  expect(body.agencies).toHaveLength(4)
  expect(body.points).toHaveLength(4)
  expect(body.words.plan).toBe('计划')
  expect(
    (await (await world.as('west-admin')).get<{ words: Record<string, string> }>('/network')).body.words.plan,
  ).toBe('活动')
  const agency = await world.as('east-agency')
  const wrong = await agency.post('/units', {
    name: '示范新单位',
    kind: 'employer',
    creditCode: '913300001234567890',
    agencyId: world.demo.agencies['east-agency1'],
  })
  expect(wrong).toMatchObject({ status: 422, body: { code: 'credit_code_wrong' } })
  expect(String(wrong.body.message)).toContain('对照营业执照')
})

test('2 a unit joins by a stamped application, admitted by another hand', async () => {
  const agency = await world.as('east-agency')
  const unit = await agency.post<{ id: number }>('/units', {
    name: '示范新单位',
    kind: 'without_code',
    agencyId: world.demo.agencies['east-agency1'],
  })
  expect(unit.status).toBe(201)
  const url = `/units/${unit.body.id}`
  expect(await agency.post(`${url}/admission`)).toMatchObject({ status: 404, body: { code: 'application_not_found' } })
  expect(
    await agency.upload(`${url}/application`, pdf('盖章申请'), { appliedOn: '2026-03-01', workers: '12' }),
  ).toMatchObject({ status: 201 })
  expect(await agency.post(`${url}/admission`)).toMatchObject({ status: 403, body: { code: 'admitter_filed_it' } })
  expect(await (await world.as('east-decider')).post(`${url}/admission`)).toMatchObject({ status: 201 })
})

test('3 and 4 a roster in, head count confirmed, closed, paid: everybody is covered from the scheme’s day, with certificates', async () => {
  const { coverFrom, certificate } = await enrol(world, 'east', 'unit1', 'demo-hospital', people)
  expect(coverFrom).toBe('2026-04-01')
  expect(certificate).toMatch(/^2-\d+$/)
  expect((await enrol(world, 'east', 'unit1', 'demo-critical', people, { shares: 2 })).coverFrom).toBe('2026-03-03')
  const covers = await (await world.as('east-unit1')).get<
    { certificate: string; memberNumber: string; name: string }[]
  >(`/units/${world.demo.units['east-unit1']}/covers`)
  expect(covers.body).toHaveLength(80)
  expect(new Set(covers.body.map((cover) => cover.certificate)).size).toBe(80)
  memberNumber = covers.body[0]?.memberNumber ?? ''
  const roll = await (await world.as('east-admin')).get<{
    members: { memberNumber: string; coversInForce: number; hasRights: boolean }[]
  }>('/members?on=2026-03-10')
  expect(roll.body.members).toHaveLength(40)
  expect(roll.body.members.every((each) => each.coversInForce === 1 && each.hasRights)).toBe(true)
})

test('a person whom the plan covers elsewhere is reported without naming where', async () => {
  const officer = await world.as('west-unit1')
  const editions = await officer.get<{ id: number; plan: string }[]>('/editions')
  const roster = await officer.post<{ rosterId: number }>('/rosters', {
    unitId: world.demo.units['west-unit1'],
    editionId: editions.body.find((each) => each.plan === 'demo-hospital')?.id,
  })
  const { rosterOf } = await import('./world.ts')
  const report = await officer.upload<{
    accepted: number
    toMend: number
    defects: Record<string, number>
    sample: { problems: string[] }[]
  }>(`/rosters/${roster.body.rosterId}/files`, await rosterOf([...people.slice(0, 1), ...peopleFrom(500, 3)]))
  expect(report.body).toMatchObject({ accepted: 3, toMend: 1, defects: { covered_elsewhere: 1 } })
  expect(report.body.sample[0]?.problems[0]).not.toMatch(/东|机械/)
})

test('5 one event is told once: each cover is an item with its workings, and papers are asked for all together', async () => {
  world.today = day('2026-07-20')
  const agency = await world.as('east-agency')
  const code = await agency.post<{ login: string; code: string }>(`/members/${memberNumber}/sign-in-code`)
  member = await world.as(code.body.login, code.body.code)
  const claim = {
    event: {
      kind: 'inpatient_stay',
      dates: { admission: '2026-07-01', discharge: '2026-07-12', settlement: '2026-07-12', diagnosis: '2026-07-03' },
      bill: { total: 3_000_000, in_scope_self_pay: 650_000 },
      days: { inpatient: 11 },
      codes: { diagnosis: 'C34.1', severity: 'severe', hospital_level: 3, cause: 'disease' },
    },
    words: '咳嗽两个月，住院手术',
    nameInNotice: true,
    payee: { name: people[0]?.name, account: '6222 0200 0000 0012', branch: '示范银行东市支行' },
  }
  const filed = await member.post<{ eventId: number; items: number[]; number: string }>('/claims', claim)
  expect(filed.status).toBe(201)
  expect(filed.body.items).toHaveLength(2)
  eventId = filed.body.eventId
  itemIds = filed.body.items
  expect(await member.post('/claims', claim)).toMatchObject({
    status: 409,
    body: { code: 'claim_already_filed', number: filed.body.number },
  })

  const reviewer = await world.as('east-agency')
  const item = await reviewer.get<{ lines: { text: string; clauseName: string }[]; proposedFen: number }>(
    `/claim-items/${itemIds[1]}`,
  )
  expect(item.body).toMatchObject({ payee: { account: '**** 0012', isMember: true } })
  expect(item.body.lines[0]).toMatchObject({ clauseName: '第4条' })
  expect(await reviewer.post(`/claim-items/${itemIds[0]}/review`, { verdict: 'pass' })).toMatchObject({
    status: 422,
    body: { code: 'papers_missing' },
  })
  const asked = await reviewer.post<{ kinds: string[] }>(`/claims/${eventId}/papers-request`)
  expect(asked.body.kinds).toEqual(['出院记录', '医保结算单', '病理报告'].sort())
  expect(await reviewer.post(`/claims/${eventId}/papers-request`)).toMatchObject({ status: 409 })
  for (const kind of asked.body.kinds)
    expect((await member.upload(`/claims/${eventId}/papers`, pdf(kind), { kind })).status).toBe(201)
})

test('5 a unit officer sees number and stage of it, and nothing else', async () => {
  const seen = await (await world.as('east-unit1')).get(`/claims/${eventId}`)
  expect(Object.keys(seen.body).sort()).toEqual(['elsewhere', 'filedOn', 'id', 'number', 'stages'])
  expect((await (await world.as('east-unit2')).get(`/claims/${eventId}`)).status).toBe(404)
  expect((await (await world.as('west-decider')).get(`/claim-items/${itemIds[0]}`)).status).toBe(404)
})

test('5 two hands review and decide; ten decisions at once leave one', async () => {
  const [reviewer, decider] = [await world.as('east-agency'), await world.as('east-decider')]
  expect(await decider.post(`/claim-items/${itemIds[0]}/decision`)).toMatchObject({
    status: 422,
    body: { code: 'not_ready_to_decide' },
  })
  for (const itemId of itemIds)
    expect((await reviewer.post(`/claim-items/${itemId}/review`, { verdict: 'pass' })).status).toBe(201)
  expect(await reviewer.post(`/claim-items/${itemIds[0]}/decision`)).toMatchObject({ status: 403 })
  const decisions = await Promise.all(
    Array.from({ length: 10 }, () =>
      decider.post<{ benefitFen: number; code?: string }>(`/claim-items/${itemIds[0]}/decision`),
    ),
  )
  expect(decisions.filter((each) => each.status === 201)).toHaveLength(1)
  expect(decisions.filter((each) => each.body.code === 'item_already_ended')).toHaveLength(9)
  let second = { status: 0, body: { benefitFen: 0 } }
  const statements = await statementsOf(async () => {
    second = await decider.post<{ benefitFen: number }>(`/claim-items/${itemIds[1]}/decision`)
  })
  expect(second.status).toBe(201)
  // The item, what binds the decider, what she got before, the decision with all that follows, the books, the act of record.
  expect(statements).toHaveLength(6)
  const total = (decisions.find((each) => each.status === 201)?.body.benefitFen ?? 0) + second.body.benefitFen
  expect(total).toBe(295_000 + 2_000_000)
  const letter = await member.get<{ title: string; lines: { text: string }[]; closing: string }>(
    `/claim-items/${itemIds[0]}/letter`,
  )
  expect(letter.body.title).toBe('互助金给付决定书')
  expect(letter.body.closing).toContain('2026年8月4日')
  for (const itemId of itemIds) {
    const record = await decider.get<DecisionRecord>(`/claim-items/${itemId}/record`)
    expect(replay(record.body)).toMatchObject({ ok: true, value: { same: true, differences: [] } })
    const changed = replay({ ...record.body, benefitFen: record.body.benefitFen + 1 })
    expect(changed).toMatchObject({ ok: true, value: { same: false } })
  }
  expect(await member.post(`/claims/${eventId}/withdrawal`)).toMatchObject({
    status: 409,
    body: { code: 'already_decided' },
  })
})

test('6 what is published before payment names nobody by illness, and comes down when its days end', async () => {
  const decider = await world.as('east-decider')
  const made = await decider.post<{ lists: { id: number; until: string }[] }>('/notice-lists')
  expect(made.body.lists).toHaveLength(1)
  const id = made.body.lists[0]?.id
  const list = await member.get<{ lines: { maskedName: string }[] }>(`/notice-lists/${id}`)
  expect(list.body.lines).toHaveLength(1)
  expect(list.body.lines[0]?.maskedName).toMatch(/^.\*+$/)
  const board = await decider.get<string>(`/notice-lists/${id}/board`)
  for (const secret of [people[0]?.name, people[0]?.paper, '6222', 'C34', '肺', '重大', '支行'])
    expect(String(board.body)).not.toContain(secret)
  expect((await (await world.as('west-decider')).get(`/notice-lists/${id}`)).status).toBe(404)
})

let batchId = 0
const answerOf = (lines: readonly string[]) => iconv.encode(['参考号,金额,结果,原因', ...lines].join('\r\n'), 'gb18030')

test('7 a batch is made by one, released by another; a failed item is mended and goes again; nothing is paid twice', async () => {
  const [finance, releaser] = [await world.as('east-finance'), await world.as('east-releaser')]
  const makers = await Promise.all(
    [finance, await world.as('east-finance')].map((client) =>
      client.post<{ batchId: number; items: number; totalFen: number }>('/payment-batches'),
    ),
  )
  const batch = makers.find((each) => each.status === 201)
  expect(makers.filter((each) => each.status === 201)).toHaveLength(1)
  expect(batch?.body).toMatchObject({ items: 1, totalFen: 2_000_000 }) // the hospital item waits for its notice to end
  batchId = batch?.body.batchId ?? 0
  expect(await finance.post(`/payment-batches/${batchId}/release`)).toMatchObject({ status: 403 })
  expect((await releaser.post(`/payment-batches/${batchId}/release`)).status).toBe(201)
  const file = await releaser.get(`/payment-batches/${batchId}/file`)
  const text = iconv.decode(file.raw, 'gb18030')
  expect(text).toContain('6222020000000012')
  const reference = /(?<=,)\d+-\d+-1(?=,)/.exec(text)?.[0] ?? ''

  const answers = `/payment-batches/${batchId}/answers`
  expect(await releaser.upload(answers, answerOf([`9-9-9,1.00,成功,`]))).toMatchObject({
    status: 422,
    body: { code: 'answer_refused' },
  })
  expect(await releaser.upload(answers, answerOf([`${reference},19999.00,成功,`]))).toMatchObject({ status: 422 })
  expect(await releaser.upload(answers, answerOf([`${reference},20000.00,失败,账号户名不符`]))).toMatchObject({
    status: 201,
    body: { failed: 1, paid: 0 },
  })
  expect(await releaser.upload(answers, answerOf([`${reference},20000.00,成功,`]))).toMatchObject({ status: 422 }) // contradicts
  expect(await finance.post('/payment-batches')).toMatchObject({ status: 422, body: { code: 'nothing_to_pay' } })

  const dueId = reference.split('-')[1]
  expect(
    await finance.post(`/payment-dues/${dueId}/account`, {
      name: people[0]?.name,
      account: '6222020000000099',
      branch: '示范银行',
      reason: '账号抄错',
    }),
  ).toMatchObject({ status: 201 })
  const again = await finance.post<{ batchId: number; items: number }>('/payment-batches')
  expect(again.body.items).toBe(1)
  await releaser.post(`/payment-batches/${again.body.batchId}/release`)
  const second = `${reference.slice(0, -1)}2`
  const paid = answerOf([`${second},20000.00,成功,`])
  expect(await releaser.upload(`/payment-batches/${again.body.batchId}/answers`, paid)).toMatchObject({
    status: 201,
    body: { paid: 1, paidFen: 2_000_000 },
  })
  expect(await releaser.upload(`/payment-batches/${again.body.batchId}/answers`, paid)).toMatchObject({
    status: 201,
    body: { paid: 1, alreadyRead: true }, // the same file again: the first answer, and nothing booked
  })
})

test('7 what had to be published first is paid when its notice has ended', async () => {
  world.today = addDays(world.today, 10)
  const [finance, releaser] = [await world.as('east-finance'), await world.as('east-releaser')]
  const batch = await finance.post<{ batchId: number; items: number; totalFen: number }>('/payment-batches')
  expect(batch.body).toMatchObject({ items: 1, totalFen: 295_000 })
  await releaser.post(`/payment-batches/${batch.body.batchId}/release`)
  const text = iconv.decode((await releaser.get(`/payment-batches/${batch.body.batchId}/file`)).raw, 'gb18030')
  const reference = /(?<=,)\d+-\d+-1(?=,)/.exec(text)?.[0] ?? ''
  expect(
    await releaser.upload(`/payment-batches/${batch.body.batchId}/answers`, answerOf([`${reference},2950.00,成功,`])),
  ).toMatchObject({ status: 201, body: { paid: 1 } })
  await world.deliver()
  expect((await member.get(`/claims/${eventId}`)).status).toBe(401) // a sign-in lasts a working day
  const claim = await (await world.as('east-decider')).get<{ items: { stage: string }[] }>(`/claims/${eventId}`)
  expect(claim.body.items.map((item) => item.stage)).toEqual(['paid', 'paid'])
})

test('8 the books balance, each fund by itself, and the doctor finds nothing', async () => {
  const finance = await world.as('east-finance')
  const books = await finance.get<{
    trial: { debitFen: number; creditFen: number }[]
    funds: { fund: string; contributionsFen: number; benefitsFen: number }[]
  }>('/books/2026')
  const sum = (pick: (row: { debitFen: number; creditFen: number }) => number) =>
    books.body.trial.reduce((total, row) => total + pick(row), 0)
  expect(sum((row) => row.debitFen)).toBe(sum((row) => row.creditFen))
  expect(books.body.funds.find((row) => row.fund === 'hospital')).toMatchObject({
    contributionsFen: 40 * 3_600,
    benefitsFen: 295_000,
  })
  expect(books.body.funds.find((row) => row.fund === 'critical')).toMatchObject({
    contributionsFen: 40 * 12_000,
    benefitsFen: 2_000_000,
  })
  const found = await doctor(world.base.owner, world.today, world.base.services.vault)
  expect(found.filter((answer) => answer.rows > 0)).toEqual([])
})

test('the open page shows nothing of so small a group', async () => {
  const page = await world.anybody.get<string>('/')
  expect(page.status).toBe(200)
  expect(String(page.body)).toContain('还没有可以公开的给付')
  expect(String(page.body)).not.toContain('20,000')
})
