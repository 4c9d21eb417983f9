import type { Allocate } from '#contract/contributions.ts'
import { day } from '#kernel/days.ts'
import { fen, yuan } from '#kernel/money.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { activate, principalOf } from '#modules/enrolment/index.ts'
import { contributionAllocated, post } from '#modules/ledger/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import { allocatedBefore, freeMoney, lockedNotice, lockedReceipt } from './store.ts'

export interface Allocated {
  readonly noticePaid: boolean
  readonly covered: number
  /** persons left out, for the plan covered them already; the money for them is unallocated again */
  readonly leftOut: number
  readonly certificate: string | null
  readonly coverFrom: string | null
  readonly coverUntil: string | null
}

/**
 * Money of a receipt goes to a payment notice, all of it or a part, and later another part; the notice paid in full makes the
 * enrolment effective, at once and once.
 */
export const allocate = (ctx: Context, input: Allocate): Promise<Result<Allocated>> =>
  transact(ctx, 'contributions.allocate', (tx) => allocateWithin(tx, ctx, input))

export const allocateWithin = async (tx: Tx, ctx: Context, input: Allocate): Promise<Result<Allocated>> => {
  const notice = await lockedNotice(tx, input.noticeId)
  if (!notice) return refuse({ code: 'notice_not_found' })
  const receipt = await lockedReceipt(tx, input.receiptId)
  if (!receipt) return refuse({ code: 'receipt_not_found' })
  const noticeLeft = notice.dueFen - notice.paidFen
  const receiptLeft = receipt.amountFen - receipt.allocatedFen
  if (input.amountFen > receiptLeft) return refuse({ code: 'receipt_too_small', left: yuan(receiptLeft) })
  if (input.amountFen > noticeLeft) return refuse({ code: 'notice_needs_less', left: yuan(noticeLeft) })
  // An allocation cannot be taken back, and who did not see the answer asks again: the same sum twice must be meant.
  if (!input.again && (await allocatedBefore(tx, input)))
    return refuse({ code: 'already_allocated', amount: yuan(input.amountFen) })
  await tx.q
    .insertInto('contributions.allocation')
    .values({
      office_id: tx.office,
      id: await tx.ids.take(),
      receipt_id: receipt.id,
      notice_id: notice.id,
      amount_fen: input.amountFen,
      allocated_on: ctx.today,
      allocated_by: ctx.actor.id,
    })
    .execute()
  if (input.amountFen < noticeLeft)
    return ok({ noticePaid: false, covered: 0, leftOut: 0, certificate: null, coverFrom: null, coverUntil: null })

  const last =
    [notice.lastReceivedOn, receipt.receivedOn]
      .filter((on) => on !== null)
      .sort()
      .at(-1) ?? receipt.receivedOn
  const activated = await activate(tx, ctx, notice.rosterId, day(last))
  if (!activated.ok) return activated
  const active = activated.value
  if (active.feeFen < notice.dueFen) await freeMoney(tx, notice.id, notice.dueFen - active.feeFen, ctx.today)
  if (active.persons > 0) {
    const owed = await principalOf(tx, active)
    const principalFen = owed.reduce((sum, each) => sum + each.amountFen, 0)
    const booked = await post(
      tx,
      contributionAllocated({
        reference: String(notice.id),
        on: ctx.today,
        shares:
          active.feeFen > principalFen
            ? [{ fund: active.edition.fund, amountFen: fen(active.feeFen - principalFen) }]
            : [],
        principal: owed.map((each) => ({ ...each, amountFen: fen(each.amountFen) })),
      }),
    )
    if (!booked.ok) return booked
  }
  return ok({
    noticePaid: true,
    covered: active.persons,
    leftOut: active.refused,
    certificate: active.certificate,
    coverFrom: active.from,
    coverUntil: active.until,
  })
}
