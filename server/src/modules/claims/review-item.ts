import type { EventFacts, ReviewItem } from '#contract/claims.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { benefitsOf, takeOccurrence } from '#modules/membership/index.ts'
import { dutiesUnder } from '#modules/network/index.ts'
import { type Assessment, assess, type Case, type Edition, editionById, factName } from '#modules/plans/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import {
  alreadyTold,
  changedSince,
  contradictsDecided,
  decidedBeside,
  earlierFrom,
  impossibleIn,
  inTheWay,
  occurrenceOf,
  papersFor,
  partFor,
} from './claim.ts'
import { barredFrom, keepsOff } from './own-claims.ts'
import { addReview, type ItemRow, lockedItem } from './store.ts'

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
  const benefits = await benefitsOf(tx, item.personId)
  const judgedBy = caseOf(item, item.lastFacts ?? item.facts, benefits)
  const now = item.ended ? undefined : partFor(assess(edition, judgedBy), item, decidedBeside(item, benefits))
  return { judgedBy, proposal: now ?? item.proposal }
}

/** Graded facts may name another event than was told: one of hers that was claimed already is not paid under this one too. */
const takenBy = async (tx: Tx, item: ItemRow, facts: EventFacts): Promise<Refused | null> => {
  const event = occurrenceOf(facts)
  if (!event.ok) return event.refused
  const { occurrence, stay, what } = event.value
  const { personId, eventId, eventNumber: number } = item
  return alreadyTold(await takeOccurrence(tx, { personId, occurrence, stay, eventId, number }), what)
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
      const benefits = await benefitsOf(tx, item.personId)
      const decided = decidedBeside(item, benefits)
      if (!item.ended && level >= item.levels) {
        // All levels have reviewed it: once more only where it cannot be decided, for its event was paid on other facts meanwhile.
        const asItStands = assess(adopted.edition, caseOf(item, item.lastFacts ?? item.facts, benefits))
        if (!contradictsDecided(decided, asItStands)) return refuse({ code: 'not_this_level', who: '决定人' })
      }
      if (input.verdict === 'regrade' && (!input.facts || (input.reason ?? '').length < 4))
        return refuse({ code: 'reason_needed' })
      const facts =
        input.verdict === 'regrade' && input.facts
          ? { ...input.facts, dates: { ...input.facts.dates, application: item.facts.dates.application ?? ctx.today } }
          : null
      const impossible = facts && impossibleIn(facts, ctx.today)
      if (impossible) return refuse(impossible)
      const taken = facts ? await takenBy(tx, item, facts) : null
      if (taken) return refuse(taken)
      const judged = assess(adopted.edition, caseOf(item, facts ?? item.lastFacts ?? item.facts, benefits))
      const proposal = partFor(judged, item, decided)
      if (!proposal) return refuse({ code: 'facts_missing', facts: '事件类型', missing: ['kind'] })
      const contradicted = contradictsDecided(decided, judged)
      if (contradicted) return refuse(contradicted)
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
