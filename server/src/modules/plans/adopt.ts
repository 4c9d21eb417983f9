import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import type { PlanFile } from './read-plan.ts'

/**
 * Adopts an edition: its exact text and fingerprint are kept, and decisions cite that fingerprint. An edition that is
 * adopted already, with the same text, stays as it is. Refused: edition_differs, another text under a name that is adopted.
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
          .onConflict((same) => same.doNothing())
          .executeTakeFirst()
        if (added.numInsertedOrUpdatedRows === 0n && !(await isAdopted(tx, sha256)))
          return refuse({ code: 'edition_differs', title: edition.title, edition: edition.edition })
        adopted += Number(added.numInsertedOrUpdatedRows)
      }
      return ok({ adopted })
    },
    { object: files.map(({ edition }) => `edition:${edition.plan}/${edition.edition}`).join(' '), reason: resolution },
  )

const isAdopted = async (tx: Tx, sha256: string): Promise<boolean> => {
  const { rows } = await sql`select from plans.edition where sha256 = ${sha256}`.execute(tx.q)
  return rows.length > 0
}
