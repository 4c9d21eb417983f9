import type { OpenRoster } from '#contract/enrolment.ts'
import { type CivilDate, day, type Span } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { isAdmitted } from '#modules/membership/index.ts'
import { stopped, unitInReach } from '#modules/network/index.ts'
import { type Edition, editionById, openOn, termStarting } from '#modules/plans/index.ts'
import { type Context, transact } from '#platform/database/index.ts'

/** Why nothing may be handed in under an edition on a day, in words; null where it may. */
export const whyClosed = (edition: Edition, on: CivilDate): string | null => {
  const { open, missing, notWorked, window } = openOn(edition, on)
  if (open) return null
  if (missing.length > 0) return `还缺这些数值：${missing.join('、')}`
  if (notWorked.length > 0) return `系统还不能办理：${notWorked.join('、')}`
  return inForceOn(edition, on) && window ? `办理时间是每年 ${window.from} 至 ${window.through}` : '不在计划的有效期内'
}
export const inForceOn = ({ in_force: { from, through } }: Edition, on: CivilDate): boolean =>
  from <= on && (!through || on <= through)

/** The cover's days if the money came today: ages, double covers and the contribution are looked at for those days. */
export const expectedStart = (edition: Edition, today: CivilDate, commonDay: string | null): Span | null =>
  termStarting(edition, today, commonDay && commonDay > today ? day(commonDay) : null)

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
    const why = whyClosed(edition, ctx.today)
    if (why) return refuse({ code: 'edition_closed', title: edition.title, why })
    const agreesDay = edition.term.starts === 'common_day'
    if (agreesDay && (!input.commonDay || input.commonDay <= ctx.today))
      return refuse({ code: 'common_day_needed', after: ctx.today })
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
