import { addDays, type CivilDate, day } from '#kernel/days.ts'
import { yuan } from '#kernel/money.ts'
import { type Assessment, assess } from './assess.ts'
import type { Edition } from './edition.ts'
import type { Case } from './facts.ts'

/** What she may like to know beside the decision: what is left of a limit, and what another day would have given. */
export interface Counterfactual {
  readonly text: string
  readonly clause: string
}

/** What is left of each limit after this benefit, and, where waiting decided, what the first day after it would have given. */
export const counterfactuals = (edition: Edition, facts: Case, assessment: Assessment): Counterfactual[] => {
  const told: Counterfactual[] = []
  for (const { step, inputs, parameters, result, clause } of assessment.workings) {
    const [limit] = parameters
    if (step === 'at_most' && limit) {
      const left = Math.max(0, (inputs.left ?? 0) - result)
      told.push({ text: `${limit.about}：这次之后还剩 ${yuan(left)} 元`, clause })
    }
  }
  const part = edition.parts.find((each) => each.id === assessment.part)
  const most = part?.claims_most
  if (part && most && (assessment.benefitFen > 0 || assessment.refused?.code === 'claims_used_up')) {
    const used = facts.earlier.filter(
      (each) =>
        each.plan === edition.plan &&
        each.part === part.id &&
        each.benefitFen > 0 &&
        (most.within !== 'cover' || each.coverId === facts.cover.coverId),
    ).length
    const value = edition.values[most.value]
    const limit = value?.dated.filter((each) => each.from <= (assessment.keyOn ?? '')).at(-1) ?? value?.dated[0]
    if (limit && typeof limit.value === 'number')
      told.push({
        text: `${value?.about}：这次之后还可申领 ${Math.max(0, limit.value - used - (assessment.benefitFen > 0 ? 1 : 0))} 次`,
        clause: most.clause ?? part.clause,
      })
  }
  const through = assessment.refused?.code === 'in_waiting_period' ? Number(assessment.refused.facts.through) : null
  if (part && through !== null) {
    const after = addDays(day(facts.cover.from), through) as CivilDate
    const dates = Object.fromEntries(Object.keys(facts.event.dates).map((name) => [name, after]))
    const later = assess(edition, { ...facts, event: { ...facts.event, dates: { ...facts.event.dates, ...dates } } })
    const then = later.find((each) => each.part === part.id)
    if (then && then.missing.length === 0)
      told.push({
        text: `如果发生在等待期满的第一天（${after}），按条款是 ${yuan(then.benefitFen)} 元`,
        clause: assessment.refused?.clause ?? part.clause,
      })
  }
  return told
}
