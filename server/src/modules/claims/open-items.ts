import { assert } from '#kernel/assert.ts'
import { coverTerms } from '#modules/enrolment/index.ts'
import type { PersonBenefit, PersonCover } from '#modules/membership/index.ts'
import { editionById } from '#modules/plans/index.ts'
import type { Context, Tx } from '#platform/database/index.ts'
import { propose } from './claim.ts'
import { addItems, type EventCopy, type NewItem } from './store.ts'

/** Makes an item of each cover of this office that an event touches: proposed with its workings, or with why not. */
export const openItems = async (
  tx: Tx,
  ctx: Context,
  event: EventCopy,
  covers: readonly PersonCover[],
  benefits: readonly PersonBenefit[],
): Promise<number[]> => {
  const items: NewItem[] = []
  for (const cover of covers) {
    const [terms, adopted] = [await coverTerms(tx, cover.coverId), await editionById(tx, cover.editionId)]
    assert(terms && adopted, 'a cover of this office has its terms and an adopted edition')
    for (const proposal of propose(
      adopted.edition,
      terms,
      event.facts,
      `${event.eventOfficeId}/${event.eventId}`,
      benefits,
      terms,
    )) {
      items.push({
        event,
        unitId: cover.unitId,
        coverId: cover.coverId,
        editionId: cover.editionId,
        plan: cover.plan,
        proposal,
      })
    }
  }
  // A cover that only speaks of other illnesses is left out where another one answers; if none does, she hears why.
  const telling = items.filter((item) => item.proposal.refused?.code !== 'condition_not_met')
  return addItems(tx, ctx, telling.length > 0 ? telling : items)
}
