import type { Forget } from '#contract/privacy.ts'
import { addMonths, day } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { emptyRosterRows } from '#modules/enrolment/index.ts'
import { emptyMember } from '#modules/membership/index.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { destroyMemberKey } from '#platform/vault/index.ts'
import { memberInReach } from './reveal.ts'

/**
 * A member's key is destroyed in this office, and her name and number are emptied: payee, account, words and papers open
 * for nobody any more. Figures, days, codes and decisions stay. Refused while anything is open, or must still be kept.
 */
export const forget = (ctx: Context, input: Forget & { memberNumber: string }): Promise<Result<{ forgotten: true }>> =>
  transact(
    ctx,
    'privacy.forget',
    async (tx) => {
      const personId = await memberInReach(tx, ctx, input.memberNumber)
      if (personId === null) return refuse({ code: 'member_not_found' })
      // Whoever decides about her, or files for her, waits.
      await sql`select from membership.person where id = ${personId} for no key update`.execute(tx.q)
      const { rows } = await sql<{
        forgotten: boolean
        coveredUntil: string | null
        openMoney: boolean
        lastDecided: string | null
        months: number | null
        source: string | null
      }>`
        select exists (select from privacy.forgotten f where f.office_id = ${tx.office} and f.person_id = ${personId}) as forgotten,
          (select max(until_on) from membership.person_cover c where c.office_id = ${tx.office} and c.person_id = ${personId}
              and c.until_on > ${ctx.today}::date) as "coveredUntil",
          exists (select from claims.item i where i.office_id = ${tx.office} and i.person_id = ${personId}
              and not exists (select from claims.item_end e where e.office_id = i.office_id and e.item_id = i.id))
            or exists (select from payments.due d where d.office_id = ${tx.office} and d.person_id = ${personId}
              and not exists (select from payments.outcome o where o.office_id = d.office_id and o.due_id = d.id and o.outcome = 'paid'))
            as "openMoney",
          (select max(d.decided_on) from claims.item i join claims.decision d on d.office_id = i.office_id and d.item_id = i.id
            where i.office_id = ${tx.office} and i.person_id = ${personId}) as "lastDecided",
          r.months, r.source
          from (select 1) one left join lateral (
            select months, source from privacy.retention where kind = 'claim' and from_on <= ${ctx.today}::date
             order by from_on desc limit 1) r on true`.execute(tx.q)
      const found = rows[0]
      if (!found || found.forgotten) return refuse({ code: 'already_forgotten' })
      if (found.coveredUntil) return refuse({ code: 'forgetting_open_cover', until: found.coveredUntil })
      if (found.openMoney) return refuse({ code: 'forgetting_open_money' })
      const until = found.lastDecided && found.months ? addMonths(day(found.lastDecided), found.months) : null
      if (until && until > ctx.today) return refuse({ code: 'forgetting_too_early', until, source: found.source })
      await destroyMemberKey(tx, personId)
      await emptyMember(tx, personId)
      await emptyRosterRows(tx, personId)
      await sql`
        insert into privacy.forgotten (office_id, person_id, by_staff, reason, forgotten_at)
        values (${tx.office}, ${personId}, ${ctx.actor.id}, ${input.reason}, ${ctx.at})`.execute(tx.q)
      return ok({ forgotten: true })
    },
    { object: `member:${input.memberNumber}`, reason: input.reason },
  )
