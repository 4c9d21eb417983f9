import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { unitInReach } from '#modules/network/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { isAdmitted, latestApplication } from './store.ts'

/** The agency or office admits a unit on its newest application. Whoever filed the application cannot admit it. */
export const admitUnit = (ctx: Context, input: { unitId: number }): Promise<Result<{ admittedOn: string }, Refused>> =>
  transact(ctx, 'membership.admit-unit', async (tx) => {
    if (!(await unitInReach(tx, ctx, input.unitId))) return refuse({ code: 'unit_not_found' })
    if (await isAdmitted(tx, input.unitId)) return refuse({ code: 'unit_already_admitted' })
    const application = await latestApplication(tx, input.unitId)
    if (!application) return refuse({ code: 'application_not_found' })
    if (application.filedBy === ctx.actor.id) return refuse({ code: 'admitter_filed_it' })
    const added = await tx.q
      .insertInto('membership.unit_admission')
      .values({
        office_id: tx.office,
        unit_id: input.unitId,
        application_id: application.id,
        filed_by: application.filedBy,
        admitted_on: ctx.today,
        admitted_by: ctx.actor.id,
      })
      .onConflict((same) => same.doNothing())
      .executeTakeFirst()
    if (added.numInsertedOrUpdatedRows === 0n) return refuse({ code: 'unit_already_admitted' })
    return ok({ admittedOn: ctx.today })
  })
