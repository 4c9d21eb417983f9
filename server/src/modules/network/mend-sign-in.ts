import type { SetPhone, WithReason } from '#contract/access.ts'
import { addDays, civilDayAt } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { endSessionsOf, hashSecret, maskPhone } from '#platform/sign-in/index.ts'
import { addPhone, isFromAbove, temporarySecret, told } from './staff.ts'

// A lost password, authenticator, key or telephone: who may help whom. Whoever gives somebody a new password and also takes
// her second step away could sign in as her; so these are two halves, for two hands.

export type Half = 'password' | 'second_step'
const halves = {
  password: { did: '给她重设了密码或关联了统一身份账号', wanted: '重设她的密码、关联统一身份账号' },
  second_step: { did: '解除了她的第二步验证或改了她的手机号', wanted: '解除她的第二步验证、改她的手机号' },
} as const
/** days after which a half no longer counts, where she did not sign in with a second step since; the database counts them too */
const halfDays = 30

interface Helped {
  readonly office: number
  readonly staffId: number
}

/** The office of a worker's sign-in, held locked: our own, or where we reach her from above. */
const heldSignIn = async (tx: Tx, staffId: number): Promise<(Helped & { fromHere: boolean }) | undefined> => {
  const { rows } = await sql<{ office: number; fromHere: boolean }>`
    select l.office_id as office, exists (select from network.appointment a where a.office_id = l.office_id
             and a.staff_id = l.actor_id and a.appointing_office = ${tx.office}) as "fromHere"
      from network.login l
     where l.actor_kind = 'staff' and l.actor_id = ${staffId}
       and l.office_id in (select ${tx.office}::bigint
             union all select a.office_id from network.appointment a
                        where a.appointing_office = ${tx.office} and a.staff_id = ${staffId}
             union all select m.office_id from network.mended_half m where m.staff_id = ${staffId})
       for update of l`.execute(tx.q)
  return rows[0] && { ...rows[0], staffId }
}

interface OtherHalf {
  readonly by: number
  readonly at: Date
  readonly byLink: boolean
}
/** Who did the other half, as long as it counts; asked when her login is held, so that of two at once one sees the other. */
const otherHalves = async (tx: Tx, ctx: Context, { office, staffId }: Helped, half: Half): Promise<OtherHalf[]> => {
  const { rows } = await sql<OtherHalf>`
    select done_by as by, done_at as at, by_link as "byLink"
      from network.other_half(${office}, ${staffId}, ${half}, ${ctx.at}) order by by_link desc`.execute(tx.q)
  return rows
}

const hasAdministrator = async (tx: Tx, ctx: Context, office: number, besides: readonly number[]): Promise<boolean> => {
  const { rows } = await sql<{ has: boolean }>`
    select network.has_administrator(${office}, ${besides}::bigint[], ${ctx.today}::date) as has`.execute(tx.q)
  return rows[0]?.has ?? false
}

const isHeadOffice = async (tx: Tx): Promise<boolean> => {
  const { rows } = await sql<{ head: boolean }>`select network.in_head_office() as head`.execute(tx.q)
  return rows[0]?.head ?? false
}

/** Why the same hand does not do this half, and who does. */
const anotherHand = async (tx: Tx, ctx: Context, half: Half, done: OtherHalf, besides: readonly number[]) => {
  const on = civilDayAt(done.at)
  const who = (await hasAdministrator(tx, ctx, tx.office, [...besides, ctx.actor.id]))
    ? '请本级的另一位管理员办理'
    : (await isHeadOffice(tx))
      ? '请先任命另一位管理员，再由他办理'
      : '请总会的管理员办理'
  const until = done.byLink
    ? '解除您给她关联的统一身份账号以后'
    : `她做过一次第二步验证登录以后，或者 ${addDays(on, halfDays + 1)} 起`
  const did = halves[half === 'password' ? 'second_step' : 'password'].did
  return refuse({ code: 'another_hand_needed', on, did, wanted: halves[half].wanted, who, until })
}

const noteHalf = async (tx: Tx, ctx: Context, { office, staffId }: Helped, half: Half): Promise<void> => {
  await sql`
    insert into network.mended_half (office_id, id, staff_id, half, done_at, done_by)
    values (${office}, ${await tx.ids.take()}, ${staffId}, ${half}, ${ctx.at}, ${ctx.actor.id})`.execute(tx.q)
}

/**
 * Where a worker's sign-in is mended, and whether it is ours: the own office's administrator helps its own workers; the head
 * office's those it appointed elsewhere, and does the other half where an office has no other administrator. Gives the
 * transaction as of her office. Refused: staff_not_found, watcher_from_above, another_hand_needed.
 */
export const signInToMend = async (tx: Tx, ctx: Context, staffId: number, half?: Half): Promise<Result<Tx>> => {
  const hers = await heldSignIn(tx, staffId)
  if (!hers) return refuse({ code: 'staff_not_found' })
  const isOwn = hers.office === tx.office
  if (isOwn && (await isFromAbove(tx, staffId))) return refuse({ code: 'watcher_from_above' })
  const others = half ? await otherHalves(tx, ctx, hers, half) : []
  const besides = [staffId, ...others.map((each) => each.by)]
  const isLeftToUs = others.length > 0 && !(await hasAdministrator(tx, ctx, hers.office, besides))
  if (!isOwn && !hers.fromHere && !isLeftToUs) return refuse({ code: 'staff_not_found' })
  const mine = others.find((each) => each.by === ctx.actor.id)
  if (half && mine) return anotherHand(tx, ctx, half, mine, besides)
  if (half) await noteHalf(tx, ctx, hers, half)
  return ok({ ...tx, office: hers.office })
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
      const hers = await signInToMend(tx, ctx, input.staffId, 'password')
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
      const hers = await signInToMend(tx, ctx, input.staffId)
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
      const hers = await signInToMend(tx, ctx, input.staffId, 'second_step')
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
      const hers = await signInToMend(tx, ctx, input.staffId, 'second_step')
      if (!hers.ok) return hers
      await addPhone(hers.value, ctx, { staffId: input.staffId, phone: input.phone })
      await endSessionsOf(hers.value, { kind: 'staff', id: input.staffId }, ctx.at)
      return ok({ phone: input.phone && maskPhone(input.phone) })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )
