import { addDays } from '#kernel/days.ts'
import type { IssueNotice } from '#modules/enrolment/index.ts'

/** days a unit has to pay; set by us, to be checked */
const daysToPay = 30

/** The payment notice (缴费通知单) of a closed roster, with the part of each payer. It books nothing: nothing is owed to us by law. */
export const issueNotice: IssueNotice = async (tx, ctx, closed) => {
  const noticeId = await tx.ids.take()
  const number = `JF${ctx.today.slice(0, 4)}-${tx.office}-${noticeId}`
  await tx.q
    .insertInto('contributions.payment_notice')
    .values({
      office_id: tx.office,
      id: noticeId,
      number,
      roster_id: closed.rosterId,
      unit_id: closed.unitId,
      edition_id: closed.editionId,
      due_fen: closed.dueFen,
      issued_on: ctx.today,
      pay_by: addDays(ctx.today, daysToPay),
    })
    .execute()
  const parts = Object.entries(closed.payers).flatMap(([payer, amount]) =>
    amount ? [{ payer, amount_fen: amount }] : [],
  )
  if (parts.length > 0) {
    await tx.q
      .insertInto('contributions.payer_part')
      .values(parts.map((part) => ({ office_id: tx.office, notice_id: noticeId, ...part })))
      .execute()
  }
  return { noticeId, number }
}
