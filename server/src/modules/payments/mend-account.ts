import type { MendAccount } from '#contract/payments.ts'
import { sameName } from '#kernel/names.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, transact } from '#platform/database/index.ts'
import { sealsOf } from '#platform/vault/index.ts'

/** A failed item gets another account, with the reason; it goes into the next batch as its next attempt. */
export const mendAccount = (
  ctx: Context,
  input: MendAccount & { dueId: number },
): Promise<Result<{ forAttempt: number; isSameName: boolean | null }>> =>
  transact(
    ctx,
    'payments.mend-account',
    async (tx) => {
      const { rows } = await sql<{
        attempt: number | null
        outcome: string | null
        personId: number
        nameSealed: Buffer
      }>`
        select d.person_id as "personId", d.payee_name_sealed as "nameSealed", a.attempt, o.outcome from payments.due d
          left join payments.attempt a on a.office_id = d.office_id and a.due_id = d.id
          left join payments.outcome o on o.office_id = a.office_id and o.due_id = a.due_id and o.attempt = a.attempt
         where d.office_id = ${tx.office} and d.id = ${input.dueId} order by a.attempt desc nulls last limit 1`.execute(
        tx.q,
      )
      const last = rows[0]
      if (!last) return refuse({ code: 'due_not_found' })
      if (last.attempt === null || last.outcome !== 'failed') return refuse({ code: 'due_not_failed' })
      const seals = await sealsOf(ctx.services.vault, tx, [last.personId])
      const before = seals.open(last.personId, 'payee.name', last.nameSealed)
      const added = await tx.q
        .insertInto('payments.mended_account')
        .values({
          office_id: tx.office,
          due_id: input.dueId,
          for_attempt: last.attempt + 1,
          payee_name_sealed: seals.seal(last.personId, 'payee.name', input.name),
          account_sealed: seals.seal(last.personId, 'payee.account', input.account.replaceAll(' ', '')),
          bank_branch: input.branch,
          reason: input.reason,
          mended_by: ctx.actor.id,
          mended_on: ctx.today,
        })
        .onConflict((same) => same.doNothing())
        .executeTakeFirst()
      return added.numInsertedOrUpdatedRows === 0n
        ? refuse({ code: 'account_already_mended' })
        : ok({ forAttempt: last.attempt + 1, isSameName: before === null ? null : sameName(before, input.name) })
    },
    { object: `due:${input.dueId}`, reason: input.reason },
  )
