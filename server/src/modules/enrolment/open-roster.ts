import type { OpenRoster } from '#contract/enrolment.ts'
import { addDays } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { isAdmitted } from '#modules/membership/index.ts'
import { stopped, unitInReach } from '#modules/network/index.ts'
import { editionById, openOn } from '#modules/plans/index.ts'
import { type Context, transact } from '#platform/database/index.ts'

/** A roster is opened for an admitted unit and an edition that is open today; a closed edition says what it lacks. */
export const openRoster = (ctx: Context, input: OpenRoster): Promise<Result<{ rosterId: number }, Refused>> =>
  transact(ctx, 'enrolment.open-roster', async (tx) => {
    if (!(await unitInReach(tx, ctx, input.unitId))) return refuse({ code: 'unit_not_found' })
    if (!(await isAdmitted(tx, input.unitId))) return refuse({ code: 'unit_not_admitted' })
    const adopted = await editionById(tx, input.editionId)
    if (!adopted) return refuse({ code: 'edition_not_found' })
    const { edition } = adopted
    const halt = await stopped(tx, { what: 'plan', plan: edition.plan })
    if (halt) return refuse(halt)
    const { open, missing, window } = openOn(edition, ctx.today)
    if (!open) {
      const why =
        missing.length > 0
          ? `还缺这些数值：${missing.join('、')}`
          : window
            ? `办理时间是每年 ${window.from} 至 ${window.through}`
            : '不在计划的有效期内'
      return refuse({ code: 'edition_closed', title: edition.title, why })
    }
    const agreesDay = edition.term.starts === 'common_day'
    if (agreesDay && (!input.commonDay || input.commonDay <= ctx.today))
      return refuse({ code: 'common_day_needed', after: addDays(ctx.today, 0) })
    if (!agreesDay && input.commonDay) return refuse({ code: 'common_day_not_used' })
    const rosterId = await tx.ids.take()
    await tx.q
      .insertInto('enrolment.roster')
      .values({
        office_id: tx.office,
        id: rosterId,
        unit_id: input.unitId,
        edition_id: input.editionId,
        common_day: input.commonDay ?? null,
        opened_on: ctx.today,
        opened_by: ctx.actor.id,
      })
      .execute()
    return ok({ rosterId })
  })
