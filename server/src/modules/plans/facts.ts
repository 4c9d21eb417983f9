/** What happened, as figures, dates and codes: fen for money. A field that is absent is not known, which is not zero. */
export interface Facts {
  readonly kind: string
  readonly dates: Readonly<Record<string, string>>
  /** raw fields of the bill in fen */
  readonly bill?: Readonly<Record<string, number>>
  readonly days?: Readonly<Record<string, number>>
  /** diagnosis, severity, operation, grade, cause … as codes, several at once as a list; hospital_level as a number */
  readonly codes?: Readonly<Record<string, string | number | readonly string[]>>
}

export interface CoverTerms {
  readonly coverId: number
  readonly from: string
  readonly until: string
  readonly shares: number
  readonly option?: string | null
  readonly continuous: boolean
  /** covered by this plan at any time before; where it is not known, as continuous says */
  readonly coveredBefore?: boolean
  readonly unitKind?: string | null
}

/** What is known of the person herself; the rest of her are facts of the event. */
export interface PersonFacts {
  readonly sex?: 'F' | 'M' | null
  readonly bornOn?: string | null
}

/** A benefit decided before for the same person, as later claims count it. One that paid nothing may still count. */
export interface Earlier {
  readonly coverId: number
  readonly plan: string
  readonly part: string
  readonly eventKey: string
  readonly keyOn: string
  readonly benefitFen: number
  readonly base?: number
  readonly days?: Readonly<Record<string, number>>
  readonly paidDays?: number
  /** the first day of the stay, and what caused it: stays of one cause may be judged together */
  readonly startedOn?: string | null
  readonly cause?: string | null
  /** whose benefit it was where it is once a child, a household or a home */
  readonly beneficiary?: string | null
  readonly barsIllness?: string | null
  readonly endsCover: boolean
  readonly endsParts?: readonly string[]
}

export interface Case {
  readonly cover: CoverTerms
  readonly event: Facts
  readonly eventKey: string
  readonly earlier: readonly Earlier[]
  readonly person?: PersonFacts
}

export interface Reason {
  readonly code:
    | 'outside_cover'
    | 'cover_ended'
    | 'part_ended'
    | 'excluded'
    | 'condition_not_met'
    | 'in_waiting_period'
    | 'illness_paid_before'
    | 'claims_used_up'
    | 'paid_under_other_part'
    | 'paid_under_other_plan'
    | 'amount_awaited'
    | 'figure_unknown'
    | 'choice_out_of_range'
    | 'amount_too_large'
    | 'nothing_left'
    | 'nothing_payable'
  readonly clause: string
  readonly facts: Readonly<Record<string, string | number>>
}

// Stands outside on purpose: our loader gives a function its name each time it is made, which costs more than the counting.
const digit = (on: string, at: number): number => on.charCodeAt(at) - 48

/** Day of a civil date counted from 1 March 0000 (Hinnant's days_from_civil): no Date object for each of a million claims. */
export const dayCount = (on: string): number => {
  let year = digit(on, 0) * 1_000 + digit(on, 1) * 100 + digit(on, 2) * 10 + digit(on, 3)
  const month = digit(on, 5) * 10 + digit(on, 6)
  const day = digit(on, 8) * 10 + digit(on, 9)
  if (month <= 2) year -= 1
  const era = Math.floor(year / 400)
  const ofEra = year - era * 400
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear
}
