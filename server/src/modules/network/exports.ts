import { ok, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'

/** How she who asks is signed in. */
export interface AtHand {
  readonly sessionId: number
  readonly secondStepDone: boolean
}

/**
 * Whether a sheet of people may leave: after a second step; of the officer's own unit also where she is signed in on a device
 * that is known to be hers. Refused: second_step_needed, device_unknown.
 */
export const mayExport = async (tx: Tx, ctx: Context, { sessionId, secondStepDone }: AtHand): Promise<Result<null>> => {
  if (secondStepDone) return ok(null)
  if (ctx.actor.place?.kind !== 'unit') return refuse({ code: 'second_step_needed' })
  const { rows } = await sql`
    select from platform.session where office_id = ${tx.office} and id = ${sessionId} and device_id is not null`.execute(
    tx.q,
  )
  return rows.length > 0 ? ok(null) : refuse({ code: 'device_unknown' })
}
