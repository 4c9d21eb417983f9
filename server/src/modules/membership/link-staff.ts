import type { DeclareKin, LinkPerson } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { addKin, linkPerson } from '#modules/network/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { memberByNumber } from './store.ts'

/** Says that a worker is this member, so that her own claims are not decided by her. */
export const linkStaff = (ctx: Context, input: LinkPerson & { staffId: number }): Promise<Result<{ from: string }>> =>
  transact(
    ctx,
    'membership.link-staff',
    async (tx) => {
      const member = await memberByNumber(tx, input.memberNumber)
      if (!member) return refuse({ code: 'member_not_found' })
      const linked = await linkPerson(tx, ctx, {
        staffId: input.staffId,
        personId: member.personId,
        reason: input.reason,
      })
      return linked ? ok({ from: ctx.today }) : refuse({ code: 'staff_not_found' })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )

/** Says that a member is kin of a worker, so that her claims are not decided by that worker. */
export const declareKin = (
  ctx: Context,
  input: DeclareKin & { staffId: number },
): Promise<Result<{ kinId: number; from: string }>> =>
  transact(
    ctx,
    'membership.declare-kin',
    async (tx) => {
      const member = await memberByNumber(tx, input.memberNumber)
      if (!member) return refuse({ code: 'member_not_found' })
      const { staffId, relation, reason } = input
      const kinId = await addKin(tx, ctx, { staffId, personId: member.personId, relation, reason })
      return kinId === undefined ? refuse({ code: 'staff_not_found' }) : ok({ kinId, from: ctx.today })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )
