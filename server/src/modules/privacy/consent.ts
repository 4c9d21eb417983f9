import type { GiveConsent } from '#contract/privacy.ts'
import { ok, type Result } from '#kernel/result.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'

/** What she is told when she agrees; kept with her answer. Wordings set by us, to be checked. */
const wordings = {
  settlement_data: '同意互助会向医保部门查询本人的结算数据，用于免申即享；可随时撤回，撤回不影响此前的给付。',
  text_messages: '同意接收办理进度的短信；可随时撤回。',
  surveys: '同意参加需求调查；可随时撤回。',
} as const

/** A member agrees to a purpose, or takes it back; the newest row holds. */
export const giveConsent = (ctx: Context, input: GiveConsent): Promise<Result<GiveConsent>> =>
  transact(ctx, 'privacy.consent', async (tx) => {
    await sql`
      insert into privacy.consent (office_id, id, person_id, purpose, given, wording, told_at)
      values (${tx.office}, ${await tx.ids.take()}, ${ctx.actor.id}, ${input.purpose}, ${input.given}, ${wordings[input.purpose]}, ${ctx.at})`.execute(
      tx.q,
    )
    return ok(input)
  })
