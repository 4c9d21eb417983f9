import type { TakeOff } from '#contract/enrolment.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { editionById } from '#modules/plans/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { whyClosed } from './open-roster.ts'
import { rosterInReach, rosterTotals, takeOffRows } from './store.ts'

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
      if (why) return refuse({ code: 'edition_closed', title: adopted.edition.title, why })
      const wanted = new Set(input.rows.map(({ handInId, row }) => `${handInId}/${row}`)).size
      const removed = await takeOffRows(tx, roster.id, input.rows)
      if (removed < wanted) return refuse({ code: 'rows_not_on_roster', count: wanted - removed })
      return ok({ removed, persons: (await rosterTotals(tx, roster.id)).persons })
    },
    { object: `roster:${input.rosterId}`, reason: input.reason },
  )
