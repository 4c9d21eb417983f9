import { createHash } from 'node:crypto'
import { type Context, sql, type Tx } from '#platform/database/index.ts'
import { maskPhone } from '#platform/sign-in/index.ts'
import type { OwnContext } from './own-account.ts'

/** What she has bound herself and shown once, and since when. */
const boundBy = async (tx: Tx, ctx: Context) => {
  const { rows } = await sql<{ way: 'authenticator' | 'key'; since: Date; point: Buffer | null }>`
    select 'authenticator' as way, confirmed_at as since, null::bytea as point from network.second_step
     where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
       and confirmed_at is not null and removed_at is null
    union all
    select 'key', confirmed_at, public_point from network.second_key
     where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
       and confirmed_at is not null and removed_at is null`.execute(tx.q)
  return rows
}

/** Whether she has bound an authenticator or a key: then a code by SMS, which travels through other hands, is not asked for. */
export const hasBound = async (tx: Tx, ctx: Context): Promise<boolean> => (await boundBy(tx, ctx)).length > 0

/** Her mobile number; none for members, who have no second step by SMS, nor where it was taken away. */
export const phoneOf = async (tx: Tx, ctx: Context): Promise<string | null> => {
  if (ctx.actor.kind !== 'staff') return null
  const { rows } = await sql<{ sealed: Buffer | null }>`
    select phone_sealed as sealed from network.staff_phone
     where office_id = ${tx.office} and staff_id = ${ctx.actor.id} order by set_at desc, id desc limit 1`.execute(tx.q)
  const sealed = rows[0]?.sealed
  return sealed ? ctx.services.vault.open('staff.phone', sealed) : null
}

/** The number that codes come to, masked; null where none can come: no gateway, no number, or she has bound what is stronger. */
export const smsWay = async (tx: Tx, ctx: Context): Promise<{ phone: string } | null> => {
  if (!ctx.services.sms || (await hasBound(tx, ctx))) return null
  const phone = await phoneOf(tx, ctx)
  return phone === null ? null : { phone: maskPhone(phone) }
}

/** The ways she can make a second step by. */
export const waysOf = async (tx: Tx, ctx: Context) => {
  const bound = await boundBy(tx, ctx)
  const code = bound.find((row) => row.way === 'authenticator')
  const key = bound.find((row) => row.way === 'key')
  return {
    authenticator: code ? { since: code.since } : null,
    key: key ? { since: key.since, fingerprint: fingerprint(key.point) } : null,
    sms: await smsWay(tx, ctx),
  }
}
const fingerprint = (point: Buffer | null): string =>
  createHash('sha256')
    .update(point ?? '')
    .digest('hex')
    .slice(0, 16)

/** Who has a second step adds another only after it: a password alone, known to a thief too, must not bring its own. */
export const isOpenToAdd = async (tx: Tx, ctx: OwnContext): Promise<boolean> => {
  const { authenticator, key, sms } = await waysOf(tx, ctx)
  if (!authenticator && !key && !sms) return true
  const { rows } = await sql`
    select from platform.session
     where office_id = ${tx.office} and id = ${ctx.sessionId} and second_step_at is not null`.execute(tx.q)
  return rows.length > 0
}
