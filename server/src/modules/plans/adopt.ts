import { ok, type Refused, type Result } from '#kernel/result.ts'
import { type Context, transact } from '#platform/database/index.ts'
import type { PlanFile } from './read-plan.ts'

/**
 * Adopts an edition: its exact text and fingerprint are kept, and decisions cite that fingerprint. An edition that is
 * adopted already, with the same text, stays as it is; another text under the same name is refused by the key.
 */
export const adoptEditions = (
  ctx: Context,
  files: readonly PlanFile[],
  resolution: string,
): Promise<Result<{ adopted: number }, Refused>> =>
  transact(
    ctx,
    'plans.adopt',
    async (tx) => {
      let adopted = 0
      for (const { edition, text, clauses, sha256 } of files) {
        const added = await tx.q
          .insertInto('plans.edition')
          .values({
            id: await tx.ids.take(),
            plan: edition.plan,
            edition: edition.edition,
            issuer: edition.issuer,
            title: edition.title,
            text,
            clauses,
            sha256,
            missing: edition.missing,
            adopted_on: ctx.today,
            resolution,
          })
          .onConflict((same) => same.column('sha256').doNothing())
          .executeTakeFirst()
        adopted += Number(added.numInsertedOrUpdatedRows)
      }
      return ok({ adopted })
    },
    { quiet: true },
  )
