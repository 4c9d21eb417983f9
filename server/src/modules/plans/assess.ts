import { addMonths, type CivilDate } from '#kernel/days.ts'
import { type Fen, fen, splitFen } from '#kernel/money.ts'
import type { Edition } from './edition.ts'
import type { Case, Reason } from './facts.ts'
import { type Judged, judge } from './judge.ts'
import { type Record_, recordsOf } from './workings.ts'

/** Names the steps and their meaning. A changed step is a new step; the engine's name goes into each decision. */
export const engine = 'tongzhou-steps/1'

export interface Instalment {
  readonly nth: number
  readonly dueOn: string
  readonly amountFen: Fen
}

export interface Assessment {
  readonly part: string
  readonly title: string
  readonly keyOn: string | null
  readonly benefitFen: Fen
  readonly workings: readonly Record_[]
  readonly refused: Reason | null
  /** facts that must be asked for before this part can be judged */
  readonly missing: readonly string[]
  readonly endsCover: boolean
  readonly endsParts: readonly string[]
  readonly barsIllness: string | null
  /** what later claims of the same window count from; `counts` says that they do, even where nothing was paid */
  readonly base: number
  readonly days: Readonly<Record<string, number>>
  readonly paidDays: number
  readonly counts: boolean
  readonly papers: readonly string[]
  readonly levels: number
  readonly personClass: string | null
  /** where the benefit is paid in instalments: each with its own day; for life, the first twelve */
  readonly instalments: readonly Instalment[]
  readonly forLife: boolean
  /** who bears it, in fen that make the whole */
  readonly borneBy: readonly { readonly fund: string; readonly level: string; readonly amountFen: Fen }[]
}

/**
 * Judges one event under one cover by one edition: for each benefit part that speaks of such an event, the benefit with
 * its workings, or why not, or what must be asked for. Parts are judged in the edition's order. Pure.
 */
export const assess = (edition: Edition, facts: Case): Assessment[] =>
  judge(edition, facts).map((judged) => assessmentOf(edition, facts, judged))

const shownForLife = 12

export const assessmentOf = (edition: Edition, { event }: Case, judged: Judged): Assessment => {
  const part = judged.part.text
  const illness = event.codes?.diagnosis
  const paid = judged.benefitFen > 0
  const window = judged.window >= 0 ? judged.resolved?.waiting?.windows[judged.window] : undefined
  const { schedule } = judged.resolved ?? {}
  const whole = scheduleOf(judged, part.schedule, schedule ?? null)
  return {
    part: part.id,
    title: part.title,
    keyOn: judged.keyOn,
    benefitFen: fen(whole.benefit),
    workings: recordsOf(judged),
    refused: judged.refused,
    missing: judged.missing,
    endsCover: paid && (window ? window.endsCover : (part.ends_cover?.when ?? false)),
    endsParts: paid ? (window ? window.endsParts : (part.ends_parts?.parts ?? [])) : [],
    barsIllness: paid && part.bars_illness?.when && typeof illness === 'string' ? illness : null,
    base: judged.base,
    days: event.days ?? {},
    paidDays: judged.paidDays,
    counts: judged.counts,
    papers: part.papers,
    levels: part.reviews.levels,
    personClass: judged.personClass,
    instalments: whole.instalments,
    forLife: part.schedule?.lasts === 'for_life',
    borneBy: bornBy(edition, judged, whole.benefit),
  }
}

/** The instalments of a part that pays on a schedule, and what they come to: of one for life, the first alone is decided now. */
const scheduleOf = (
  judged: Judged,
  text: Judged['part']['text']['schedule'],
  resolved: { readonly everyMonths: number; readonly times: number } | null,
): { benefit: number; instalments: Instalment[] } => {
  const amount = judged.benefitFen
  if (!text || !resolved || amount === 0 || judged.keyOn === null) return { benefit: amount, instalments: [] }
  const key = judged.keyOn as CivilDate
  const first = text.first_due === 'key_date' ? key : addMonths(`${key.slice(0, 8)}01` as CivilDate, 1)
  const times = text.lasts === 'for_life' ? shownForLife : Math.max(1, resolved.times)
  const amounts =
    text.steps_give === 'whole'
      ? splitFen(fen(amount), new Array<number>(times).fill(1))
      : new Array<Fen>(times).fill(fen(amount))
  const instalments = amounts.map((amountFen, i) => ({
    nth: i + 1,
    dueOn: addMonths(first, i * resolved.everyMonths),
    amountFen,
  }))
  const benefit = text.lasts === 'for_life' ? amount : amounts.reduce((sum, each) => sum + each, 0)
  return { benefit, instalments }
}

const bornBy = (edition: Edition, judged: Judged, benefit: number): Assessment['borneBy'] => {
  const bearers = judged.part.text.borne_by
  if (benefit === 0 || !judged.resolved) return []
  if (bearers.length === 0) return [{ fund: edition.fund, level: '', amountFen: fen(benefit) }]
  // percent and fractions on one measure: ninety thousandths
  const weights = bearers.map(
    ({ share }) => (judged.resolved?.numberOf(share) ?? 0) * (edition.values[share]?.unit === 'fraction' ? 25 : 9),
  )
  const shares = splitFen(fen(benefit), weights)
  return bearers.map((each, i) => ({ fund: each.fund, level: each.level, amountFen: shares[i] ?? fen(0) }))
}
