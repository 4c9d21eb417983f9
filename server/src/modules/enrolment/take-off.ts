import type { TakeOff } from '#contract/enrolment.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Edition, editionById } from '#modules/plans/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import { expectedStart, whyClosed } from './open-roster.ts'
import { noLongerAdmitted } from './still-admitted.ts'
import { type Roster, type RowKey, rosterInReach, rosterTotals, takeOffRows } from './store.ts'

const nameOf = ({ handInId, row }: RowKey): string => `${handInId}/${row}`
/** Whether the rows are all of persons who keep the roster from being closed: these may come off after the window, too. */
const onlyBarred = async (
  tx: Tx,
  ctx: Context,
  roster: Roster,
  edition: Edition,
  rows: readonly RowKey[],
): Promise<boolean> => {
  const start = expectedStart(edition, ctx.today, roster.commonDay)
  if (!start) return false
  const barred = new Set((await noLongerAdmitted(tx, roster, edition, start.from)).map(nameOf))
  return rows.every((row) => barred.has(nameOf(row)))
}

/**
 * Somebody who should not be on an open roster comes off it again, named by file and row: her number is not asked for a
 * second time. All of them or none; the act of record keeps who did it and why.
 */
export const takeOff = (
  ctx: Context,
  input: TakeOff & { rosterId: number },
): Promise<Result<{ removed: number; persons: number }, Refused>> =>
  transact(
    ctx,
    'enrolment.take-off',
    async (tx) => {
      const roster = await rosterInReach(tx, ctx, input.rosterId, true)
      if (!roster) return refuse({ code: 'roster_not_found' })
      if (roster.closedOn) return refuse({ code: 'roster_closed' })
      const adopted = await editionById(tx, roster.editionId)
      assert(adopted, 'a roster has an adopted edition')
      const why = whyClosed(adopted.edition, ctx.today)
      if (why && !(await onlyBarred(tx, ctx, roster, adopted.edition, input.rows)))
        return refuse({ code: 'edition_closed', title: adopted.edition.title, why })
      const wanted = new Set(input.rows.map(nameOf)).size
      const removed = await takeOffRows(tx, roster.id, input.rows)
      if (removed < wanted) return refuse({ code: 'rows_not_on_roster', count: wanted - removed })
      return ok({ removed, persons: (await rosterTotals(tx, roster.id)).persons })
    },
    { object: `roster:${input.rosterId}`, reason: input.reason },
  )
