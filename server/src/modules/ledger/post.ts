import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import type { Tx } from '#platform/database/index.ts'
import type { Line, Posting } from './postings.ts'

/** A journal in the books; `fresh` is false where a retry met what already stood. */
export interface Posted {
  readonly id: number
  readonly fresh: boolean
}

/** The answers of the books that people can meet. The others (unbalanced, another office) are our bugs, and throw. */
export type LedgerRefused = Refused & {
  readonly code:
    | 'ledger_period_closed'
    | 'ledger_no_account'
    | 'ledger_no_fund'
    | 'ledger_reference_reused'
    | 'ledger_reference_reversed'
    | 'ledger_journal_not_found'
    | 'ledger_is_a_reversal'
    | 'ledger_reversal_too_early'
}
const foreseen: ReadonlySet<string> = new Set<LedgerRefused['code']>([
  'ledger_period_closed',
  'ledger_no_account',
  'ledger_no_fund',
  'ledger_reference_reused',
  'ledger_reference_reversed',
  'ledger_journal_not_found',
  'ledger_is_a_reversal',
  'ledger_reversal_too_early',
])

/**
 * After a refusal the database has given the transaction up: the only thing left is to hand the refusal on, which rolls
 * back. A caller that overlooks it fails at its next statement; nothing is committed by mistake.
 */
const answered = async <T>(work: () => Promise<T>): Promise<Result<T, LedgerRefused>> => {
  try {
    return ok(await work())
  } catch (error) {
    const { code, message, detail } = error as { code?: unknown; message?: unknown; detail?: unknown }
    if (code === 'TZ001' && foreseen.has(String(message)))
      return refuse({ ...(JSON.parse(String(detail)) as object), code: message as LedgerRefused['code'] })
    throw error
  }
}

const numbers = (values: readonly (number | null)[]): string => `{${values.map((value) => value ?? 'NULL').join(',')}}`
const texts = (values: readonly (string | null)[]): string =>
  `{${values.map((value) => (value === null ? 'NULL' : `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`)).join(',')}}`

/** Numbers given to distinct keys in the order they are met, from 1. */
const numbering = () => {
  const known = new Map<string, number>()
  return (key: string, atFirst: () => void): number => {
    let number = known.get(key)
    if (number === undefined) {
      number = known.size + 1
      known.set(key, number)
      atFirst()
    }
    return number
  }
}

/** The parameters of ledger.post: columns, with each event, day, role and fund written once. */
const columnsOf = (
  office: number,
  postings: readonly Posting[],
  order: readonly number[],
  firstId: number,
): unknown[] => {
  const headEvent: string[] = []
  const headOn: CivilDate[] = []
  const slotHead: number[] = []
  const slotRole: string[] = []
  const slotFund: string[] = []
  const journalId: number[] = []
  const journalHead: number[] = []
  const reference: string[] = []
  const note: (string | null)[] = []
  const lineJournal: number[] = []
  const lineNo: number[] = []
  const lineSlot: number[] = []
  const amount: number[] = []
  const about: (number | null)[] = []
  const owedJournal: number[] = []
  const owedCover: number[] = []
  const owedPerson: number[] = []
  const owedDue: CivilDate[] = []
  const owedAmount: number[] = []
  const headNumber = numbering()
  const slotNumber = numbering()

  for (const at of order) {
    const posting = postings[at]
    assert(posting !== undefined)
    const head = headNumber(`${posting.on} ${posting.event}`, () => {
      headEvent.push(posting.event)
      headOn.push(posting.on)
    })
    journalId.push(firstId + at)
    journalHead.push(head)
    reference.push(posting.reference)
    note.push(posting.note ?? null)
    const journal = journalId.length
    let no = 0
    let before: Line | undefined
    let slot = 0
    for (const line of posting.lines) {
      // Most lines are like the one before, so its slot is looked up once.
      if (line.role !== before?.role || line.fund !== before.fund) {
        slot = slotNumber(`${head} ${line.role} ${line.fund}`, () => {
          slotHead.push(head)
          slotRole.push(line.role)
          slotFund.push(line.fund)
        })
        before = line
      }
      no += 1
      lineJournal.push(journal)
      lineNo.push(no)
      lineSlot.push(slot)
      amount.push(line.amountFen)
      about.push(line.about ?? null)
    }
    for (const owed of posting.principal ?? []) {
      owedJournal.push(journal)
      owedCover.push(owed.coverId)
      owedPerson.push(owed.personId)
      owedDue.push(owed.dueOn)
      owedAmount.push(owed.amountFen)
    }
  }
  return [
    office,
    ...[texts(headEvent), texts(headOn)],
    ...[numbers(slotHead), texts(slotRole), texts(slotFund)],
    ...[numbers(journalId), numbers(journalHead), texts(reference), texts(note)],
    ...[numbers(lineJournal), numbers(lineNo), numbers(lineSlot), numbers(amount), numbers(about)],
    ...[numbers(owedJournal), numbers(owedCover), numbers(owedPerson), texts(owedDue), numbers(owedAmount)],
  ]
}

const postStatement = `select ledger.post(${Array.from({ length: 20 }, (_, i) => `$${i + 1}`).join(', ')}) as found`

/**
 * Books one posting, or a batch as one statement: journals, entries, balances and principal owed, all or nothing. A
 * posting already in the books under its event and reference must be equal, and is then not booked again. Call it last
 * in the transaction and once, because its balances stay locked until the commit.
 */
export const post = async (
  tx: Tx,
  posting: Posting | readonly Posting[],
): Promise<Result<readonly Posted[], LedgerRefused>> => {
  const postings: readonly Posting[] = 'event' in posting ? [posting] : posting
  if (postings.length === 0) return ok([])
  const keys = postings.map(({ event, reference }) => `${event} ${reference}`)
  assert(new Set(keys).size === keys.length, 'within one batch each event and reference stands once')
  // Journals go in by their key's order, so that two batches with the same references wait and never cross.
  const order = [...keys.keys()].sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1))
  const firstId = await tx.ids.take(postings.length)
  return answered(async () => {
    const { rows } = await tx.client.query<{ found: number[] | null }>({
      name: 'ledger-post',
      text: postStatement,
      values: columnsOf(tx.office, postings, order, firstId),
    })
    const found = rows[0]?.found
    if (!found) return postings.map((_, at) => ({ id: firstId + at, fresh: true }))
    const posted: Posted[] = []
    for (const [n, at] of order.entries()) {
      const id = found[n]
      assert(typeof id === 'number', 'every journal of a batch has an id')
      posted[at] = { id, fresh: id === firstId + at }
    }
    return posted
  })
}

/**
 * Takes a booked journal back by its opposite on the day given, line for line on the accounts it was booked to. Once per
 * journal: a retry of the same day gives the reversal that stands.
 */
export const reverse = async (
  tx: Tx,
  of: { readonly journalId: number; readonly on: CivilDate; readonly note?: string },
): Promise<Result<Posted, LedgerRefused>> => {
  const newId = await tx.ids.take()
  return answered(async () => {
    const { rows } = await tx.client.query<{ id: number }>('select ledger.reverse($1, $2, $3, $4, $5) as id', [
      tx.office,
      newId,
      of.journalId,
      of.on,
      of.note ?? null,
    ])
    const id = rows[0]?.id
    assert(id !== undefined, 'a reversal has an id')
    return { id, fresh: id === newId }
  })
}
