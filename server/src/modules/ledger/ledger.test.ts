import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CivilDate, day } from '#kernel/days.ts'
import { fen } from '#kernel/money.ts'
import { ok } from '#kernel/result.ts'
import { type Context, read, transact } from '#platform/database/index.ts'
import { type TestDatabase, testContext, testDatabase } from '../../../../test/database.ts'
import {
  benefitPaid,
  benefitPayable,
  booksText,
  contributionAllocated,
  contributionReceived,
  fundStatement,
  ledgerQuestions,
  type Posted,
  type Posting,
  paymentReturned,
  post,
  principalDue,
  principalRepaid,
  refund,
  reverse,
  trialBalance,
} from './index.ts'

let base: TestDatabase
let nextOffice = 100
/** Each test books in an office of its own. */
const anOffice = (): Context => {
  nextOffice += 1
  return testContext(base, { office: nextOffice })
}
/** `close` drops the database while idle connections of the owner's pool may still be leaving it, which is no defect here. */
const aDatabase = async (): Promise<TestDatabase> => {
  const database = await testDatabase()
  database.owner.on('error', () => {})
  return database
}
beforeAll(async () => {
  base = await aDatabase()
})
afterAll(async () => {
  await base.close()
})

const on = day('2026-03-05')
const book = (ctx: Context, posting: Posting | readonly Posting[]) =>
  transact<readonly Posted[]>(ctx, 'test.post', (tx) => post(tx, posting))
const booked = async (ctx: Context, posting: Posting | readonly Posting[]): Promise<readonly Posted[]> => {
  const answer = await book(ctx, posting)
  if (!answer.ok) throw new Error(answer.refused.code)
  return answer.value
}
const undo = (ctx: Context, journalId: number, when: CivilDate = on) =>
  transact<Posted>(ctx, 'test.reverse', (tx) => reverse(tx, { journalId, on: when }))
const journals = async (ctx: Context): Promise<number> => {
  const { rows } = await base.owner.query<{ n: number }>(
    'select count(*)::int as n from ledger.journal where office_id = $1',
    [ctx.office],
  )
  return rows[0]?.n ?? -1
}
const defects = async (): Promise<string[]> => {
  const found: string[] = []
  for (const { name, sql } of ledgerQuestions) if ((await base.owner.query(sql)).rows.length > 0) found.push(name)
  return found
}
const receipt = (reference: string, amount = 10_000, when: CivilDate = on): Posting =>
  contributionReceived({ reference, on: when, amountFen: fen(amount) })
/** Leaves SQL free to be wrong, which the builders do not allow. */
const crooked = (lines: Posting['lines'], event = 'benefit-payable'): Posting => ({
  event,
  reference: 'crooked',
  on,
  lines,
})

test('from a receipt to a paid benefit the books show each fund what it took in, owes and has left', async () => {
  const ctx = anOffice()
  await booked(ctx, [receipt('receipt-1', 60_000), receipt('receipt-2', 500)])
  await booked(
    ctx,
    contributionAllocated({
      reference: 'unit-1',
      on,
      shares: [
        { fund: 'hospital', amountFen: fen(15_000) },
        { fund: 'women', amountFen: fen(4_000) },
      ],
      principal: [{ coverId: 1, personId: 7, dueOn: day('2027-03-06'), amountFen: fen(41_000) }],
    }),
  )
  await booked(ctx, refund({ reference: 'refund-1', on, amountFen: fen(500) }))
  const april = day('2026-04-10')
  await booked(ctx, [
    benefitPayable({ reference: 'item-1', on: april, fund: 'hospital', amountFen: fen(6_000), itemId: 1 }),
    benefitPayable({ reference: 'item-2', on: april, fund: 'hospital', amountFen: fen(1_000), itemId: 2 }),
  ])
  const items = [
    { itemId: 1, fund: 'hospital', amountFen: fen(6_000) },
    { itemId: 2, fund: 'hospital', amountFen: fen(1_000) },
  ]
  await booked(ctx, benefitPaid({ reference: 'batch-1', on: april, items }))
  await booked(
    ctx,
    paymentReturned({ reference: 'item-2', on: april, fund: 'hospital', amountFen: fen(1_000), itemId: 2 }),
  )

  const { trial, funds } = await read(ctx, async (tx) => ({
    trial: await trialBalance(tx, '2026-04'),
    funds: await fundStatement(tx, '2026-04'),
  }))
  expect(funds.find(({ fund }) => fund === 'hospital')).toMatchObject({
    openingFen: 15_000,
    contributionsFen: 0,
    benefitsFen: 7_000,
    closingFen: 8_000,
    moneyFen: 9_000,
    payableFen: 1_000,
  })
  expect(funds.find(({ fund }) => fund === 'principal')).toMatchObject({
    moneyFen: 41_000,
    principalOwedFen: 41_000,
    closingFen: 0,
  })
  expect(funds.find(({ fund }) => fund === 'unallocated')).toMatchObject({
    moneyFen: 0,
    unallocatedFen: 0,
    closingFen: 0,
  })
  for (const { moneyFen, payableFen, unallocatedFen, principalOwedFen, closingFen } of funds)
    expect(moneyFen - payableFen - unallocatedFen - principalOwedFen).toBe(closingFen)
  expect(trial.reduce((sum, row) => sum + row.closingFen, 0)).toBe(0)
  expect(trial.find(({ account }) => account === '100201')).toMatchObject({
    openingFen: 60_000,
    debitFen: 1_000,
    creditFen: 7_000,
    closingFen: 54_000,
  })
  expect(trial.find(({ account }) => account === '100202')?.closingFen).toBe(0)
  const text = booksText({ office: '示范办事处', period: '2026-04', trial, funds })
  expect(text).toContain('住院互助基金')
  expect(text).toContain('540.00')
  expect(await defects()).toEqual([])
})

test('the same booking sent twice stands once, and the second answer is the first', async () => {
  const ctx = anOffice()
  const [first] = await booked(ctx, receipt('receipt-1'))
  const again = await booked(ctx, [receipt('receipt-2'), receipt('receipt-1')])
  expect(again.map(({ fresh }) => fresh)).toEqual([true, false])
  expect(again[1]?.id).toBe(first?.id)
  expect(await journals(ctx)).toBe(2)
  const [bank] = await read(ctx, (tx) => trialBalance(tx, '2026-03'))
  expect(bank?.closingFen).toBe(20_000)
})

test('a booking under a number already used for another sum, day or debt is refused and changes nothing', async () => {
  const ctx = anOffice()
  await booked(ctx, receipt('receipt-1', 100))
  for (const other of [receipt('receipt-1', 101), receipt('receipt-1', 100, day('2026-03-06'))]) {
    const answer = await book(ctx, [receipt('receipt-9'), other])
    expect(answer).toMatchObject({ ok: false, refused: { code: 'ledger_reference_reused', reference: 'receipt-1' } })
  }
  const owed = (personId: number) =>
    contributionAllocated({
      reference: 'unit',
      on,
      shares: [],
      principal: [{ coverId: 1, personId, dueOn: on, amountFen: fen(100) }],
    })
  await booked(ctx, owed(1))
  expect(await book(ctx, owed(2))).toMatchObject({ ok: false, refused: { code: 'ledger_reference_reused' } })
  expect(await journals(ctx)).toBe(2)
})

test('ten bookings of one receipt at once leave it booked once', async () => {
  const ctx = anOffice()
  const answers = await Promise.all(Array.from({ length: 10 }, () => booked(ctx, receipt('receipt-1'))))
  expect(new Set(answers.map(([one]) => one?.id)).size).toBe(1)
  expect(answers.filter(([one]) => one?.fresh)).toHaveLength(1)
  expect(await journals(ctx)).toBe(1)
  const [bank] = await read(ctx, (tx) => trialBalance(tx, '2026-03'))
  expect(bank?.closingFen).toBe(10_000)
})

test('bookings that meet on the same accounts from both sides wait, and lose nothing', async () => {
  const ctx = anOffice()
  // Journals are booked by their reference, so this one goes through the funds forwards or backwards.
  const item = (n: number, backwards: boolean): Posting[] =>
    ['hospital', 'women', 'critical'].map((fund, k) =>
      benefitPayable({ reference: `item-${n}-${backwards ? 2 - k : k}`, on, fund, amountFen: fen(n), itemId: n }),
    )
  // Straight to the database, without the retry of transact(), a deadlock would fail the test.
  await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const client = await base.db.pool.connect()
      try {
        await client.query(`begin; set local role tongzhou_app; set local app.office = '${ctx.office}'`)
        const answer = await post(
          { office: ctx.office, client, ids: base.db.ids, q: undefined as never },
          item(n + 1, n % 2 === 1),
        )
        expect(answer.ok).toBe(true)
        await client.query('commit')
      } finally {
        client.release()
      }
    }),
  )
  const funds = await read(ctx, (tx) => fundStatement(tx, '2026-03'))
  expect(funds.map(({ payableFen }) => payableFen)).toEqual([820, 820, 820])
  expect(await defects()).toEqual([])
})

test('whatever is booked, in whatever batches, balances are the sums of the entries', async () => {
  const ctx = anOffice()
  const month = fc.constantFrom(day('2026-01-31'), day('2026-02-01'), day('2026-12-31'))
  const fund = fc.constantFrom('hospital', 'critical', 'women')
  const one = fc.record({
    n: fc.integer({ min: 1, max: 40 }),
    when: month,
    fund,
    amount: fc.integer({ min: 1, max: 10 ** 9 }),
  })
  let batch = 0
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 12 }), async (them) => {
      batch += 1
      await booked(
        ctx,
        them.map(({ when, fund: of, amount }, k) =>
          benefitPayable({ reference: `${batch}-${k}`, on: when, fund: of, amountFen: fen(amount), itemId: k }),
        ),
      )
      expect(await defects()).toEqual([])
      const trial = await read(ctx, (tx) => trialBalance(tx, '2026'))
      expect(trial.reduce((sum, row) => sum + row.closingFen, 0)).toBe(0)
    }),
    { numRuns: 25 },
  )
})

test('what does not balance within each fund is not booked, whoever asks', async () => {
  const ctx = anOffice()
  const line = (role: string, fund: string, amount: number) => ({ role, fund, amountFen: fen(amount) })
  await expect(
    book(ctx, crooked([line('benefit', 'hospital', 100), line('payable', 'hospital', -99)])),
  ).rejects.toThrow('ledger_unbalanced')
  // Balanced as a whole, but one fund would pay for another.
  await expect(book(ctx, crooked([line('benefit', 'hospital', 100), line('payable', 'women', -100)]))).rejects.toThrow(
    'ledger_unbalanced',
  )
  // Money that leaves one fund arrives in another.
  await expect(
    book(ctx, crooked([line('moved', 'women', 100), line('contribution', 'women', -100)], 'contribution-allocated')),
  ).rejects.toThrow('ledger_unbalanced')
  // Principal is owed to somebody.
  await expect(
    book(ctx, crooked([line('principal', 'principal', 100), line('money', 'principal', -100)], 'principal-repaid')),
  ).rejects.toThrow('ledger_principal_untied')
  await expect(book(ctx, crooked([]))).rejects.toThrow('ledger_malformed')
  await expect(book(ctx, crooked([line('benefit', 'hospital', 0), line('payable', 'hospital', 0)]))).rejects.toThrow(
    'check constraint',
  )
  expect(await journals(ctx)).toBe(0)
})

test('an event, a day or a fund that the chart does not know is refused by name', async () => {
  const ctx = anOffice()
  expect(await book(ctx, crooked([], 'reversal'))).toMatchObject({ ok: false, refused: { code: 'ledger_no_account' } })
  expect(await book(ctx, receipt('old', 1, day('2019-12-31')))).toMatchObject({
    ok: false,
    refused: { code: 'ledger_no_account', event: 'contribution-received', on: '2019-12-31' },
  })
  const unknown = benefitPayable({ reference: 'x', on, fund: 'pets', amountFen: fen(1), itemId: 1 })
  expect(await book(ctx, unknown)).toMatchObject({ ok: false, refused: { code: 'ledger_no_fund', fund: 'pets' } })
})

test('a closed month takes no more bookings and no reversals; the next month does', async () => {
  const ctx = anOffice()
  const [march] = await booked(ctx, receipt('march'))
  // The table holds everyone to one office, its owner too: the closing is written in that office's name.
  const client = await base.owner.connect()
  await client.query(`begin; set local role tongzhou_ledger; set local app.office = '${ctx.office}'`)
  await client.query(`insert into ledger.closed_period values (${ctx.office}, '2026-03', '2026-04-05')`)
  await client.query('commit')
  client.release()
  const refused = { ok: false, refused: { code: 'ledger_period_closed', period: '2026-03' } }
  expect(await book(ctx, receipt('late'))).toMatchObject(refused)
  expect(await undo(ctx, march?.id ?? 0)).toMatchObject(refused)
  expect((await undo(ctx, march?.id ?? 0, day('2026-04-01'))).ok).toBe(true)
  expect((await book(ctx, receipt('late', 1, day('2026-04-01')))).ok).toBe(true)
})

test('a wrong booking is taken back by its opposite, once, and the principal it owed with it', async () => {
  const ctx = anOffice()
  const owed = [{ coverId: 3, personId: 4, dueOn: day('2027-03-06'), amountFen: fen(41_000) }]
  const wrong = contributionAllocated({
    reference: 'unit-1',
    on,
    shares: [{ fund: 'women', amountFen: fen(50) }],
    principal: owed,
  })
  const [journal] = await booked(ctx, wrong)
  const id = journal?.id ?? 0
  expect(await read(ctx, (tx) => principalDue(tx, day('2027-03-06')))).toEqual(owed)
  expect(await undo(ctx, id, day('2026-03-04'))).toMatchObject({
    ok: false,
    refused: { code: 'ledger_reversal_too_early' },
  })
  const answers = await Promise.all(Array.from({ length: 5 }, () => undo(ctx, id)))
  expect(new Set(answers.map((answer) => (answer.ok ? answer.value.id : 0))).size).toBe(1)
  expect(await read(ctx, (tx) => principalDue(tx, day('2027-03-06')))).toEqual([])
  const trial = await read(ctx, (tx) => trialBalance(tx, '2026-03'))
  expect(trial.every(({ closingFen }) => closingFen === 0)).toBe(true)
  // The old number is spent; a reversal is not reversed.
  expect(await book(ctx, wrong)).toMatchObject({ ok: false, refused: { code: 'ledger_reference_reversed' } })
  const reversal = answers[0]?.ok ? answers[0].value.id : 0
  expect(await undo(ctx, reversal)).toMatchObject({ ok: false, refused: { code: 'ledger_is_a_reversal' } })
  expect(await undo(ctx, 1)).toMatchObject({ ok: false, refused: { code: 'ledger_journal_not_found' } })
  expect(await defects()).toEqual([])
})

test('principal repaid is no longer due', async () => {
  const ctx = anOffice()
  const owed = [1, 2].map((n) => ({ coverId: n, personId: n, dueOn: day('2027-03-06'), amountFen: fen(41_000) }))
  await booked(ctx, contributionAllocated({ reference: 'unit-1', on, shares: [], principal: owed }))
  await booked(ctx, principalRepaid({ reference: 'run-2027-03', on: day('2027-03-06'), owed: owed.slice(0, 1) }))
  expect(await read(ctx, (tx) => principalDue(tx, day('2027-12-31')))).toEqual(owed.slice(1))
})

test('an office sees and books only its own', async () => {
  const [mine, other] = [anOffice(), anOffice()]
  await booked(mine, receipt('receipt-1'))
  expect(await read(other, (tx) => trialBalance(tx, '2026-03'))).toEqual([])
  await booked(other, receipt('receipt-1', 5))
  const asOther = transact<readonly Posted[]>(mine, 'test.post', (tx) =>
    post({ ...tx, office: other.office }, receipt('receipt-2')),
  )
  await expect(asOther).rejects.toThrow('ledger_other_office')
})

test('even the role that owns the books sees and writes one office at a time', async () => {
  const ctx = anOffice()
  await booked(ctx, receipt('receipt-1'))
  const client = await base.owner.connect()
  try {
    await client.query('begin; set local role tongzhou_ledger')
    for (const table of ['journal', 'entry', 'balance', 'principal_owed', 'closed_period'])
      expect((await client.query(`select from ledger.${table}`)).rowCount, table).toBe(0)
    await client.query(`set local app.office = '${ctx.office}'`)
    expect((await client.query('select from ledger.journal')).rowCount).toBe(1)
    const elsewhere = client.query(
      `insert into ledger.closed_period values (${ctx.office + 1}, '2026-03', '2026-04-01')`,
    )
    await expect(elsewhere).rejects.toThrow('row-level security')
  } finally {
    await client.query('rollback')
    client.release()
  }
})

test('the application cannot write a book by itself, nor change what stands in one', async () => {
  const ctx = anOffice()
  await booked(ctx, receipt('receipt-1'))
  for (const statement of [
    `insert into ledger.journal (office_id, id, event, reference, on_day) values (${ctx.office}, 1, 'refund', 'x', '2026-03-05')`,
    `insert into ledger.entry values (${ctx.office}, 1, 1, '100201', 'admin', 1, null)`,
    `insert into ledger.balance values (${ctx.office}, '100201', 'admin', '2026-03', 1, 0)`,
    `insert into ledger.principal_owed values (${ctx.office}, 1, '2026-03-05', 1, 1, 1)`,
    `insert into ledger.closed_period values (${ctx.office}, '2026-03', '2026-04-01')`,
    `update ledger.entry set amount_fen = 1`,
    `update ledger.balance set debit_fen = 1`,
    `delete from ledger.journal`,
    `update ledger.mapping set account = '520101'`,
    `select ledger.refuse('x', '{}')`,
  ]) {
    const attempt = transact(ctx, 'test.write', async (tx) => ok((await tx.client.query(statement)).rowCount))
    await expect(attempt, statement).rejects.toThrow('permission denied')
  }
})

test('the doctor finds a booking that was tampered with', async () => {
  const own = await aDatabase()
  try {
    const ctx = testContext(own, { office: 1 })
    const owed = [{ coverId: 3, personId: 4, dueOn: day('2027-03-06'), amountFen: fen(41_000) }]
    const [journal] = await booked(ctx, contributionAllocated({ reference: 'unit', on, shares: [], principal: owed }))
    await undo(ctx, journal?.id ?? 0)
    const plant = async (name: string, statement: string): Promise<void> => {
      const question = ledgerQuestions.find((each) => each.name === name)
      expect((await own.owner.query(question?.sql ?? '')).rows, name).toEqual([])
      const client = await own.owner.connect()
      await client.query(`begin; set local role tongzhou_ledger; set local app.office = '1'`)
      await client.query(statement)
      await client.query('reset role')
      const { rows } = await client.query(question?.sql ?? '')
      await client.query('rollback')
      client.release()
      expect(rows.length, name).toBeGreaterThan(0)
    }
    await plant('books-balance', `update ledger.entry set amount_fen = amount_fen + 1 where line = 1`)
    await plant(
      'balances-are-sums-of-entries',
      `update ledger.balance set debit_fen = debit_fen + 1 where account = '250201'`,
    )
    await plant('balances-are-sums-of-entries', `delete from ledger.balance where account = '250201'`)
    await plant(
      'journals-have-lines',
      `insert into ledger.journal (office_id, id, event, reference, on_day) values (1, 1, 'refund', 'x', '2026-03-05')`,
    )
    await plant(
      'reversals-are-opposites',
      `update ledger.entry set amount_fen = -amount_fen where journal_id = ${journal?.id}`,
    )
    await plant('moves-between-funds-net-to-zero', `update ledger.entry set account = '100201' where line = 2`)
    await plant(
      'principal-owed-matches-liability',
      `delete from ledger.principal_owed where journal_id = ${journal?.id}`,
    )
    await plant('principal-repaid-once', `delete from ledger.principal_owed where amount_fen > 0`)
    await plant(
      'one-account-for-each-event',
      `insert into ledger.mapping values ('refund', 'money', '100202', '2026-01-01', null, 'planted')`,
    )
  } finally {
    await own.close()
  }
})
