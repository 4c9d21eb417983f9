import { bankAccounts } from '#contract/contributions.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { contributionReceived, post } from '#modules/ledger/index.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { readSheet, type SheetRow } from '#platform/sheets/index.ts'
import { allocateWithin } from './allocate.ts'
import { sameReceipt, statementLines, statementWrong } from './statement-lines.ts'
import { knownLines, lockedNotice, noticesNumbered } from './store.ts'

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
 * The notice, of those that a receipt names, that still needs exactly its amount. Where two do, it cannot be told which is
 * meant, and the money waits for people.
 */
const noticePaidExactly = async (tx: Tx, numbers: readonly string[], amountFen: number) => {
  const exact = []
  for (const id of await noticesNumbered(tx, numbers)) {
    const notice = await lockedNotice(tx, id)
    if (notice && notice.dueFen - notice.paidFen === amountFen) exact.push(notice)
  }
  return exact.length === 1 ? exact[0] : undefined
}

/**
 * A bank statement is read: each new line is a receipt and is booked, unallocated; the same line again in an overlapping
 * file is known by its bank reference. A receipt that names a notice and pays exactly what it still needs is allocated to it
 * at once.
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
      return known && !sameReceipt(line, known)
    })
    if (others.length > 0)
      return statementWrong(
        others.map(
          (line) =>
            `第 ${line.row} 行：流水号 ${line.reference} 以前读入过，日期、金额或付款人与这次不同：是同一笔就去掉这一行，是另一笔就请银行给出它自己的流水号`,
        ),
      )

    const first = await tx.ids.take(Math.max(1, lines.value.length))
    const { rows: added } = await sql<{ id: number; reference: string; amountFen: number }>`
      insert into contributions.receipt (office_id, id, statement_id, account, bank_reference, received_on, payer_name, note, amount_fen)
      select ${tx.office}, ${first}::bigint + row_number() over () - 1, ${statementId}, ${input.account}, reference, received_on, payer, note, amount
        from unnest(${lines.value.map((line) => line.reference)}::text[], ${lines.value.map((line) => line.on)}::date[], ${lines.value.map((line) => line.payer)}::text[],
                    ${lines.value.map((line) => line.note)}::text[], ${lines.value.map((line) => line.amountFen)}::bigint[]) as new (reference, received_on, payer, note, amount)
      on conflict (office_id, account, bank_reference) do nothing
      returning id, bank_reference as reference, amount_fen as "amountFen"`.execute(tx.q)
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
    const named = new Map(lines.value.map((line) => [line.reference, line.notices]))
    for (const receipt of added) {
      const notice = await noticePaidExactly(tx, named.get(receipt.reference) ?? [], receipt.amountFen)
      if (!notice) continue
      await sql`savepoint before_notice`.execute(tx.q)
      const done = await allocateWithin(tx, ctx, {
        receiptId: receipt.id,
        noticeId: notice.id,
        amountFen: receipt.amountFen,
      })
      if (!done.ok) {
        // One notice that cannot take its money does not keep the rest of the statement out of the books.
        await sql`rollback to savepoint before_notice`.execute(tx.q)
        notAllocated.push({ noticeNumber: notice.number, refused: done.refused })
        continue
      }
      await sql`release savepoint before_notice`.execute(tx.q)
      effective.push({
        noticeNumber: notice.number,
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
