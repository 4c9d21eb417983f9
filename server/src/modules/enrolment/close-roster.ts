import type { CloseRoster } from '#contract/enrolment.ts'
import { assert } from '#kernel/assert.ts'
import { type Fen, fen, yuan } from '#kernel/money.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { clauseName, type Edition, editionById, feeOf, participationNeeded } from '#modules/plans/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import { expectedStart, inForceOn } from './open-roster.ts'
import { noLongerAdmitted, rowsNamed } from './still-admitted.ts'
import { headCountsOf, rosterInReach, rosterTotals } from './store.ts'

/** What contributions needs to know to ask for the money of a closed roster. */
export interface ClosedRoster {
  readonly rosterId: number
  readonly unitId: number
  readonly editionId: number
  readonly dueFen: Fen
  readonly payers: Readonly<Partial<Record<string, number>>>
}
export type IssueNotice = (tx: Tx, ctx: Context, closed: ClosedRoster) => Promise<{ noticeId: number; number: string }>

interface Closing {
  readonly persons: number
  readonly shares: number
  readonly heads: number
}

/**
 * Whether enough take part, and what they owe together for a term that starts `on` a day; the ratio and the payers' parts
 * are looked at here. Pure.
 */
export const closing = (
  edition: Edition,
  { persons, shares, heads }: Closing,
  payers: Readonly<Partial<Record<string, number>>> | undefined,
  on: string,
): Result<{ dueFen: Fen; ratio: number; payers: Readonly<Partial<Record<string, number>>> }, Refused> => {
  if (persons === 0) return refuse({ code: 'roster_empty' })
  if (edition.group && heads < persons) return refuse({ code: 'heads_fewer_than_roster', heads, persons })
  const { needed, ratio, clause } = participationNeeded(edition, heads, on)
  if (persons < needed)
    return refuse({
      code: 'participation_short',
      clause: clauseName(clause),
      needed,
      heads,
      persons,
      short: needed - persons,
    })
  const dueFen = fen(edition.fee.per === 'share' ? feeOf(edition, shares, on) : feeOf(edition, 1, on) * persons)
  const parts = payers ?? { unit_union: dueFen }
  const given = Object.values(parts).reduce((sum: number, part) => sum + (part ?? 0), 0)
  if (given !== dueFen) return refuse({ code: 'payers_do_not_add_up', given: yuan(given), due: yuan(dueFen) })
  return ok({ dueFen, ratio, payers: parts })
}

/**
 * Closes a roster: whoever may not join from the start as it is now has to be off it, its ratio is checked over the confirmed head
 * count, and the payment notice is issued. Once.
 */
export const closeRoster = (
  ctx: Context,
  input: CloseRoster & { rosterId: number },
  issueNotice: IssueNotice,
): Promise<Result<{ persons: number; dueFen: number; noticeId: number; noticeNumber: string }, Refused>> =>
  transact(ctx, 'enrolment.close-roster', async (tx) => {
    const roster = await rosterInReach(tx, ctx, input.rosterId, true)
    if (!roster) return refuse({ code: 'roster_not_found' })
    if (roster.closedOn) return refuse({ code: 'roster_closed' })
    const adopted = await editionById(tx, roster.editionId)
    assert(adopted, 'a roster has an adopted edition')
    // What was handed in within the window may be closed after it, but not once the edition itself is over.
    if (!inForceOn(adopted.edition, ctx.today))
      return refuse({ code: 'edition_closed', title: adopted.edition.title, why: '不在计划的有效期内' })
    const start = expectedStart(adopted.edition, ctx.today, roster.commonDay)
    if (!start) return refuse({ code: 'no_scheme_date' })
    const stated = (await headCountsOf(tx, roster.id)).at(-1)
    const confirmed = stated?.confirmed ? stated : undefined
    if (adopted.edition.group && !confirmed) return refuse({ code: 'heads_not_confirmed' })
    const barred = await noLongerAdmitted(tx, roster, adopted.edition, start.from)
    if (barred.length > 0)
      return refuse({ code: 'persons_not_admitted', from: start.from, count: barred.length, rows: rowsNamed(barred) })
    const totals = await rosterTotals(tx, roster.id)
    const heads = confirmed?.heads ?? totals.persons
    const closed = closing(adopted.edition, { ...totals, heads }, input.payers, start.from)
    if (!closed.ok) return closed
    const { dueFen, ratio, payers } = closed.value
    await tx.q
      .insertInto('enrolment.closing')
      .values({
        office_id: tx.office,
        roster_id: roster.id,
        persons: totals.persons,
        heads,
        ratio_needed: ratio,
        fee_fen: dueFen,
        priced_on: start.from,
        closed_on: ctx.today,
        closed_by: ctx.actor.id,
      })
      .execute()
    const notice = await issueNotice(tx, ctx, {
      rosterId: roster.id,
      unitId: roster.unitId,
      editionId: roster.editionId,
      dueFen,
      payers,
    })
    return ok({ persons: totals.persons, dueFen, noticeId: notice.noticeId, noticeNumber: notice.number })
  })
