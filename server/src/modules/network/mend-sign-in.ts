import type { SetPhone, WithReason } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { endSessionsOf, hashSecret, maskPhone } from '#platform/sign-in/index.ts'
import { addPhone, isFromAbove, temporarySecret, told } from './staff.ts'

// A lost password, authenticator, key or telephone: who may help whom.

/** The office of a worker's sign-in, held locked: her own office's, or where we appointed her there from above. */
const heldSignIn = async (tx: Tx, staffId: number): Promise<number | undefined> => {
  const { rows } = await sql<{ office: number }>`
    select office_id as office from network.login
     where actor_kind = 'staff' and actor_id = ${staffId}
       and office_id in (select ${tx.office}::bigint union all select a.office_id from network.appointment a
                          where a.appointing_office = ${tx.office} and a.staff_id = ${staffId})
       for update`.execute(tx.q)
  return rows[0]?.office
}

/**
 * Where a worker's sign-in is mended, and whether it is ours: the own office's administrator helps its own workers, the head
 * office's those it appointed elsewhere. Gives the transaction as of her office. Refused: staff_not_found, watcher_from_above.
 */
export const signInToMend = async (tx: Tx, staffId: number): Promise<Result<Tx>> => {
  const office = await heldSignIn(tx, staffId)
  if (office === undefined) return refuse({ code: 'staff_not_found' })
  if (office === tx.office && (await isFromAbove(tx, staffId))) return refuse({ code: 'watcher_from_above' })
  return ok({ ...tx, office })
}

/** A forgotten password: a new temporary one, and every session of the old one ends. */
export const resetPassword = async (
  ctx: Context,
  input: WithReason & { staffId: number },
): Promise<Result<{ password: string }>> => {
  const password = temporarySecret()
  const secretHash = await hashSecret(password)
  return transact(
    told(ctx),
    'network.reset-password',
    async (tx) => {
      if (input.staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      const hers = await signInToMend(tx, input.staffId)
      if (!hers.ok) return hers
      await sql`
        update network.login set secret_hash = ${secretHash}, temporary = true
         where office_id = ${hers.value.office} and actor_kind = 'staff' and actor_id = ${input.staffId}`.execute(tx.q)
      await endSessionsOf(hers.value, { kind: 'staff', id: input.staffId }, ctx.at)
      return ok({ password })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )
}

/** Every session of a worker ends at once: a lost telephone, a suspicion. */
export const endSessions = (
  ctx: Context,
  input: WithReason & { staffId: number },
): Promise<Result<{ ended: number }>> =>
  transact(
    ctx,
    'network.end-sessions',
    async (tx) => {
      const hers = await signInToMend(tx, input.staffId)
      if (!hers.ok) return hers
      return ok({ ended: await endSessionsOf(hers.value, { kind: 'staff', id: input.staffId }, ctx.at) })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )

/** An administrator takes a lost authenticator or key away, whatever there is; the person enrols anew. Her sessions end. */
export const removeSecondStep = (
  ctx: Context,
  input: WithReason & { staffId: number },
): Promise<Result<{ removed: true }>> =>
  transact(
    ctx,
    'network.remove-second-step',
    async (tx) => {
      if (input.staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      const hers = await signInToMend(tx, input.staffId)
      if (!hers.ok) return hers
      await sql`
        update network.second_step set removed_at = ${ctx.at}
         where office_id = ${hers.value.office} and actor_kind = 'staff' and actor_id = ${input.staffId} and removed_at is null`.execute(
        tx.q,
      )
      await sql`
        update network.second_key set removed_at = ${ctx.at}
         where office_id = ${hers.value.office} and actor_kind = 'staff' and actor_id = ${input.staffId} and removed_at is null`.execute(
        tx.q,
      )
      await endSessionsOf(hers.value, { kind: 'staff', id: input.staffId }, ctx.at)
      return ok({ removed: true })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )

/** An administrator sets or takes away the number that codes are sent to. Her sessions end, so that she notices. */
export const setPhone = (
  ctx: Context,
  input: SetPhone & { staffId: number },
): Promise<Result<{ phone: string | null }>> =>
  transact(
    ctx,
    'network.set-phone',
    async (tx) => {
      if (input.staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      const hers = await signInToMend(tx, input.staffId)
      if (!hers.ok) return hers
      await addPhone(hers.value, ctx, { staffId: input.staffId, phone: input.phone })
      await endSessionsOf(hers.value, { kind: 'staff', id: input.staffId }, ctx.at)
      return ok({ phone: input.phone && maskPhone(input.phone) })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )
