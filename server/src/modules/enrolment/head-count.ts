import type { StateHeads } from '#contract/enrolment.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { editionById } from '#modules/plans/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { headCountsOf, rosterInReach } from './store.ts'

export const headKinds = { staff: '职工总数', union_members: '工会会员数', women: '女职工人数' } as const

/**
 * The unit states how many heads its ratio is counted over, of the kind the edition asks for, with its proof. While the roster
 * is open a wrong count is stated again, confirmed or not: the newest counts.
 */
export const stateHeads = async (
  ctx: Context,
  input: StateHeads & { rosterId: number; proof: Buffer },
): Promise<Result<{ headCountId: number }, Refused>> => {
  const paper = await ctx.services.files.receive(input.proof)
  if (!paper.ok) return paper
  return transact(ctx, 'enrolment.state-heads', async (tx) => {
    const roster = await rosterInReach(tx, ctx, input.rosterId, true)
    if (!roster) return refuse({ code: 'roster_not_found' })
    if (roster.closedOn) return refuse({ code: 'roster_closed' })
    if (input.countedOn > ctx.today) return refuse({ code: 'day_in_future', given: input.countedOn })
    const adopted = await editionById(tx, roster.editionId)
    assert(adopted, 'a roster has an adopted edition')
    const wanted = adopted.edition.group?.of ?? 'staff'
    if (wanted !== input.kind) return refuse({ code: 'heads_kind_wrong', wanted: headKinds[wanted] })
    const proof = await ctx.services.files.store(tx, ctx, paper.value)
    const headCountId = await tx.ids.take()
    await tx.q
      .insertInto('enrolment.head_count')
      .values({
        office_id: tx.office,
        id: headCountId,
        roster_id: roster.id,
        kind: input.kind,
        counted_on: input.countedOn,
        heads: input.heads,
        proof_file_id: proof.id,
        stated_by: ctx.actor.id,
        stated_at: ctx.at,
      })
      .execute()
    return ok({ headCountId })
  })
}

/** The agency confirms a stated head count against its proof; who stated it cannot. */
export const confirmHeads = (
  ctx: Context,
  input: { rosterId: number; headCountId: number },
): Promise<Result<{ confirmed: true }, Refused>> =>
  transact(ctx, 'enrolment.confirm-heads', async (tx) => {
    const roster = await rosterInReach(tx, ctx, input.rosterId, true)
    if (!roster) return refuse({ code: 'roster_not_found' })
    const counts = await headCountsOf(tx, roster.id)
    const count = counts.find((each) => each.id === input.headCountId)
    if (!count) return refuse({ code: 'heads_not_found' })
    if (roster.closedOn) return refuse({ code: 'roster_closed' })
    const newest = counts.at(-1)
    if (newest && newest.id !== count.id) return refuse({ code: 'heads_stated_again', newest: newest.id })
    if (count.confirmed) return refuse({ code: 'heads_already_confirmed' })
    if (count.statedBy === ctx.actor.id) return refuse({ code: 'confirmer_stated_it' })
    await tx.q
      .insertInto('enrolment.head_count_confirmation')
      .values({
        office_id: tx.office,
        roster_id: roster.id,
        head_count_id: count.id,
        stated_by: count.statedBy,
        confirmed_by: ctx.actor.id,
        confirmed_at: ctx.at,
      })
      .execute()
    return ok({ confirmed: true as const })
  })
