import type { ReviewItem } from '#contract/claims.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { benefitsOf } from '#modules/membership/index.ts'
import { dutiesUnder } from '#modules/network/index.ts'
import { type Assessment, assess, type Case, type Edition, editionById, factName } from '#modules/plans/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import { changedSince, earlierFrom, inTheWay, papersFor } from './claim.ts'
import { barredFrom, keepsOff } from './own-claims.ts'
import { addReview, type ItemRow, lockedItem } from './store.ts'

/** The part that the facts support: the item's own if it pays, else the one that does, so that a reviewer may grade upward. */
export const partFor = (judged: readonly Assessment[], claimed: string): Assessment | undefined => {
  const own = judged.find((each) => each.part === claimed)
  if (own && (own.benefitFen > 0 || own.missing.length > 0)) return own
  return judged.find((each) => each.benefitFen > 0) ?? own
}

/** What an item is judged by: the cover's terms, the facts as last reviewed, and the person's history as it is now. */
export const caseOf = (item: ItemRow, facts: ItemRow['facts'], benefits: Parameters<typeof earlierFrom>[0]): Case => ({
  cover: item.terms,
  event: facts,
  eventKey: `${item.eventOfficeId}/${item.eventId}`,
  earlier: earlierFrom(benefits),
  person: item.person,
})

/** What an open item comes to as it stands: on the facts as last reviewed and all that was decided for her until now. */
export const standing = async (
  tx: Tx,
  item: ItemRow,
  edition: Edition,
): Promise<{ judgedBy: Case; proposal: Assessment }> => {
  const judgedBy = caseOf(item, item.lastFacts ?? item.facts, await benefitsOf(tx, item.personId))
  const now = item.ended ? undefined : partFor(assess(edition, judgedBy), item.lastPart ?? item.part)
  return { judgedBy, proposal: now ?? item.proposal }
}

/** One level's review: the item passes as it is, or is re-graded with a reason on facts the papers show; upward too. */
export const reviewItem = (
  ctx: Context,
  input: ReviewItem & { itemId: number },
): Promise<Result<{ level: number; part: string; proposedFen: number | null }>> =>
  transact(
    ctx,
    'claims.review',
    async (tx) => {
      const item = await lockedItem(tx, ctx, input.itemId)
      if (!item) return refuse({ code: 'item_not_found' })
      const off = await keepsOff(tx, await dutiesUnder(tx, ctx, item.plan))
      const barred = barredFrom(off, item)
      if (barred) return refuse(barred)
      const adopted = await editionById(tx, item.editionId)
      assert(adopted, 'an item has an adopted edition')
      const level = item.reviewedBy.length + 1
      if (!item.ended && level >= item.levels) return refuse({ code: 'not_this_level', who: '决定人' })
      if (input.verdict === 'regrade' && (!input.facts || (input.reason ?? '').length < 4))
        return refuse({ code: 'reason_needed' })
      const facts =
        input.verdict === 'regrade' && input.facts
          ? { ...input.facts, dates: { ...input.facts.dates, application: item.facts.dates.application ?? ctx.today } }
          : null
      const judged = assess(
        adopted.edition,
        caseOf(item, facts ?? item.lastFacts ?? item.facts, await benefitsOf(tx, item.personId)),
      )
      const proposal = partFor(judged, item.lastPart ?? item.part)
      if (!proposal) return refuse({ code: 'facts_missing', facts: '事件类型', missing: ['kind'] })
      const obstacle = inTheWay(item, ctx.actor.id, papersFor(proposal))
      if (obstacle) return refuse(obstacle)
      if (proposal.missing.length > 0)
        return refuse({
          code: 'facts_missing',
          facts: proposal.missing.map(factName).join('、'),
          missing: proposal.missing,
        })
      const changed = input.verdict === 'pass' ? changedSince(input.seenFen, proposal.benefitFen) : null
      if (changed) return refuse(changed)
      const part = proposal.part === item.part ? null : proposal.part
      const added = await addReview(tx, ctx, item, level, off, {
        verdict: input.verdict,
        facts,
        part,
        reason: input.reason ?? null,
      })
      if (!added) return refuse({ code: 'item_already_ended', how: '由他人审核' })
      return ok({ level, part: proposal.part, proposedFen: proposal.benefitFen })
    },
    { object: `item:${input.itemId}`, ...(input.reason ? { reason: input.reason } : {}) },
  )
