import iconv from 'iconv-lite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, day } from '#kernel/days.ts'
import { ok } from '#kernel/result.ts'
import { fingerprint } from '#modules/disclosure/index.ts'
import { transact } from '#platform/database/index.ts'
import { destroyMemberKey } from '#platform/vault/index.ts'
import { testContext } from '../test/database.ts'
import { as, closedRoster, done, moneyCame, type UnitKey } from './steps.ts'
import { openWorld, pdf, peopleFrom, type Reply, type World } from './world.ts'

// The notice for objection, seen by those who may see it and by those who may not, on its first day, its last, and after;
// and the books on days on which nothing was booked.

let world: World
const people = { unit1: peopleFrom(70_000, 12), unit2: peopleFrom(71_000, 9) }
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  for (const unit of ['unit1', 'unit2'] as const)
    for (const plan of ['demo-hospital', 'demo-critical']) {
      const roster = await closedRoster(world, ['east', unit], plan, people[unit])
      done(
        await moneyCame(world, 'east', [
          { fen: roster.dueFen, note: roster.noticeNumber, reference: `${plan}${unit}` },
        ]),
      )
    }
  world.today = day('2026-07-20') // a Monday
}, 180_000)
afterAll(() => world.close())

const code = (reply: Reply<unknown>) => [reply.status, (reply.body as { code?: string }).code]
interface List {
  readonly id: number
  readonly number: string
  readonly unit: string
  readonly rows: number
  readonly until: string
}
/** A claim told by the unit's officer with the member's mandate, reviewed and decided. */
const decided = async (unit: UnitKey, n: number, diagnosis: string | null, nameInNotice = true) => {
  const [officer, agency, decider] = [
    await as(world, `east-${unit}`),
    await as(world, 'east-agency'),
    await as(world, 'east-decider'),
  ]
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.demo.units[`east-${unit}`]}/covers`)
  const claim = {
    memberNumber: covers.body[n]?.memberNumber,
    event: diagnosis
      ? {
          kind: 'diagnosis',
          dates: { diagnosis: '2026-07-02' },
          codes: { diagnosis, severity: 'severe', cause: 'disease' },
        }
      : {
          kind: 'inpatient_stay',
          dates: {
            admission: '2026-07-01',
            discharge: '2026-07-09',
            settlement: '2026-07-09',
            diagnosis: '2026-07-01',
          },
          bill: { in_scope_self_pay: 400_000 },
          codes: { hospital_level: 3, diagnosis: 'J18', cause: 'disease' },
        },
    nameInNotice,
    payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
  }
  const filed = done(
    await officer.upload<{ eventId: number; items: number[] }>('/claims/for-member', pdf(`${unit}${n}`), {
      claim: JSON.stringify(claim),
    }),
  )
  for (const kind of ['病理报告', '出院记录', '医保结算单'])
    done(await officer.upload(`/claims/${filed.eventId}/papers`, pdf(kind + unit + n), { kind }))
  done(await agency.post(`/claim-items/${filed.items[0]}/review`, { verdict: 'pass' }))
  done(await decider.post(`/claim-items/${filed.items[0]}/decision`))
}
const publish = async () => (await as(world, 'east-decider')).post<{ lists: List[] }>('/notice-lists')
const linesOf = async (id: number, login = 'east-decider') =>
  (await as(world, login)).get<{
    number: string
    unit: string
    lines: { line: number; maskedName: string | null; amountFen: number; fingerprint: string }[]
  }>(`/notice-lists/${id}`)

let first: List
test('before payment: with consent a masked name, without it none; seen by its own unit, and by nobody else', async () => {
  expect(code(await publish())).toEqual([422, 'nothing_to_publish'])
  await decided('unit1', 0, null)
  await decided('unit1', 1, null, false)
  const lists = done(await publish()).lists
  expect(lists).toHaveLength(1)
  first = lists[0] as List
  expect(first).toMatchObject({ rows: 2, number: '公示2026-0001' })
  const { lines } = done(await linesOf(first.id, 'east-unit1'))
  expect(lines.map((line) => line.maskedName).filter((name) => name === null)).toHaveLength(1)
  for (const who of ['east-unit2', 'west-unit1', 'west-decider'])
    expect(code(await linesOf(first.id, who))).toEqual([404, 'list_not_found'])
  expect(code(await publish())).toEqual([422, 'nothing_to_publish'])
})

test('five working days, counted from the day after: up on the last of them, down and payable on the day after', async () => {
  expect(first.until).toBe('2026-07-28') // Tuesday to Monday, the weekend not counted
  const finance = () => as(world, 'east-finance')
  world.today = addDays(day(first.until), -1)
  expect((await linesOf(first.id, 'east-unit1')).status).toBe(200)
  expect((await (await as(world, 'east-unit1')).get(`/notice-lists/${first.id}/board`)).status).toBe(200)
  expect(code(await (await finance()).post('/payment-batches'))).toEqual([422, 'nothing_to_pay'])
  world.today = day(first.until)
  expect(code(await linesOf(first.id, 'east-unit1'))).toEqual([404, 'list_not_found'])
  expect(code(await (await as(world, 'east-unit1')).get(`/notice-lists/${first.id}/board`))).toEqual([
    404,
    'list_not_found',
  ])
  expect(await (await finance()).post('/payment-batches')).toMatchObject({ status: 201, body: { items: 2 } })
})

test('its fingerprints stay and can be verified with the member’s key; when the key is destroyed, with nothing', async () => {
  const { rows } = await world.base.owner.query<{
    person_id: number
    line: number
    masked_name: string | null
    amount_fen: number
    fingerprint: Buffer
    unit: string
  }>(
    `select d.person_id, r.line, r.masked_name, r.amount_fen::int, r.fingerprint, u.name as unit from disclosure.row r join payments.due d on d.id = r.due_id
       join disclosure.list l on l.id = r.list_id join network.unit u on u.id = l.unit_id where r.list_id = $1 order by line`,
    [first.id],
  )
  const ctx = testContext(world.base)
  const remade = async () => {
    const answer = await transact(ctx, 'test', async (tx) =>
      ok(
        await world.base.services.vault.memberKeys(
          tx,
          rows.map((row) => row.person_id),
        ),
      ),
    )
    if (!answer.ok) throw new Error('no keys')
    return rows.map((row) => {
      const key = answer.value.get(row.person_id)
      if (!key) throw new Error('no key')
      return fingerprint(key, {
        number: first.number,
        line: row.line,
        name: row.masked_name,
        unit: row.unit,
        amountFen: row.amount_fen,
      }).equals(row.fingerprint)
    })
  }
  expect(await remade()).toEqual([true, true])
  await transact(ctx, 'test', async (tx) => {
    await destroyMemberKey(tx, rows[0]?.person_id ?? 0)
    return ok(null)
  })
  expect(await remade()).toEqual([false, true])
})

test('after payment: a list for what a batch has really paid, once; a unit of few shows no name at all', async () => {
  await decided('unit1', 2, 'C34')
  await decided('unit2', 3, 'C50')
  const [finance, releaser] = [await as(world, 'east-finance'), await as(world, 'east-releaser')]
  const { batchId, items } = done(await finance.post<{ batchId: number; items: number }>('/payment-batches'))
  expect(items).toBe(2)
  expect(code(await publish())).toEqual([422, 'nothing_to_publish'])
  done(await releaser.post(`/payment-batches/${batchId}/release`))
  const file = iconv.decode((await releaser.get(`/payment-batches/${batchId}/file`)).raw, 'gb18030')
  const references = [...file.matchAll(/(?<=,)\d+-\d+-1(?=,)/g)].map((match) => match[0])
  const answer = ['参考号,金额,结果,原因', ...references.map((reference) => `${reference},10000.00,成功,`)].join('\r\n')
  done(await releaser.upload(`/payment-batches/${batchId}/answers`, iconv.encode(answer, 'gb18030')))
  const { lists } = done(await publish())
  expect(lists).toHaveLength(2)
  const small = lists.find((list) => list.unit === '示范城东联合工会')
  expect(done(await linesOf(small?.id ?? 0)).lines).toMatchObject([{ maskedName: null, amountFen: 1_000_000 }])
  const large = lists.find((list) => list !== small)
  expect(done(await linesOf(large?.id ?? 0)).lines[0]?.maskedName ?? '*').toMatch(/\*/)
  expect(code(await publish())).toEqual([422, 'nothing_to_publish'])
})

test('8 the books of a month without an entry, of a month to come, and of a month that is none', async () => {
  const finance = await as(world, 'east-finance')
  interface Books {
    readonly trial: { debitFen: number; creditFen: number; openingFen: number; closingFen: number }[]
  }
  const before = done(await finance.get<Books>('/books/2025-12')).trial
  expect(
    before.every((row) => [row.openingFen, row.debitFen, row.creditFen, row.closingFen].every((fen) => fen === 0)),
  ).toBe(true)
  const later = done(await finance.get<Books>('/books/2027-05')).trial
  expect(later.length).toBeGreaterThan(0)
  expect(later.every((row) => row.debitFen === 0 && row.creditFen === 0 && row.openingFen === row.closingFen)).toBe(
    true,
  )
  expect(later.reduce((sum, row) => sum + row.closingFen, 0)).toBe(0)
  for (const period of ['2026-13', '2026-00', '26-03', '2026-3', 'x'])
    expect(code(await finance.get(`/books/${period}`))).toEqual([400, 'input_not_understood'])
  expect(code(await (await as(world, 'east-unit1')).get('/books/2026'))).toEqual([403, 'not_allowed'])
})
