import QRCode from 'qrcode'
import type { ChangePassword, Code, WithReason } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, read, sql, type Tx, transact } from '#platform/database/index.ts'
import {
  type Device,
  devicesOf,
  endSessionsOf,
  forgetDevice,
  hashSecret,
  isWeakPassword,
  newSecret,
  otpauthUri,
  recoveryCodes,
  recoveryHash,
  rememberDevice,
  secondStepTries,
  stepOfCode,
  verifySecret,
} from '#platform/sign-in/index.ts'

/** One request by a signed-in person about her own sign-in. */
export interface OwnContext extends Context {
  readonly sessionId: number
  /** what she sits at, where it keeps cookies */
  readonly device: Device | null
}

const once = (ctx: OwnContext): OwnContext => {
  const { idempotencyKey: _, ...told } = ctx
  return told
}

const loginOf = async (tx: Tx, ctx: Context): Promise<string> => {
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
    if (input.new === input.old || isWeakPassword(input.new, await loginOf(tx, ctx)))
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

const authenticator = async (tx: Tx, ctx: Context, confirmed: boolean) => {
  const { rows } = await sql<{ id: number; secretSealed: Buffer }>`
    select id, secret_sealed as "secretSealed" from network.second_step
     where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
       and (confirmed_at is not null) = ${confirmed} and removed_at is null order by id desc limit 1`.execute(tx.q)
  return rows[0]
}

/** A new authenticator: its secret, as text and as a QR code, told once. It counts when a first code of it was shown. */
export const enrolSecondStep = (ctx: OwnContext): Promise<Result<{ secret: string; uri: string; qr: string }>> =>
  transact(once(ctx), 'network.enrol-second-step', async (tx) => {
    if (await authenticator(tx, ctx, true)) return refuse({ code: 'second_step_enrolled' })
    const secret = newSecret()
    const sealed = ctx.services.vault.seal('second.step', secret)
    await sql`
      insert into network.second_step (office_id, id, actor_kind, actor_id, secret_sealed, made_at)
      values (${tx.office}, ${await tx.ids.take()}, ${ctx.actor.kind}, ${ctx.actor.id}, ${sealed}, ${ctx.at})`.execute(
      tx.q,
    )
    const uri = otpauthUri(secret, await loginOf(tx, ctx))
    return ok({ secret, uri, qr: await QRCode.toString(uri, { type: 'svg' }) })
  })

/** Takes a code: right, and of a time step not used before. */
const takeCode = async (tx: Tx, ctx: OwnContext, factor: { id: number; secretSealed: Buffer }, code: string) => {
  const step = stepOfCode(ctx.services.vault.open('second.step', factor.secretSealed), code, ctx.at)
  if (step === null) return false
  const { numAffectedRows } = await sql`
    insert into network.second_step_used (office_id, second_step_id, time_step) values (${tx.office}, ${factor.id}, ${step})
    on conflict do nothing`.execute(tx.q)
  return numAffectedRows === 1n
}

/** The second step is made: for this session, and what she sits at is known from now on. */
const markSession = async (tx: Tx, ctx: OwnContext): Promise<void> => {
  const deviceId = ctx.device && (await rememberDevice(tx, ctx.actor, ctx.device, ctx.at))
  await sql`
    update platform.session set second_step_at = ${ctx.at}, device_id = coalesce(${deviceId}::bigint, device_id)
     where office_id = ${tx.office} and id = ${ctx.sessionId}`.execute(tx.q)
}

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

/** Counts wrong codes by person; too many, and she waits. */
const counted = async <T>(ctx: OwnContext, work: () => Promise<Result<T>>): Promise<Result<T>> => {
  const who = `${ctx.office}:${ctx.actor.kind}:${ctx.actor.id}`
  if (!secondStepTries.mayTry('code', who, ctx.at)) return refuse({ code: 'too_many_requests' })
  const answer = await work()
  if (!answer.ok && answer.refused.code === 'second_step_wrong') secondStepTries.note('code', who, ctx.at)
  return answer
}

/** The first code of a new authenticator: from now on it is asked for. Ten recovery codes are told, once. */
export const confirmSecondStep = (ctx: OwnContext, input: Code): Promise<Result<{ recoveryCodes: string[] }>> =>
  counted(ctx, () =>
    transact(once(ctx), 'network.confirm-second-step', async (tx) => {
      if (await authenticator(tx, ctx, true)) return refuse({ code: 'second_step_enrolled' })
      const factor = await authenticator(tx, ctx, false)
      if (!factor) return refuse({ code: 'second_step_missing' })
      if (!(await takeCode(tx, ctx, factor, input.code))) return refuse({ code: 'second_step_wrong' })
      await sql`
        update network.second_step set confirmed_at = ${ctx.at} where office_id = ${tx.office} and id = ${factor.id}`.execute(
        tx.q,
      )
      const codes = recoveryCodes()
      await sql`
        insert into network.recovery_code (office_id, second_step_id, code_hash)
        select ${tx.office}, ${factor.id}, hash from unnest(${codes.map(recoveryHash)}::bytea[]) as hash`.execute(tx.q)
      await markSession(tx, ctx)
      return ok({ recoveryCodes: codes })
    }),
  )

/** The second step of this session: a code of the authenticator, or a recovery code. Neither opens twice. */
export const makeSecondStep = (ctx: OwnContext, input: Code): Promise<Result<{ done: true }>> =>
  counted(ctx, () =>
    transact(once(ctx), 'network.second-step', async (tx) => {
      const factor = await authenticator(tx, ctx, true)
      if (!factor) return refuse({ code: 'second_step_missing' })
      const byCode = /^\d{6}$/.test(input.code) && (await takeCode(tx, ctx, factor, input.code))
      if (!byCode) {
        const { numAffectedRows } = await sql`
          update network.recovery_code set used_at = ${ctx.at}
           where office_id = ${tx.office} and second_step_id = ${factor.id} and code_hash = ${recoveryHash(input.code)} and used_at is null`.execute(
          tx.q,
        )
        if (numAffectedRows === 0n) return refuse({ code: 'second_step_wrong' })
      }
      await markSession(tx, ctx)
      return ok({ done: true })
    }),
  )

/** An administrator takes a lost authenticator away; the person enrols another one. Her sessions end. */
export const removeSecondStep = (
  ctx: Context,
  input: WithReason & { staffId: number },
): Promise<Result<{ removed: true }>> =>
  transact(
    ctx,
    'network.remove-second-step',
    async (tx) => {
      if (input.staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
      const { rows } = await sql<{ watches: boolean }>`
        select exists (select from network.appointment a where a.office_id = s.office_id and a.staff_id = s.id
                 and a.appointing_office <> s.office_id) as watches
          from network.staff s where s.office_id = ${tx.office} and s.id = ${input.staffId}`.execute(tx.q)
      if (!rows[0]) return refuse({ code: 'staff_not_found' })
      if (rows[0].watches) return refuse({ code: 'watcher_from_above' })
      await sql`
        update network.second_step set removed_at = ${ctx.at}
         where office_id = ${tx.office} and actor_kind = 'staff' and actor_id = ${input.staffId} and removed_at is null`.execute(
        tx.q,
      )
      await endSessionsOf(tx, { kind: 'staff', id: input.staffId }, ctx.at)
      return ok({ removed: true })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )
