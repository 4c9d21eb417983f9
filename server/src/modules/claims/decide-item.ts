import { assert } from '#kernel/assert.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { benefitPayable, post } from '#modules/ledger/index.ts'
import { addingBenefit, benefitsOf } from '#modules/membership/index.ts'
import { dutiesUnder, stopRefusal } from '#modules/network/index.ts'
import { addingDue } from '#modules/payments/index.ts'
import { assess, editionById, engine, factName } from '#modules/plans/index.ts'
import { type Context, transact } from '#platform/database/index.ts'
import { announcing } from '#platform/jobs/index.ts'
import {
  changedSince,
  contradicts,
  contradictsDecided,
  decidedBeside,
  inTheWay,
  letterKind,
  mayDecideAt,
  objection,
  papersFor,
  partFor,
} from './claim.ts'
import { barredFrom, keepsOff } from './own-claims.ts'
import { caseOf } from './review-item.ts'
import { addDecision, lockedItem } from './store.ts'

export interface Decided {
  readonly outcome: 'granted' | 'refused'
  readonly benefitFen: number
  readonly letter: string
}

/**
 * The last level decides: the benefit is worked out on the facts as reviewed and on everything decided for her until now,
 * with the person locked. Decision, letter, what limits count, what is due, and its entry in the books: all or none.
 */
export const decideItem = (
  ctx: Context,
  input: { itemId: number; seenFen?: number | null | undefined; reason?: string | undefined },
): Promise<Result<Decided>> =>
  transact(
    ctx,
    'claims.decide',
    async (tx) => {
      const item = await lockedItem(tx, ctx, input.itemId)
      if (!item) return refuse({ code: 'item_not_found' })
      const duties = await dutiesUnder(tx, ctx, item.plan)
      const off = await keepsOff(tx, duties)
      const barred = barredFrom(off, item)
      if (barred) return refuse(barred)
      if (duties.stoppedBecause) return refuse(stopRefusal('plan', duties.stoppedBecause))
      const adopted = await editionById(tx, item.editionId)
      assert(adopted, 'an item has an adopted edition')
      const { edition } = adopted
      const facts = item.lastFacts ?? item.facts
      const benefits = await benefitsOf(tx, item.personId)
      const judgedBy = caseOf(item, facts, benefits)
      const judged = assess(edition, judgedBy)
      const decided = decidedBeside(item, benefits)
      const assessment = partFor(judged, item, decided)
      const part = assessment && edition.parts.find((each) => each.id === assessment.part)
      assert(assessment && part, 'an item is of a part of its edition')

      const obstacle = inTheWay(item, ctx.actor.id, papersFor(assessment))
      if (obstacle) return refuse(obstacle)
      const contradictory = contradictsDecided(decided, judged)
      if (contradictory) return refuse(contradictory)
      if (item.reviewedBy.length < item.levels - 1) return refuse({ code: 'not_ready_to_decide' })
      if (!mayDecideAt(part.reviews.decides, ctx.actor.role))
        return refuse({ code: 'not_this_level', who: '办事处决定人' })
      if (assessment.missing.length > 0)
        return refuse({
          code: 'facts_missing',
          facts: assessment.missing.map(factName).join('、'),
          missing: assessment.missing,
        })
      const changed = changedSince(input.seenFen, assessment.benefitFen)
      if (changed) return refuse(changed)
      const contradicted =
        assessment.benefitFen > 0 && !input.reason ? contradicts(item.unitSays, item.terms.from) : null
      if (contradicted) return refuse(contradicted)
      const limitFen = duties.limitFor(part.id)
      if (limitFen !== null && assessment.benefitFen > limitFen)
        return refuse({
          code: 'above_your_limit',
          yuan: (assessment.benefitFen / 100).toFixed(2),
          limitYuan: (limitFen / 100).toFixed(2),
        })

      const number = `JD${ctx.today.slice(0, 4)}-${tx.office}-${item.id}`
      const outcome = assessment.benefitFen > 0 ? 'granted' : 'refused'
      // What reached the steps counts for later claims (a first stay below its deductible is still the first), paid or not.
      const counted = assessment.counts
        ? [
            addingBenefit(tx, {
              personId: item.personId,
              itemId: item.id,
              coverId: item.coverId,
              plan: item.plan,
              editionId: item.editionId,
              part: part.id,
              eventOfficeId: item.eventOfficeId,
              eventId: item.eventId,
              keyOn: assessment.keyOn ?? ctx.today,
              decidedOn: ctx.today,
              benefitFen: assessment.benefitFen,
              carried: {
                base: assessment.base,
                days: assessment.days,
                paidDays: assessment.paidDays,
                startedOn: facts.dates.admission ?? null,
                cause: facts.codes.same_cause ?? null,
                beneficiary: facts.codes.beneficiary ?? null,
                endsParts: assessment.endsParts,
              },
              barsIllness: assessment.barsIllness,
              endsCover: assessment.endsCover,
            }),
          ]
        : []
      const due =
        outcome === 'granted'
          ? [
              await addingDue(tx, {
                itemId: item.id,
                personId: item.personId,
                unitId: item.unitId,
                plan: item.plan,
                fund: edition.fund,
                amountFen: assessment.benefitFen,
                payeeKind: part.payee === 'union_account' ? 'union_account' : item.payeeKind,
                payeeNameSealed: item.payeeNameSealed,
                accountSealed: item.accountSealed,
                bankBranch: item.bankBranch,
                notice: edition.notice?.when ?? 'after',
                nameInNotice: item.nameInNotice,
                dueOn: ctx.today,
              }),
            ]
          : []
      const decision = {
        item,
        part: part.id,
        assessment,
        inputs: { case: judgedBy, part: part.id },
        editionSha256: adopted.sha256,
        engine,
        letter: { number, kind: letterKind(assessment, item.proposedFen), ...objection(edition, ctx.today) },
      }
      const told =
        item.eventOfficeId === tx.office
          ? []
          : [
              await announcing(tx, {
                kind: 'claims.stage',
                office: item.eventOfficeId,
                at: ctx.at,
                payload: { eventId: item.eventId, itemId: item.id, stage: 'decided' },
              }),
            ]
      if (!(await addDecision(tx, ctx, off, decision, [...counted, ...due, ...told])))
        return refuse({ code: 'item_already_ended', how: '作出决定或撤回' })
      if (outcome === 'granted') {
        const booked = await post(
          tx,
          benefitPayable({
            reference: String(item.id),
            on: ctx.today,
            fund: edition.fund,
            amountFen: assessment.benefitFen,
            itemId: item.id,
          }),
        )
        if (!booked.ok) return booked
      }
      return ok({ outcome, benefitFen: assessment.benefitFen, letter: number } as const)
    },
    { object: `item:${input.itemId}`, ...(input.reason ? { reason: input.reason } : {}) },
  )
