import { bankAccounts } from '#contract/contributions.ts'
import { type CivilDate, isDay } from '#kernel/days.ts'
import { parseYuan } from '#kernel/money.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { contributionReceived, post } from '#modules/ledger/index.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { type Cell, readSheet, type SheetRow } from '#platform/sheets/index.ts'
import { allocateWithin } from './allocate.ts'
import { knownLines, lockedNotice, noticeByNumber } from './store.ts'

export interface StatementLine {
  readonly on: CivilDate
  readonly payer: string
  readonly amountFen: number
  readonly note: string
  readonly reference: string
}

// The layout of the demonstration bank is set by us, to be checked; other banks' are another row here.
const columnNames: Readonly<Record<keyof StatementLine, readonly string[]>> = {
  on: ['交易日期', '日期', '记账日期'],
  payer: ['对方户名', '付款人', '对方名称'],
  amountFen: ['贷方金额', '收入金额', '金额', '贷方发生额'],
  note: ['附言', '摘要', '用途', '备注'],
  reference: ['流水号', '交易流水号', '凭证号'],
}

const text = (cell: Cell | undefined): string =>
  String(cell ?? '')
    .normalize('NFKC')
    .trim()
    .replace(/^'/, '') // the sign by which spreadsheets keep a text a text

/** A line with the row it stands in, so that what is wrong with it can be told. */
type Line = StatementLine & { readonly row: number }

const wrong = (problems: readonly string[]) =>
  refuse({
    code: 'statement_rows_wrong',
    count: problems.length,
    first: problems.slice(0, 3).join('；'),
    problems: problems.slice(0, 100),
  })
const sameMoney = (
  a: { readonly amountFen: number; readonly on: string },
  b: { readonly amountFen: number; readonly on: string },
) => a.amountFen === b.amountFen && a.on === b.on

/**
 * The lines of a statement; every line that cannot be read is told, and then none is taken. Money that went back stands as
 * a negative amount, which is told too: we do not book it yet, and it must not be passed over. Pure.
 */
export const statementLines = (rows: readonly SheetRow[], today: CivilDate): Result<Line[]> => {
  const find = (row: SheetRow): Partial<Record<keyof StatementLine, number>> => {
    const at: Partial<Record<keyof StatementLine, number>> = {}
    row.cells.forEach((cell, i) => {
      const title = text(cell).replace(/[（(].*$/, '')
      for (const [column, names] of Object.entries(columnNames))
        if (names.includes(title)) at[column as keyof StatementLine] ??= i
    })
    return at
  }
  const header = rows
    .slice(0, 15)
    .map((row) => ({ row: row.number, at: find(row) }))
    .sort((a, b) => Object.keys(b.at).length - Object.keys(a.at).length)[0]
  const missing = Object.entries(columnNames).filter(
    ([column]) => header?.at[column as keyof StatementLine] === undefined,
  )
  if (!header || missing.length > 0)
    return refuse({ code: 'statement_columns_missing', missing: missing.map(([, [name]]) => name).join('、') })
  const lines: Line[] = []
  const byReference = new Map<string, Line>()
  const problems: string[] = []
  for (const row of rows) {
    if (row.number <= header.row) continue
    const cell = (column: keyof StatementLine) => text(row.cells[header.at[column] ?? -1])
    if (cell('amountFen') === '' || /^0(\.0+)?$/.test(cell('amountFen'))) continue // an outgoing line
    const on = cell('on')
      .replace(/[ T]\d{1,2}:\d{2}(:\d{2})?$/, '')
      .replace(/[./]/g, '-')
      .replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
    const amount = parseYuan(cell('amountFen'))
    const before = byReference.get(cell('reference').slice(0, 60))
    if (!isDay(on)) problems.push(`第 ${row.number} 行日期“${cell('on').slice(0, 20)}”`)
    else if (on > today) problems.push(`第 ${row.number} 行日期 ${on} 还没有到`)
    else if (amount !== null && amount < 0)
      problems.push(`第 ${row.number} 行是负数（冲正或退回），现在还不能入账，请财务人员处理后去掉这一行再读`)
    else if (amount === null || amount === 0)
      problems.push(`第 ${row.number} 行金额“${cell('amountFen').slice(0, 20)}”`)
    else if (cell('reference') === '') problems.push(`第 ${row.number} 行没有流水号`)
    else if (before && !sameMoney(before, { amountFen: amount, on }))
      problems.push(`第 ${row.number} 行的流水号与第 ${before.row} 行相同，日期或金额不同`)
    else {
      const line = {
        row: row.number,
        on,
        payer: cell('payer').slice(0, 100),
        amountFen: amount,
        note: cell('note').slice(0, 200),
        reference: cell('reference').slice(0, 60),
      }
      byReference.set(line.reference, line)
      lines.push(line)
    }
  }
  return problems.length > 0 ? wrong(problems) : ok(lines)
}

export interface ReadStatement {
  readonly lines: number
  readonly newReceipts: number
  readonly amountFen: number
  /** notices that a receipt named by number and paid exactly, and which so became effective */
  readonly effective: {
    noticeNumber: string
    covered: number
    leftOut: number
    certificate: string | null
    coverFrom: string | null
  }[]
  /** notices that a receipt named and paid exactly, and that could not take it: the money waits unallocated */
  readonly notAllocated: { noticeNumber: string; refused: Refused }[]
}

/**
 * A bank statement is read: each new line is a receipt and is booked, unallocated; the same line again, in this file or an
 * overlapping one, is known by its bank reference. A receipt that names a notice and pays exactly what it still needs is
 * allocated to it at once.
 */
export const readStatement = async (
  ctx: Context,
  input: { account: string; file: Buffer },
): Promise<Result<ReadStatement>> => {
  if (!bankAccounts.includes(input.account))
    return refuse({ code: 'statement_account_not_known', account: input.account, accounts: bankAccounts.join('、') })
  const rows: SheetRow[] = []
  const sheet = await readSheet(input.file, (batch) => {
    rows.push(...batch)
  })
  if (!sheet.ok) return sheet
  const lines = statementLines(rows, ctx.today)
  if (!lines.ok) return lines
  const contentHash = ctx.services.files.contentHash(input.file)
  return transact(ctx, 'contributions.read-statement', async (tx) => {
    // Two officers with overlapping statements: the second waits, and then sees the first one's receipts.
    await sql`select pg_advisory_xact_lock(${tx.office}::integer, 6)`.execute(tx.q)
    const statementId = await tx.ids.take()
    const known = await tx.q
      .insertInto('contributions.statement')
      .values({
        office_id: tx.office,
        id: statementId,
        account: input.account,
        content_hash: contentHash,
        lines: lines.value.length,
        new_receipts: 0,
        read_at: ctx.at,
        read_by: ctx.actor.id,
      })
      .onConflict((same) => same.columns(['office_id', 'account', 'content_hash']).doNothing())
      .executeTakeFirst()
    if (known.numInsertedOrUpdatedRows === 0n)
      return ok({ lines: lines.value.length, newReceipts: 0, amountFen: 0, effective: [], notAllocated: [] })
    const earlier = await knownLines(
      tx,
      input.account,
      lines.value.map((line) => line.reference),
    )
    const others = lines.value.filter((line) => {
      const known = earlier.get(line.reference)
      return known && !sameMoney(line, { amountFen: known.amountFen, on: known.receivedOn })
    })
    if (others.length > 0)
      return wrong(others.map((line) => `第 ${line.row} 行：流水号 ${line.reference} 以前读入过，日期或金额与这次不同`))

    const first = await tx.ids.take(Math.max(1, lines.value.length))
    const { rows: added } = await sql<{ id: number; receivedOn: CivilDate; amountFen: number; note: string }>`
      insert into contributions.receipt (office_id, id, statement_id, account, bank_reference, received_on, payer_name, note, amount_fen)
      select ${tx.office}, ${first}::bigint + row_number() over () - 1, ${statementId}, ${input.account}, reference, received_on, payer, note, amount
        from unnest(${lines.value.map((line) => line.reference)}::text[], ${lines.value.map((line) => line.on)}::date[], ${lines.value.map((line) => line.payer)}::text[],
                    ${lines.value.map((line) => line.note)}::text[], ${lines.value.map((line) => line.amountFen)}::bigint[]) as new (reference, received_on, payer, note, amount)
      on conflict (office_id, account, bank_reference) do nothing
      returning id, received_on as "receivedOn", amount_fen as "amountFen", note`.execute(tx.q)
    const effective: ReadStatement['effective'] = []
    const notAllocated: ReadStatement['notAllocated'] = []
    if (added.length > 0) {
      // Booked on the day we read it: a month that is closed takes nothing more.
      const booked = await post(
        tx,
        added.map((receipt) =>
          contributionReceived({ reference: String(receipt.id), on: ctx.today, amountFen: receipt.amountFen as never }),
        ),
      )
      if (!booked.ok) return booked
    }
    for (const receipt of added) {
      const number = /JF\d{4}-\d+-\d+/.exec(receipt.note.toUpperCase())?.[0]
      const notice = number ? await noticeByNumber(tx, number) : undefined
      const left = notice && (await lockedNotice(tx, notice.id))
      if (!notice || !number || !left || left.dueFen - left.paidFen !== receipt.amountFen) continue
      await sql`savepoint before_notice`.execute(tx.q)
      const done = await allocateWithin(tx, ctx, {
        receiptId: receipt.id,
        noticeId: notice.id,
        amountFen: receipt.amountFen,
      })
      if (!done.ok) {
        // One notice that cannot take its money does not keep the rest of the statement out of the books.
        await sql`rollback to savepoint before_notice`.execute(tx.q)
        notAllocated.push({ noticeNumber: number, refused: done.refused })
        continue
      }
      await sql`release savepoint before_notice`.execute(tx.q)
      effective.push({
        noticeNumber: number,
        covered: done.value.covered,
        leftOut: done.value.leftOut,
        certificate: done.value.certificate,
        coverFrom: done.value.coverFrom,
      })
    }
    return ok({
      lines: lines.value.length,
      newReceipts: added.length,
      amountFen: added.reduce((sum, receipt) => sum + receipt.amountFen, 0),
      effective,
      notAllocated,
    })
  })
}
