import { type CivilDate, isDay } from '#kernel/days.ts'
import { parseYuan } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { contributionReceived, post } from '#modules/ledger/index.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { type Cell, readSheet, type SheetRow } from '#platform/sheets/index.ts'
import { allocateWithin } from './allocate.ts'
import { lockedNotice, noticeByNumber } from './store.ts'

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

/** The lines of a statement; every line that cannot be read is told, and then none is taken. Pure. */
export const statementLines = (rows: readonly SheetRow[]): Result<StatementLine[]> => {
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
  const lines: StatementLine[] = []
  const problems: string[] = []
  for (const row of rows) {
    if (row.number <= header.row) continue
    const cell = (column: keyof StatementLine) => text(row.cells[header.at[column] ?? -1])
    if (cell('amountFen') === '' || /^0(\.0+)?$/.test(cell('amountFen'))) continue // an outgoing line
    const on = cell('on')
      .replace(/[./]/g, '-')
      .replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
    const amount = parseYuan(cell('amountFen'))
    if (!isDay(on)) problems.push(`第 ${row.number} 行日期“${cell('on').slice(0, 20)}”`)
    else if (amount === null || amount <= 0) problems.push(`第 ${row.number} 行金额“${cell('amountFen').slice(0, 20)}”`)
    else if (cell('reference') === '') problems.push(`第 ${row.number} 行没有流水号`)
    else
      lines.push({
        on,
        payer: cell('payer').slice(0, 100),
        amountFen: amount,
        note: cell('note').slice(0, 200),
        reference: cell('reference').slice(0, 60),
      })
  }
  if (problems.length > 0)
    return refuse({
      code: 'statement_rows_wrong',
      count: problems.length,
      first: problems.slice(0, 3).join('；'),
      problems: problems.slice(0, 100),
    })
  return ok(lines)
}

export interface ReadStatement {
  readonly lines: number
  readonly newReceipts: number
  readonly amountFen: number
  /** notices that a receipt named by number and paid exactly, and which so became effective */
  readonly effective: { noticeNumber: string; covered: number; certificate: string | null; coverFrom: string | null }[]
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
  const rows: SheetRow[] = []
  const sheet = await readSheet(input.file, (batch) => {
    rows.push(...batch)
  })
  if (!sheet.ok) return sheet
  const lines = statementLines(rows)
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
      return ok({ lines: lines.value.length, newReceipts: 0, amountFen: 0, effective: [] })

    const first = await tx.ids.take(Math.max(1, lines.value.length))
    const { rows: added } = await sql<{ id: number; receivedOn: CivilDate; amountFen: number; note: string }>`
      insert into contributions.receipt (office_id, id, statement_id, account, bank_reference, received_on, payer_name, note, amount_fen)
      select ${tx.office}, ${first}::bigint + row_number() over () - 1, ${statementId}, ${input.account}, reference, received_on, payer, note, amount
        from unnest(${lines.value.map((line) => line.reference)}::text[], ${lines.value.map((line) => line.on)}::date[], ${lines.value.map((line) => line.payer)}::text[],
                    ${lines.value.map((line) => line.note)}::text[], ${lines.value.map((line) => line.amountFen)}::bigint[]) as new (reference, received_on, payer, note, amount)
      on conflict (office_id, account, bank_reference) do nothing
      returning id, received_on as "receivedOn", amount_fen as "amountFen", note`.execute(tx.q)
    const effective: ReadStatement['effective'] = []
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
      const number = /JF\d{4}-\d+-\d+/.exec(receipt.note)?.[0]
      const notice = number ? await noticeByNumber(tx, number) : undefined
      const left = notice && (await lockedNotice(tx, notice.id))
      if (!notice || !number || !left || left.dueFen - left.paidFen !== receipt.amountFen) continue
      const done = await allocateWithin(tx, ctx, {
        receiptId: receipt.id,
        noticeId: notice.id,
        amountFen: receipt.amountFen,
      })
      if (!done.ok) return done
      effective.push({
        noticeNumber: number,
        covered: done.value.covered,
        certificate: done.value.certificate,
        coverFrom: done.value.coverFrom,
      })
    }
    return ok({
      lines: lines.value.length,
      newReceipts: added.length,
      amountFen: added.reduce((sum, receipt) => sum + receipt.amountFen, 0),
      effective,
    })
  })
}
