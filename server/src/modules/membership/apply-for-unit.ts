import type { ApplyForUnit } from '#contract/membership.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { unitInReach } from '#modules/network/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { isAdmitted } from './store.ts'

/** A unit asks to join as a group, by an application with its stamp (团体入会申请). `paper` is the scanned application. */
export const applyForUnit = async (
  ctx: Context,
  input: ApplyForUnit & { paper: Buffer },
): Promise<Result<{ applicationId: number }, Refused>> => {
  const paper = await ctx.services.files.receive(input.paper)
  if (!paper.ok) return paper
  return transact(ctx, 'membership.apply-for-unit', async (tx) => {
    if (input.appliedOn > ctx.today) return refuse({ code: 'day_in_future', given: input.appliedOn })
    if (!(await unitInReach(tx, ctx, input.unitId))) return refuse({ code: 'unit_not_found' })
    if (await isAdmitted(tx, input.unitId)) return refuse({ code: 'unit_already_admitted' })
    const file = await ctx.services.files.store(tx, ctx, paper.value)
    const applicationId = await tx.ids.take()
    await tx.q
      .insertInto('membership.unit_application')
      .values({
        office_id: tx.office,
        id: applicationId,
        unit_id: input.unitId,
        applied_on: input.appliedOn,
        workers: input.workers,
        paper_file_id: file.id,
        filed_by: ctx.actor.id,
      })
      .execute()
    return ok({ applicationId })
  })
}
