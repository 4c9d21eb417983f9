import { day } from '#kernel/days.ts'
import { type Assessment, assess } from './assess.ts'
import { earlierOf } from './check-space.ts'
import type { Case } from './facts.ts'
import type { PartText } from './language.ts'
import { Probe } from './probe.ts'
import type { PlanFile } from './read-plan.ts'
import { type DecisionRecord, recordOfDecision } from './replay.ts'
import type { Tried } from './try-plan.ts'

/** A decision as it is kept for the tests: the auditor's record, its edition's text by the fingerprint alone. */
export type KeptDecision = Omit<DecisionRecord, 'edition'> & { readonly edition: string }
/** The text of an edition that kept decisions cite, once. */
export interface KeptEdition {
  readonly sha256: string
  readonly plan: string
  readonly text: string
  readonly clauses: string
}

const mostOfEdition = 30
const mostOfKind = 6

/**
 * Decisions of an edition that are worth keeping, at most thirty: of its examples and of cases that a probe reaches, for each part
 * a few that pay and one of each reason why not. They are replayed in every test run: whoever changes what a step means
 * is told which old decision comes out otherwise.
 */
export const decisionsWorthKeeping = (file: PlanFile, tried: readonly Tried[]): KeptDecision[] => {
  const { edition, sha256 } = file
  const kept: KeptDecision[] = []
  const seen = new Map<string, number>()
  const take = (facts: Case, made: Assessment) => {
    if (made.missing.length > 0 || kept.length >= mostOfEdition) return
    const kind = `${made.part} ${made.refused?.code ?? `pays ${made.workings.map((record) => record.step).join()}`}`
    const times = seen.get(kind) ?? 0
    if (times >= (made.refused ? 1 : mostOfKind)) return
    seen.set(kind, times + 1)
    const { edition: _, ...record } = recordOfDecision({ sha256, text: '', clauses: '' }, facts, made)
    kept.push({ ...record, edition: sha256 })
  }
  for (const { case: facts, parts } of tried) if (facts) for (const made of parts) take(facts, made)
  const probe = new Probe(edition, 4_000)
  const judgeAll = (facts: Case) => {
    const made = assess(edition, facts)
    for (const each of made) take(facts, each)
  }
  const option = (part: PartText) => part.options?.[0] ?? edition.fee.options[0] ?? null
  const edges = [...probe.words.amounts].flatMap((edge) => [edge, edge + 1]).slice(0, 12)
  for (const part of edition.parts)
    for (const kind of part.events)
      probe.reach(
        part,
        probe.start(kind, day(edition.in_force.from), option(part), 200),
        60,
        ({ case: facts, own }) => {
          judgeAll(facts)
          if (own.benefitFen === 0) return
          // The next claim of the same cover, after this one: limits, what ends, what never pays again.
          judgeAll({ ...facts, eventKey: 'next', earlier: [earlierOf(edition, facts, own, 'this')] })
          for (const field of Object.keys(facts.event.bill ?? {}))
            for (const amount of edges) judgeAll(probe.with(facts, `bill.${field}`, amount))
        },
      )
  return kept
}
