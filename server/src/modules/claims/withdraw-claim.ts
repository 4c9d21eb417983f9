import { ok, type Result, refuse } from '#kernel/result.ts'
import { freeOccurrence, lockedBenefitsOf } from '#modules/membership/index.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { announce } from '#platform/jobs/index.ts'
import { officesConcerned } from './offices-concerned.ts'
import { eventInReach, filedBy, itemsOfEvent, stagesElsewhere } from './store.ts'

/** The items of an event end as withdrawn; one that was decided meanwhile stays decided. Tells how many ended. */
export const withdrawItems = async (
  tx: Tx,
  ctx: Context,
  eventOfficeId: number,
  eventId: number,
): Promise<number[]> => {
  const { rows } = await sql<{ itemId: number }>`
    insert into claims.item_end (office_id, item_id, how, ended_on)
    select office_id, id, 'withdrawn', ${ctx.today} from claims.item
     where office_id = ${tx.office} and event_office_id = ${eventOfficeId} and event_id = ${eventId}
    on conflict do nothing returning item_id as "itemId"`.execute(tx.q)
  return rows.map((row) => row.itemId)
}

/** A member may withdraw until the first decision; so may the officer who filed for her. It may then be told again. */
export const withdrawClaim = (ctx: Context, input: { eventId: number }): Promise<Result<{ items: number }>> =>
  transact(
    ctx,
    'claims.withdraw',
    async (tx) => {
      const event = await eventInReach(tx, ctx, input.eventId)
      if (!event) return refuse({ code: 'claim_not_found' })
      const own = ctx.actor.kind === 'member' ? event.personId === ctx.actor.id : filedBy(event, ctx.actor)
      if (!own) return refuse({ code: 'only_member_withdraws' })
      // With the person locked, as every decision about her is: else another office could decide its item while she takes
      // the event back, and she could tell it again and be paid twice.
      const benefits = await lockedBenefitsOf(tx, event.personId)
      const decidedElsewhere =
        benefits.some((each) => each.eventOfficeId === tx.office && each.eventId === event.id) ||
        (await stagesElsewhere(tx, event.id)).some((each) => ['decided', 'paid'].includes(each.stage))
      if (decidedElsewhere) return refuse({ code: 'already_decided' })
      const items = await itemsOfEvent(tx, tx.office, event.id)
      if (items.some((item) => ['granted', 'refused', 'paid'].includes(item.stage)))
        return refuse({ code: 'already_decided' })
      const ended = await withdrawItems(tx, ctx, tx.office, event.id)
      if (ended.length < items.filter((item) => item.stage !== 'withdrawn').length)
        return refuse({ code: 'already_decided' })
      await freeOccurrence(tx, event.personId, event.id)
      for (const office of await officesConcerned(tx, event.personId, event.facts))
        await announce(tx, {
          kind: 'claims.withdrawn',
          office,
          at: ctx.at,
          payload: { eventOfficeId: tx.office, eventId: event.id },
        })
      return ok({ items: ended.length })
    },
    { object: `event:${input.eventId}` },
  )
