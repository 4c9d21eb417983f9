import { ok, type Result, refuse } from '#kernel/result.ts'
import { isTold } from '#modules/membership/index.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { announce } from '#platform/jobs/index.ts'
import { officesConcerned } from './offices-concerned.ts'
import { addPaper, eventInReach, filedBy } from './store.ts'

/** A paper of an event is handed in once, wherever its items are decided: those offices get its row too. */
export const handInPaper = async (
  ctx: Context,
  input: { eventId: number; kind: string; paper: Buffer },
): Promise<Result<{ paperId: number; seenBefore: boolean }>> => {
  const paper = await ctx.services.files.receive(input.paper)
  if (!paper.ok) return paper
  const paperId = await ctx.db.ids.take()
  const handingIn = async (tx: Tx): Promise<Result<{ paperId: number; seenBefore: boolean }>> => {
    const event = await eventInReach(tx, ctx, input.eventId)
    if (!event) return refuse({ code: 'claim_not_found' })
    if (ctx.actor.role === 'unit_officer' && !filedBy(event, ctx.actor)) return refuse({ code: 'claim_not_found' })
    if (!(await isTold(tx, event.personId, event.id))) return refuse({ code: 'claim_withdrawn' })
    const file = await ctx.services.files.store(tx, ctx, paper.value, event.personId)
    // The same scan under another event is worth a look (a document used twice); it is told, not refused.
    const { rows } = await sql`
      select from platform.file f join claims.paper p on p.office_id = f.office_id and p.file_id = f.id
       where f.office_id = ${tx.office} and f.content_hash = ${file.contentHash} and (p.event_office_id, p.event_id) <> (${tx.office}, ${event.id}) limit 1`.execute(
      tx.q,
    )
    await addPaper(tx, {
      eventOfficeId: tx.office,
      eventId: event.id,
      id: paperId,
      kind: input.kind,
      fileId: file.id,
      at: ctx.at,
    })
    const offices = await officesConcerned(tx, event.personId, event.facts)
    const copy = offices.length > 0 ? await ctx.services.files.handOver(tx, file.id) : undefined
    for (const office of offices) {
      await announce(tx, {
        kind: 'claims.paper',
        office,
        at: ctx.at,
        payload: {
          eventOfficeId: tx.office,
          eventId: event.id,
          paperId,
          kind: input.kind,
          fileId: file.id,
          personId: event.personId,
          file: copy,
        },
      })
    }
    return ok({ paperId, seenBefore: rows.length > 0 })
  }
  return transact(ctx, 'claims.hand-in-paper', handingIn, { object: `paper:${paperId}` })
}
