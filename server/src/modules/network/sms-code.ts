import { ok, type Result, refuse } from '#kernel/result.ts'
import { sql, type Tx, transact } from '#platform/database/index.ts'
import { maskPhone, smsDigits } from '#platform/sign-in/index.ts'
import { type OwnContext, once } from './own-account.ts'
import { hasBound, phoneOf } from './ways.ts'

/** minutes a code may be typed in */
const codeMinutes = 5
/** messages to one person in an hour: each costs money, and disturbs whoever has the telephone */
const mostAnHour = 5

const hashOf = (ctx: OwnContext, code: string): Buffer =>
  ctx.services.vault.hash('sms.code', [ctx.office, ctx.actor.kind, ctx.actor.id, ctx.sessionId, code].join(' '))

const sentInTheLastHour = async (tx: Tx, ctx: OwnContext): Promise<number> => {
  const { rows } = await sql<{ sent: number }>`
    select count(*)::int as sent from network.sms_code
     where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
       and sent_at > ${new Date(ctx.at.getTime() - 3_600_000)}`.execute(tx.q)
  return rows[0]?.sent ?? 0
}

/** A new code for this sign-in takes the place of the one before. It is noted before it is sent, so that the count holds. */
const noteCode = (ctx: OwnContext, code: string, until: Date): Promise<Result<{ phone: string }>> =>
  transact(once(ctx), 'network.send-sms-code', async (tx) => {
    const phone = await phoneOf(tx, ctx)
    if (phone === null) return refuse({ code: 'sms_no_phone' })
    if (await hasBound(tx, ctx)) return refuse({ code: 'sms_not_needed' })
    await sql`select pg_advisory_xact_lock(hashtextextended(${`sms ${tx.office} ${ctx.actor.id}`}, 0))`.execute(tx.q)
    if ((await sentInTheLastHour(tx, ctx)) >= mostAnHour) return refuse({ code: 'sms_too_many' })
    await sql`
      insert into network.sms_code (office_id, id, actor_kind, actor_id, session_id, code_hash, sent_at, expires_at)
      values (${tx.office}, ${await tx.ids.take()}, ${ctx.actor.kind}, ${ctx.actor.id}, ${ctx.sessionId},
              ${hashOf(ctx, code)}, ${ctx.at}, ${until})`.execute(tx.q)
    return ok({ phone })
  })

/** Sends a code to her telephone; the gateway is asked when nothing is held open in the database. */
export const sendSmsCode = async (ctx: OwnContext): Promise<Result<{ phone: string; until: string }>> => {
  const gateway = ctx.services.sms
  if (!gateway) return refuse({ code: 'sms_off' })
  const code = smsDigits()
  const until = new Date(ctx.at.getTime() + codeMinutes * 60_000)
  const noted = await noteCode(ctx, code, until)
  if (!noted.ok) return noted
  const { phone } = noted.value
  const text = `您在同舟做第二步验证的验证码是 ${code}，五分钟内有效。工作人员不会向您索要，请不要告诉任何人。`
  if (!(await gateway.send(phone, text))) return refuse({ code: 'sms_not_sent' })
  return ok({ phone: maskPhone(phone), until: until.toISOString() })
}

/** Takes a code that came by SMS: the newest, of this sign-in, young, once. */
export const takeSmsCode = async (tx: Tx, ctx: OwnContext, code: string): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    update network.sms_code set used_at = ${ctx.at}
     where office_id = ${tx.office} and used_at is null and expires_at > ${ctx.at} and code_hash = ${hashOf(ctx, code)}
       and id = (select id from network.sms_code
                  where office_id = ${tx.office} and actor_kind = ${ctx.actor.kind} and actor_id = ${ctx.actor.id}
                  order by sent_at desc, id desc limit 1)`.execute(tx.q)
  return numAffectedRows === 1n
}
