import type { Fen } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { benefitPaid, post } from '#modules/ledger/index.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { announce } from '#platform/jobs/index.ts'
import { readSheet, type SheetRow } from '#platform/sheets/index.ts'
import { answerLines, matchAnswer } from './bank-file.ts'
import { batchesOf, sentItems } from './store.ts'

export interface AnswerRead {
  readonly paid: number
  readonly failed: number
  readonly paidFen: number
  readonly stillOpen: number
}

/** The bank's answer is booked item by item in one transaction: paid items leave the payable, failed ones wait to be mended. */
export const readAnswer = async (
  ctx: Context,
  input: { batchId: number; file: Buffer },
): Promise<Result<AnswerRead>> => {
  const rows: SheetRow[] = []
  const sheet = await readSheet(input.file, (batch) => {
    rows.push(...batch)
  })
  if (!sheet.ok) return sheet
  const lines = answerLines(rows)
  if (!lines.ok) return lines
  const contentHash = ctx.services.files.contentHash(input.file)
  return transact(
    ctx,
    'payments.read-answer',
    async (tx) => {
      await sql`select pg_advisory_xact_lock(${tx.office}::integer, 9)`.execute(tx.q)
      const [batch] = await batchesOf(tx, input.batchId)
      if (!batch) return refuse({ code: 'batch_not_found' })
      if (!batch.releasedOn) return refuse({ code: 'batch_not_released' })
      const sent = await sentItems(tx, batch.id)
      const matched = matchAnswer(sent, lines.value)
      if (!matched.ok) return matched
      const paid = matched.value.filter(({ line }) => line.paid)
      const failed = matched.value.filter(({ line }) => !line.paid)
      const paidFen = paid.reduce((sum, { item }) => sum + item.amountFen, 0)
      const known = sent.filter((item) => item.outcome !== null).length
      const reply = {
        paid: paid.length,
        failed: failed.length,
        paidFen,
        stillOpen: sent.length - known - matched.value.length,
      }
      if (matched.value.length === 0) return ok(reply)

      const answerId = await tx.ids.take()
      await tx.q
        .insertInto('payments.answer')
        .values({
          office_id: tx.office,
          id: answerId,
          batch_id: batch.id,
          content_hash: contentHash,
          paid: paid.length,
          failed: failed.length,
          read_by: ctx.actor.id,
          read_on: ctx.today,
        })
        .execute()
      await sql`
        insert into payments.outcome (office_id, due_id, attempt, outcome, reason, answer_id, booked_on)
        select ${tx.office}, due_id, attempt, outcome, reason, ${answerId}, ${ctx.today}::date
          from unnest(${matched.value.map(({ item }) => item.dueId)}::bigint[], ${matched.value.map(({ item }) => item.attempt)}::integer[],
                      ${matched.value.map(({ line }) => (line.paid ? 'paid' : 'failed'))}::text[],
                      ${matched.value.map(({ line }) => (line.paid ? null : line.reason))}::text[]) as new (due_id, attempt, outcome, reason)`.execute(
        tx.q,
      )
      if (paid.length > 0) {
        await announce(tx, {
          kind: 'payments.paid',
          at: ctx.at,
          payload: { itemIds: paid.map(({ item }) => item.itemId) },
        })
        const items = paid.map(({ item }) => ({
          itemId: item.itemId,
          fund: item.fund,
          amountFen: item.amountFen as Fen,
        }))
        const booked = await post(tx, benefitPaid({ reference: String(answerId), on: ctx.today, items }))
        if (!booked.ok) return booked
      }
      return ok(reply)
    },
    { object: `batch:${input.batchId}` },
  )
}
