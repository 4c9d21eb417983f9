import type { Fen } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { benefitPaid, post } from '#modules/ledger/index.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { announce } from '#platform/jobs/index.ts'
import { readSheet, type SheetRow } from '#platform/sheets/index.ts'
import { answerLines, answerRefused, matchAnswer } from './bank-file.ts'
import { answerOfFile, batchById, oneAtATime, sentElsewhere, sentItems } from './store.ts'

export interface AnswerRead {
  /** this very file was read before: nothing was booked again, and this is what it said then */
  readonly alreadyRead: boolean
  readonly paid: number
  readonly failed: number
  readonly paidFen: number
  readonly stillOpen: number
}

/**
 * The bank's answer is booked item by item in one transaction: paid items leave the payable, failed ones wait to be mended.
 * Items that are not in it stay open for a later file. Any line that does not fit refuses the whole file, with every
 * problem at once. Refused: batch_not_found, batch_not_released, answer_columns_missing, answer_refused.
 */
export const readAnswer = async (
  ctx: Context,
  input: { batchId: number; file: Buffer },
): Promise<Result<AnswerRead>> => {
  const rows: SheetRow[] = []
  const sheet = await readSheet(input.file, (batch) => {
    rows.push(...batch)
  })
  if (!sheet.ok) return sheet
  const contentHash = ctx.services.files.contentHash(input.file)
  return transact(
    ctx,
    'payments.read-answer',
    async (tx) => {
      await oneAtATime(tx)
      const batch = await batchById(tx, input.batchId)
      if (!batch) return refuse({ code: 'batch_not_found' })
      if (!batch.releasedOn) return refuse({ code: 'batch_not_released' })
      const sent = await sentItems(tx, batch.id)
      const known = sent.filter((item) => item.outcome !== null).length
      const first = await answerOfFile(tx, batch.id, contentHash)
      if (first) return ok({ ...first, stillOpen: sent.length - known, alreadyRead: true })

      const answer = answerLines(rows, batch)
      if (!answer.ok) return answer
      const { lines } = answer.value
      const ours = new Set(sent.map((item) => item.reference))
      const strange = lines.map((line) => line.reference).filter((reference) => !ours.has(reference))
      const { matched, problems } = matchAnswer(sent, lines, await sentElsewhere(tx, batch.id, strange))
      if (answer.value.problems.length + problems.length > 0)
        return answerRefused([...answer.value.problems, ...problems])

      const paid = matched.filter(({ line }) => line.paid)
      const failed = matched.filter(({ line }) => !line.paid)
      const reply: AnswerRead = {
        paid: paid.length,
        failed: failed.length,
        paidFen: paid.reduce((sum, { item }) => sum + item.amountFen, 0),
        stillOpen: sent.length - known - matched.length,
        alreadyRead: false,
      }
      if (matched.length === 0) return ok(reply)

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
          from unnest(${matched.map(({ item }) => item.dueId)}::bigint[], ${matched.map(({ item }) => item.attempt)}::integer[],
                      ${matched.map(({ line }) => (line.paid ? 'paid' : 'failed'))}::text[],
                      ${matched.map(({ line }) => (line.paid ? null : line.reason))}::text[]) as new (due_id, attempt, outcome, reason)`.execute(
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
