import { type Judged, portionOf, traced } from './judge.ts'
import type { Op, Parameter } from './program.ts'

/** One step of the working: what went in, by which figures, what came out (fen). The benefit is the last record's result. */
export interface Record_ {
  readonly step: string
  readonly clause: string
  readonly inputs: Readonly<Record<string, number>>
  readonly parameters: readonly Parameter[]
  readonly slices?: readonly {
    readonly over: number
    readonly to: number
    readonly part: number
    readonly rate: number
    readonly gives: number
  }[]
  readonly result: number
}

/** The records of a judged part, made from its trace alone: the same numbers in words a person or an auditor can follow. */
export const recordsOf = (judged: Judged): Record_[] => {
  const records: Record_[] = judged.ops.map((op, i) => {
    const [a, b, c, result] = traced(judged.trace, i)
    const record = {
      step: op.kind,
      clause: op.clause,
      inputs: inputsOf(op, a, b, c),
      parameters: allParameters(op),
      result,
    }
    return op.kind === 'bands' ? { ...record, slices: slicesOf(op, a) } : record
  })
  if (judged.gathered) {
    const { whole, paid, claims } = judged.gathered
    records.push({
      step: 'less_paid_before',
      clause: judged.part.text.clause,
      inputs: { amount: whole, paid_before: paid, claims },
      parameters: [],
      result: judged.benefitFen,
    })
  }
  return records
}

const allParameters = (op: Op): readonly Parameter[] =>
  op.base && op.base.parameters.length > 0 ? [...op.parameters, ...op.base.parameters] : op.parameters

const inputsOf = (op: Op, a: number, b: number, c: number): Record<string, number> => {
  const base = op.base?.name ?? 'amount'
  switch (op.kind) {
    case 'amount':
    case 'table':
      return {}
    case 'bands':
    case 'bracket':
    case 'from':
      return { [base]: a }
    case 'rate_of_band':
    case 'rate':
      return { [base]: a, rate: b }
    case 'less':
      return { amount: a, less: b }
    case 'per_day':
      return { days: a, paid_days: b, per_day: c }
    case 'per_paid_day':
      return { days: a, paid_days: b }
    case 'per_share':
      return { amount: a, shares: b }
    case 'times':
      return { amount: a, times: b }
    case 'share_in_cover':
      return { amount: a, days_in_cover: b, days: c }
    case 'at_least':
      return { amount: a }
    case 'at_most':
      return { amount: a, used: b, left: c }
    case 'not_above':
      return { amount: a, [base]: b }
    case 'less_paid':
      return { amount: a, paid: b }
    case 'top_up_to':
      return { paid: b }
    default:
      return { chosen: a }
  }
}

const slicesOf = (op: Op, of: number): NonNullable<Record_['slices']> =>
  op.bands
    .filter((band) => band.over < of)
    .map(({ over, to, rate }) => {
      const part = Math.min(of, to) - over
      return { over, to: Number.isFinite(to) ? to : 0, part, rate, gives: portionOf(part, rate, 10_000, op.halfUp) }
    })
