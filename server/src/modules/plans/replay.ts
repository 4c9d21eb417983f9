import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Assessment, assess, engine } from './assess.ts'
import { compile } from './edition.ts'
import type { Case } from './facts.ts'

/** The auditor's record of one decision, whole in itself: every input, the edition's text, the engine, the workings. */
export interface DecisionRecord {
  readonly kind: 'tongzhou-decision/1'
  readonly engine: string
  readonly edition: { readonly sha256: string; readonly text: string; readonly clauses: string }
  readonly case: Case
  readonly part: string
  readonly benefitFen: number
  readonly workings: Assessment['workings']
  readonly refused: Assessment['refused']
}

export const recordOfDecision = (
  edition: DecisionRecord['edition'],
  facts: Case,
  decided: Pick<DecisionRecord, 'part' | 'benefitFen' | 'workings' | 'refused'>,
): DecisionRecord => ({
  kind: 'tongzhou-decision/1',
  engine,
  edition,
  case: facts,
  part: decided.part,
  benefitFen: decided.benefitFen,
  workings: decided.workings,
  refused: decided.refused,
})

export interface Replayed {
  readonly same: boolean
  readonly benefitFen: number
  /** each thing that came out otherwise: the amount, a step, the reason */
  readonly differences: readonly string[]
  readonly assessment: Assessment
}

/** Judges a recorded decision again from its own inputs, and says whether it comes out to the fen and step by step. */
export const replay = (record: DecisionRecord): Result<Replayed, Refused> => {
  if (record.engine !== engine) return refuse({ code: 'engine_unknown', engine: record.engine, ours: engine })
  const edition = compile(record.edition.text, record.edition.clauses)
  if (!edition.ok) return edition
  const assessment = assess(edition.value, record.case).find((each) => each.part === record.part)
  if (!assessment) return refuse({ code: 'part_unknown', part: record.part })
  const differences: string[] = []
  if (assessment.benefitFen !== record.benefitFen)
    differences.push(`金额：记录 ${record.benefitFen} 分，重算 ${assessment.benefitFen} 分`)
  const steps = Math.max(assessment.workings.length, record.workings.length)
  for (let i = 0; i < steps; i += 1)
    if (canonical(assessment.workings[i]) !== canonical(record.workings[i])) differences.push(`第 ${i + 1} 步不同`)
  if (canonical(assessment.refused) !== canonical(record.refused)) differences.push('理由不同')
  return ok({ same: differences.length === 0, benefitFen: assessment.benefitFen, differences, assessment })
}

/** The same value is the same text, whatever the order its keys were stored in. */
const canonical = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, each: unknown) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each === Number.POSITIVE_INFINITY
        ? null
        : each,
  )
