import iconv from 'iconv-lite'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import type { Result } from '#kernel/result.ts'
import { type Context, read } from '#platform/database/index.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import { batchFile, duesReady, makeBatch, mendAccount, paymentQuestions, readAnswer, releaseBatch } from './index.ts'
import { batchesOf, duesInState } from './store.ts'

let base: TestDatabase
beforeAll(async () => {
  base = await testDatabase()
  await base.owner.query(
    `insert into network.association (name, short_name, demonstration) values ('示范会', '示范', true)`,
  )
})
afterAll(() => base.close())

let nextOffice = 200
/** Each test pays in an office of its own: a maker, a releaser, and dues written as a decision leaves them. */
const anOffice = async (amounts: readonly number[], { notice = 'after' }: { notice?: 'before' | 'after' } = {}) => {
  nextOffice += 1
  const office = nextOffice
  const { vault } = base.services
  await base.owner.query(
    `insert into payments.due
     select $1::bigint, $1::bigint * 100000 + n, $1::bigint * 100000 + n, $1::bigint * 100000 + n, 7, 'demo-hospital', case when n % 2 = 0 then 'critical' else 'hospital' end,
            amount, 'member', $3, $4, '示范银行', $5, true, '2026-03-01'
       from unnest($2::bigint[]) with ordinality as t (amount, n)`,
    [office, amounts, vault.seal('payee.name', '王秀英'), vault.seal('payee.account', '6222020000000012'), notice],
  )
  const as = (id: number, role: string, today = '2026-03-02'): Context =>
    testContext(base, { office, actor: { id, role }, today })
  return { office, as, maker: as(11, 'office_finance'), releaser: as(12, 'office_releaser') }
}
const must = <T>(answer: Result<T>): T => {
  if (!answer.ok) throw new Error(JSON.stringify(answer.refused))
  return answer.value
}
const count = async (from: string): Promise<number> =>
  (await base.owner.query<{ n: number }>(`select count(*)::int as n from ${from}`)).rows[0]?.n ?? -1
const defects = async (): Promise<string[]> => {
  const found: string[] = []
  // Dues here were not decided, so the question that ties them to decisions is not asked.
  for (const { name, sql } of paymentQuestions.filter((each) => each.name !== 'dues-tie-to-decisions'))
    if ((await base.owner.query(sql)).rows.length > 0) found.push(name)
  return found
}
const answerFile = (...lines: string[]): Buffer =>
  iconv.encode(['参考号,金额,结果,原因', ...lines, ''].join('\r\n'), 'gb18030')
const linesOf = async (
  ctx: Context,
  batchId: number,
): Promise<{ reference: string; yuan: string; account: string }[]> =>
  iconv
    .decode(must(await batchFile(ctx, { batchId })).bytes, 'gb18030')
    .trimEnd()
    .split('\r\n')
    .slice(2)
    .map((line) => line.split(','))
    .map((cells) => ({ reference: cells[1] ?? '', account: cells[3] ?? '', yuan: cells[5] ?? '' }))
const released = async (office: Awaited<ReturnType<typeof anOffice>>) => {
  const batch = must(await makeBatch(office.maker))
  must(await releaseBatch(office.releaser, { batchId: batch.batchId }))
  return { ...batch, lines: await linesOf(office.releaser, batch.batchId) }
}

test('of ten makers at once each due is in one batch only, and batches are numbered without a gap', async () => {
  const { office, maker, as } = await anOffice([100, 200, 300])
  const made = await Promise.all(Array.from({ length: 10 }, (_, i) => makeBatch(as(20 + i, 'office_finance'))))
  expect(made.filter((each) => each.ok)).toHaveLength(1)
  expect(made.filter((each) => !each.ok && each.refused.code === 'nothing_to_pay')).toHaveLength(9)
  expect(await count(`payments.attempt where office_id = ${office}`)).toBe(3)
  await base.owner.query(
    `insert into payments.due select office_id, id + 50, item_id + 50, person_id, unit_id, plan, fund, amount_fen, payee_kind, payee_name_sealed, account_sealed, bank_branch, notice, name_in_notice, due_on from payments.due where office_id = $1`,
    [office],
  )
  const second = must(await makeBatch(maker))
  expect(second).toMatchObject({ number: '付2026-0002', items: 3, totalFen: 600 })
  // No other way into a second batch: the key stands in the way even of a hand.
  await expect(
    base.owner.query(
      `insert into payments.attempt select office_id, due_id, attempt, $2, line + 100, reference || 'x', amount_fen, null, null from payments.attempt where office_id = $1 and batch_id <> $2`,
      [office, second.batchId],
    ),
  ).rejects.toThrow('attempt_pkey')
})

test('who made a batch cannot release it: refused by the function, and by the table', async () => {
  const { office, maker, releaser } = await anOffice([100])
  const { batchId } = must(await makeBatch(maker))
  expect(await batchFile(releaser, { batchId })).toMatchObject({ refused: { code: 'batch_not_released' } })
  expect(await releaseBatch(maker, { batchId })).toMatchObject({ refused: { code: 'releaser_made_it' } })
  const byHand = (madeBy: number, releasedBy: number) =>
    base.owner.query(`insert into payments.release values ($1, $2, $3, $4, '2026-03-02')`, [
      office,
      batchId,
      madeBy,
      releasedBy,
    ])
  await expect(byHand(11, 11)).rejects.toThrow('check constraint')
  await expect(byHand(12, 11)).rejects.toThrow('foreign key')
  const both = await Promise.all([releaseBatch(releaser, { batchId }), releaseBatch(releaser, { batchId })])
  expect(both.filter((each) => each.ok)).toHaveLength(1)
  expect(both.find((each) => !each.ok)).toMatchObject({ refused: { code: 'batch_already_released' } })
})

test('an office’s neighbour finds none of its batches', async () => {
  const office = await anOffice([100])
  const neighbour = await anOffice([100])
  const { batchId } = must(await makeBatch(office.maker))
  expect(await releaseBatch(neighbour.releaser, { batchId })).toMatchObject({ refused: { code: 'batch_not_found' } })
  expect(await readAnswer(neighbour.releaser, { batchId, file: answerFile('x,1,成功,') })).toMatchObject({
    refused: { code: 'batch_not_found' },
  })
})

test('the file is the same bytes each time, and who fetched it is kept', async () => {
  const office = await anOffice([100, 250])
  const { batchId } = await released(office)
  const files = [await batchFile(office.releaser, { batchId }), await batchFile(office.releaser, { batchId })].map(must)
  expect(files[0]?.bytes.equals(files[1]?.bytes ?? Buffer.alloc(0))).toBe(true)
  expect(await count(`platform.act where office_id = ${office.office} and command = 'payments.fetch-file'`)).toBe(3)
})

test('a partial answer books what it has; the rest stays open for another file; the same file again is the first answer', async () => {
  const office = await anOffice([10_000, 20_000, 30_000])
  const { batchId, lines } = await released(office)
  const say = (i: number, result: string) => `${lines[i]?.reference},${lines[i]?.yuan},${result}`
  const first = answerFile(say(0, '成功,'), say(1, '失败,账号不存在'))
  const answer = { paid: 1, failed: 1, paidFen: 10_000, stillOpen: 1 }
  expect(must(await readAnswer(office.releaser, { batchId, file: first }))).toEqual({ ...answer, alreadyRead: false })
  expect(must(await readAnswer(office.releaser, { batchId, file: first }))).toEqual({ ...answer, alreadyRead: true })
  const whole = answerFile(say(0, '成功,'), say(1, '失败,账号不存在'), say(2, '成功,'))
  expect(must(await readAnswer(office.releaser, { batchId, file: whole }))).toMatchObject({
    paid: 1,
    failed: 0,
    paidFen: 30_000,
    stillOpen: 0,
  })
  expect(await count(`ledger.journal where office_id = ${office.office} and event = 'benefit-paid'`)).toBe(2)
  const { rows } = await base.owner.query(
    `select fund, sum(amount_fen) filter (where amount_fen > 0)::bigint as paid from ledger.entry where office_id = $1 group by fund order by fund`,
    [office.office],
  )
  expect(rows).toEqual([{ fund: 'hospital', paid: 40_000 }]) // each fund pays its own items
  expect(await count(`platform.job where office_id = ${office.office} and kind = 'payments.paid'`)).toBe(2)
  expect(await defects()).toEqual([])
})

test('one line that does not fit, and nothing of the file is booked', async () => {
  const office = await anOffice([10_000, 20_000])
  const other = await anOffice([10_000])
  const { batchId, lines } = await released(office)
  const stranger = (await released(other)).lines[0]
  const good = `${lines[0]?.reference},100.00,成功,`
  for (const bad of [
    `${lines[1]?.reference},200.01,成功,`,
    `${stranger?.reference},100.00,成功,`,
    `${lines[1]?.reference},200.00,不明,`,
  ]) {
    expect(await readAnswer(office.releaser, { batchId, file: answerFile(good, bad) })).toMatchObject({
      refused: { code: 'answer_refused', count: 1 },
    })
  }
  expect(await count(`payments.outcome where office_id = ${office.office}`)).toBe(0)
  expect(await count(`ledger.journal where office_id = ${office.office}`)).toBe(0)
})

test('ten readers of one answer at once: each item is booked once', async () => {
  const office = await anOffice([10_000, 20_000])
  const { batchId, lines } = await released(office)
  const file = answerFile(...lines.map((line) => `${line.reference},${line.yuan},成功,`))
  const read10 = await Promise.all(Array.from({ length: 10 }, () => readAnswer(office.releaser, { batchId, file })))
  expect(read10.map(must).filter((each) => !each.alreadyRead)).toHaveLength(1)
  expect(read10.map(must).every((each) => each.paid === 2 && each.paidFen === 30_000)).toBe(true)
  expect(await count(`payments.outcome where office_id = ${office.office}`)).toBe(2)
  expect(await count(`ledger.journal where office_id = ${office.office}`)).toBe(1)
})

test('a failed item goes again once its account is mended, to the new account, and exactly once', async () => {
  const office = await anOffice([10_000])
  const { batchId, lines } = await released(office)
  const dueId = office.office * 100_000 + 1
  const account = { dueId, name: '王秀英', account: '6222 0200 0000 0099', branch: '示范银行', reason: '账号抄错' }
  expect(await mendAccount(office.maker, account)).toMatchObject({ refused: { code: 'due_not_failed' } })
  must(
    await readAnswer(office.releaser, { batchId, file: answerFile(`${lines[0]?.reference},100.00,失败,账号不存在`) }),
  )
  expect(await makeBatch(office.maker)).toMatchObject({ refused: { code: 'nothing_to_pay' } })
  expect(await mendAccount(office.maker, { ...account, dueId: 1 })).toMatchObject({
    refused: { code: 'due_not_found' },
  })
  expect(must(await mendAccount(office.maker, account))).toMatchObject({ forAttempt: 2 })
  expect(await mendAccount(office.maker, account)).toMatchObject({ refused: { code: 'account_already_mended' } })

  const again = await Promise.all([makeBatch(office.maker), makeBatch(office.as(13, 'office_finance'))])
  expect(again.filter((each) => each.ok)).toHaveLength(1)
  const second = must(again.find((each) => each.ok) ?? again[0])
  must(await releaseBatch(office.releaser, { batchId: second.batchId }))
  const resent = await linesOf(office.releaser, second.batchId)
  expect(resent).toEqual([{ reference: `${office.office}-${dueId}-2`, account: '6222020000000099', yuan: '100.00' }])
  // The answer for the second batch is not taken for the first.
  const paid = answerFile(`${resent[0]?.reference},100.00,成功,`)
  const wrong = await readAnswer(office.releaser, { batchId, file: paid })
  expect(wrong).toMatchObject({
    refused: {
      code: 'answer_refused',
      first: `第 2 行：参考号 ${resent[0]?.reference} 属于另一个批次 ${second.number}`,
    },
  })
  must(await readAnswer(office.releaser, { batchId: second.batchId, file: paid }))
  expect(await makeBatch(office.maker)).toMatchObject({ refused: { code: 'nothing_to_pay' } })
  expect(await defects()).toEqual([])
})

test('an item that the bank sends back twenty times goes a twenty-first time, and stops none beside it', async () => {
  const office = await anOffice([10_000])
  const dueId = office.office * 100_000 + 1
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    const { batchId, lines } = await released(office)
    const file = answerFile(`${lines[0]?.reference},100.00,失败,账号不存在`)
    must(await readAnswer(office.releaser, { batchId, file }))
    must(
      await mendAccount(office.maker, {
        dueId,
        name: '王秀英',
        account: '6222020000000099',
        branch: '示范',
        reason: '重填',
      }),
    )
  }
  await base.owner.query(
    `insert into payments.due select office_id, id + 1, item_id + 1, person_id + 1, unit_id, plan, fund, 5000, payee_kind,
       payee_name_sealed, account_sealed, bank_branch, notice, name_in_notice, due_on from payments.due where id = $1`,
    [dueId],
  )
  const { batchId, lines } = await released(office)
  const pageAfter = (after?: number) => read(office.maker, (tx) => batchesOf(tx, { limit: 11, after }))
  const newest = await pageAfter()
  const before = await pageAfter(newest.at(-1)?.id)
  expect([newest.length, before.length, newest[0]?.id]).toEqual([11, 10, batchId])
  expect(new Set([...newest, ...before].map((each) => each.number)).size).toBe(21)
  expect(lines.map((line) => line.reference)).toEqual([
    `${office.office}-${dueId}-21`,
    `${office.office}-${dueId + 1}-1`,
  ])
  const file = answerFile(...lines.map((line) => `${line.reference},${line.yuan},成功,`))
  expect(must(await readAnswer(office.releaser, { batchId, file }))).toMatchObject({ paid: 2, paidFen: 15_000 })
  expect(await defects()).toEqual([])
})

test('what must be published first is ready only when its list has ended', async () => {
  const office = await anOffice([10_000], { notice: 'before' })
  await base.owner.query(`insert into network.office values ($1::bigint, $2, 'office', '示范', '2020-01-01')`, [
    office.office,
    `办事处${office.office}`,
  ])
  await base.owner.query(`insert into network.agency values ($1::bigint, $1::bigint, '代办处')`, [office.office])
  await base.owner.query(
    `insert into network.unit values ($1, 7, '示范单位', 'without_code', null, null, $1, null, '2020-01-01')`,
    [office.office],
  )
  const readyOn = (today: string) => read(office.maker, (tx) => duesReady(tx, day(today)))
  const state = async (today: '2026-03-10' | '2026-03-09') =>
    (
      await read(office.maker, (tx) =>
        duesInState(tx, { on: office.as(1, 'x', today).today, state: null, after: 0, limit: 9 }),
      )
    )[0]?.state
  expect(await readyOn('2027-01-01')).toEqual([]) // never published, never paid
  await base.owner.query(
    `insert into disclosure.list values ($1, 1, '公示2026-0001', 7, true, null, '2026-03-02', '2026-03-10', 1, 10000, 1)`,
    [office.office],
  )
  await base.owner.query(`insert into disclosure.row values ($1, 1, 1, $2, null, 10000, '\\x00')`, [
    office.office,
    office.office * 100_000 + 1,
  ])
  expect(await readyOn('2026-03-09')).toEqual([])
  expect(await state('2026-03-09')).toBe('in_notice')
  expect(await readyOn('2026-03-10')).toHaveLength(1)
  expect(await state('2026-03-10')).toBe('ready')
  expect(must(await makeBatch(office.as(11, 'office_finance', '2026-03-10'))).items).toBe(1)
  expect(await state('2026-03-10')).toBe('sent')
})

test('a reading ended by the database in the middle leaves nothing, and done again it is whole', async () => {
  const office = await anOffice(Array.from({ length: 3_000 }, (_, i) => 1_000 + i))
  const { batchId, lines } = await released(office)
  const file = answerFile(...lines.map((line) => `${line.reference},${line.yuan},成功,`))
  const blocker = new pg.Client(base.connection('tongzhou_owner'))
  const killer = new pg.Client(base.connection('postgres'))
  await Promise.all([blocker.connect(), killer.connect()])
  // The job table is held, so the reading is certainly past its outcomes and before its end when it is ended.
  await blocker.query('begin; lock table platform.job in access exclusive mode')
  const reading = readAnswer(office.releaser, { batchId, file }).catch((error: Error) => error)
  const waiting = `select pid from pg_stat_activity where usename = 'tongzhou_server' and wait_event_type = 'Lock' and datname = current_database()`
  let pids: { pid: number }[] = []
  const until = Date.now() + 15_000
  while (pids.length === 0 && Date.now() < until) {
    await new Promise((wake) => setTimeout(wake, 20))
    pids = (await killer.query<{ pid: number }>(waiting)).rows
  }
  expect(pids).toHaveLength(1)
  await killer.query('select pg_terminate_backend($1)', [pids[0]?.pid])
  expect(await reading).toBeInstanceOf(Error)
  await blocker.query('rollback')
  await Promise.all([blocker.end(), killer.end()])
  expect(await count(`payments.outcome where office_id = ${office.office}`)).toBe(0)
  expect(await count(`payments.answer where office_id = ${office.office}`)).toBe(0)
  expect(await count(`ledger.journal where office_id = ${office.office}`)).toBe(0)

  expect(must(await readAnswer(office.releaser, { batchId, file }))).toMatchObject({ paid: 3_000, alreadyRead: false })
  expect(must(await readAnswer(office.releaser, { batchId, file }))).toMatchObject({ paid: 3_000, alreadyRead: true })
  expect(await count(`payments.outcome where office_id = ${office.office}`)).toBe(3_000)
  expect(await count(`ledger.journal where office_id = ${office.office}`)).toBe(1)
  expect(await defects()).toEqual([])
})
