import type { ChangePassword } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, read, sql, type Tx, transact } from '#platform/database/index.ts'
import {
  type Device,
  devicesOf,
  endSessionsOf,
  forgetDevice,
  hashSecret,
  isWeakPassword,
  secondStepTries,
  verifySecret,
} from '#platform/sign-in/index.ts'

/** One request by a signed-in person about her own sign-in. */
export interface OwnContext extends Context {
  readonly sessionId: number
  /** what she sits at, where it keeps cookies */
  readonly device: Device | null
}

/** A secret is told once: it must not lie among the answers kept for retries. */
export const once = (ctx: OwnContext): OwnContext => {
  const { idempotencyKey: _, ...told } = ctx
  return told
}

export const loginOf = async (tx: Tx, ctx: Context): Promise<string> => {
  const { rows } = await sql<{ login: string }>`
    select login from network.login where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}`.execute(
    tx.q,
  )
  return rows[0]?.login ?? ''
}

/** Sets one's own password, showing the old one; every other session of hers ends. */
export const changePassword = async (ctx: OwnContext, input: ChangePassword): Promise<Result<{ changed: true }>> => {
  const who = `${ctx.office}:${ctx.actor.kind}:${ctx.actor.id}`
  if (!secondStepTries.mayTry('password', who, ctx.at)) return refuse({ code: 'too_many_requests' })
  const { rows } = await ctx.db.reading.query<{ hash: string | null }>('select network.secret_of($1, $2, $3) as hash', [
    ctx.office,
    ctx.actor.kind,
    ctx.actor.id,
  ])
  if (!(await verifySecret(rows[0]?.hash ?? null, input.old))) {
    secondStepTries.note('password', who, ctx.at)
    return refuse({ code: 'old_password_wrong' })
  }
  const secretHash = await hashSecret(input.new)
  return transact(once(ctx), 'network.change-password', async (tx) => {
    if (input.new === input.old || (await isWeakPassword(input.new, await loginOf(tx, ctx))))
      return refuse({ code: 'password_too_weak' })
    await sql`
      update network.login set secret_hash = ${secretHash}, temporary = false
       where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}`.execute(tx.q)
    await endSessionsOf(tx, { kind: ctx.actor.kind as 'staff', id: ctx.actor.id }, ctx.at, ctx.sessionId)
    return ok({ changed: true })
  })
}

/** Where one is signed in: since when, from where, on what. */
export const ownSessions = async (tx: Tx, ctx: OwnContext) => {
  const { rows } = await sql<{
    id: number
    since: Date
    until: Date
    address: string | null
    device: string | null
    secondStep: boolean
    newDevice: boolean
    current: boolean
  }>`
    select id, created_at as since, expires_at as until, from_address as address, device,
           second_step_at is not null as "secondStep", device_new as "newDevice", id = ${ctx.sessionId} as current
      from platform.session
     where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
       and ended_at is null and expires_at > ${ctx.at} order by created_at desc, id desc limit 100`.execute(tx.q)
  return rows
}

export const endOwnSession = (ctx: OwnContext, input: { sessionId: number }): Promise<Result<{ ended: number }>> =>
  transact(ctx, 'network.end-own-session', async (tx) => {
    const { numAffectedRows } = await sql`
      update platform.session set ended_at = ${ctx.at}
       where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
         and id = ${input.sessionId} and ended_at is null`.execute(tx.q)
    return numAffectedRows === 0n ? refuse({ code: 'session_not_found' }) : ok({ ended: 1 })
  })

export const endOtherSessions = (ctx: OwnContext): Promise<Result<{ ended: number }>> =>
  transact(ctx, 'network.end-other-sessions', async (tx) =>
    ok({
      ended: await endSessionsOf(tx, { kind: ctx.actor.kind as 'staff', id: ctx.actor.id }, ctx.at, ctx.sessionId),
    }),
  )

/** The devices she made a second step on. */
export const ownDevices = (ctx: OwnContext) => read(ctx, (tx) => devicesOf(tx, ctx.actor, ctx.device))

/** A device given away or lost: it is new again, and no longer signed in. */
export const forgetOwnDevice = (ctx: OwnContext, input: { deviceId: number }): Promise<Result<{ forgotten: true }>> =>
  transact(
    ctx,
    'network.forget-device',
    async (tx) =>
      (await forgetDevice(tx, ctx.actor, { ...input, at: ctx.at, except: ctx.sessionId }))
        ? ok({ forgotten: true })
        : refuse({ code: 'device_not_found' }),
    { object: `device:${input.deviceId}` },
  )
