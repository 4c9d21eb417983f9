import QRCode from 'qrcode'
import type { Code } from '#contract/access.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import {
  newSecret,
  otpauthUri,
  recoveryCodes,
  recoveryHash,
  rememberDevice,
  secondStepTries,
  stepOfCode,
} from '#platform/sign-in/index.ts'
import { loginOf, type OwnContext, once } from './own-account.ts'
import { takeSmsCode } from './sms-code.ts'
import { isOpenToAdd, smsWay } from './ways.ts'

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
    if (!(await isOpenToAdd(tx, ctx))) return refuse({ code: 'second_step_needed' })
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

/** The second step is made: for this sign-in, and what she sits at is known from now on. */
export const markSession = async (tx: Tx, ctx: OwnContext): Promise<void> => {
  const deviceId = ctx.device && (await rememberDevice(tx, ctx.actor, ctx.device, ctx.at))
  await sql`
    update platform.session set second_step_at = ${ctx.at}, device_id = coalesce(${deviceId}::bigint, device_id)
     where office_id = ${tx.office} and id = ${ctx.sessionId}`.execute(tx.q)
}

const isWrong = (code: string): boolean => code === 'second_step_wrong' || code === 'second_key_wrong'

/** Counts wrong codes and signatures by person; too many, and she waits. */
export const counted = async <T>(ctx: OwnContext, work: () => Promise<Result<T>>): Promise<Result<T>> => {
  const who = `${ctx.office}:${ctx.actor.kind}:${ctx.actor.id}`
  if (!secondStepTries.mayTry('code', who, ctx.at)) return refuse({ code: 'too_many_requests' })
  const answer = await work()
  if (!answer.ok && isWrong(answer.refused.code)) secondStepTries.note('code', who, ctx.at)
  return answer
}

/** The first code of a new authenticator: from now on it is asked for. Ten recovery codes are told, once. */
export const confirmSecondStep = (ctx: OwnContext, input: Code): Promise<Result<{ recoveryCodes: string[] }>> =>
  counted(ctx, () =>
    transact(once(ctx), 'network.confirm-second-step', async (tx) => {
      if (await authenticator(tx, ctx, true)) return refuse({ code: 'second_step_enrolled' })
      const factor = await authenticator(tx, ctx, false)
      if (!factor) return refuse({ code: 'second_step_missing' })
      if (!(await isOpenToAdd(tx, ctx))) return refuse({ code: 'second_step_needed' })
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

const takeRecoveryCode = async (tx: Tx, ctx: OwnContext, factor: { id: number }, code: string) => {
  const { numAffectedRows } = await sql`
    update network.recovery_code set used_at = ${ctx.at}
     where office_id = ${tx.office} and second_step_id = ${factor.id} and code_hash = ${recoveryHash(code)} and used_at is null`.execute(
    tx.q,
  )
  return numAffectedRows === 1n
}

/** The second step of this sign-in: a code of the authenticator, a recovery code, or one by SMS for who has bound nothing. None opens twice. */
export const makeSecondStep = (ctx: OwnContext, input: Code): Promise<Result<{ done: true }>> =>
  counted(ctx, () =>
    transact(once(ctx), 'network.second-step', async (tx) => {
      const factor = await authenticator(tx, ctx, true)
      if (!factor && !(await smsWay(tx, ctx))) return refuse({ code: 'second_step_missing' })
      const isRight = factor
        ? (await takeCode(tx, ctx, factor, input.code)) || (await takeRecoveryCode(tx, ctx, factor, input.code))
        : await takeSmsCode(tx, ctx, input.code)
      if (!isRight) return refuse({ code: 'second_step_wrong' })
      await markSession(tx, ctx)
      return ok({ done: true })
    }),
  )
