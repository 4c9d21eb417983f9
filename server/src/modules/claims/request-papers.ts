import { assert } from '#kernel/assert.ts'
import { addDays } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { editionById } from '#modules/plans/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import { type EventRow, eventInReach, itemInReach, itemsOfEvent } from './store.ts'

/** days to hand in what is missing; set by us, to be checked */
const daysToHandIn = 30

/** Which papers the open items of an event still need, over all of them. */
export const papersMissing = async (tx: Tx, ctx: Context, event: EventRow): Promise<string[]> => {
  const there = new Set(event.papers.map((paper) => paper.kind))
  const needed = new Set<string>()
  for (const summary of await itemsOfEvent(tx, tx.office, event.id)) {
    if (!['opened', 'reviewed'].includes(summary.stage)) continue
    const item = await itemInReach(tx, ctx, summary.id)
    if (item?.proposal.refused && !item.lastFacts) continue
    const adopted = item && (await editionById(tx, item.editionId))
    assert(!item || adopted, 'an item has an adopted edition')
    for (const kind of adopted?.edition.parts.find((part) => part.id === summary.part)?.papers ?? [])
      if (!there.has(kind)) needed.add(kind)
  }
  return [...needed].sort()
}

/** What is missing is asked for once, all together (一次性告知); a second request for the same event is refused. */
export const requestPapers = (
  ctx: Context,
  input: { eventId: number },
): Promise<Result<{ kinds: string[]; until: string }>> =>
  transact(
    ctx,
    'claims.request-papers',
    async (tx) => {
      const event = await eventInReach(tx, ctx, input.eventId)
      if (!event) return refuse({ code: 'claim_not_found' })
      if (event.asked) return refuse({ code: 'papers_asked_before' })
      const kinds = await papersMissing(tx, ctx, event)
      if (kinds.length === 0) return refuse({ code: 'nothing_missing' })
      const until = addDays(ctx.today, daysToHandIn)
      const added = await tx.q
        .insertInto('claims.papers_request')
        .values({
          office_id: tx.office,
          event_id: event.id,
          kinds,
          hand_in_until: until,
          asked_by: ctx.actor.id,
          asked_on: ctx.today,
        })
        .onConflict((same) => same.doNothing())
        .executeTakeFirst()
      return added.numInsertedOrUpdatedRows === 0n ? refuse({ code: 'papers_asked_before' }) : ok({ kinds, until })
    },
    { object: `event:${input.eventId}` },
  )
