import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import { type Fen, fen, sumFen } from '#kernel/money.ts'

/** One leg of a journal: debit plus, credit minus. Which account a role means is a dated row of ledger.mapping. */
export interface Line {
  readonly role: string
  readonly fund: string
  readonly amountFen: Fen
  /** What the line is about (claim item, cover, receipt), where one journal has many. */
  readonly about?: number
}

/** Principal that a journal makes owed to a person by a day (plus), or repays (minus). */
export interface PrincipalOwed {
  readonly coverId: number
  readonly personId: number
  readonly dueOn: CivilDate
  readonly amountFen: Fen
}

/** What is to be booked. A retry carries the same event and reference, and must be equal. */
export interface Posting {
  readonly event: string
  readonly reference: string
  readonly on: CivilDate
  readonly note?: string
  readonly lines: readonly Line[]
  readonly principal?: readonly PrincipalOwed[]
}

const unallocated = 'unallocated'
const principalFund = 'principal'

const positive = (amount: number): Fen => {
  assert(Number.isSafeInteger(amount) && amount > 0, 'what is booked is more than nothing, in whole fen')
  return fen(amount)
}
const credit = (amount: number): Fen => fen(-positive(amount))

const totalByFund = (parts: readonly { readonly fund: string; readonly amountFen: Fen }[]): Map<string, number> => {
  const totals = new Map<string, number>()
  for (const { fund, amountFen } of parts) totals.set(fund, (totals.get(fund) ?? 0) + positive(amountFen))
  return totals
}

/** Money is on the account; whose it is stays open until a roster claims it. Reference: the receipt. */
export const contributionReceived = (of: {
  reference: string
  on: CivilDate
  amountFen: Fen
  note?: string
}): Posting => ({
  event: 'contribution-received',
  reference: of.reference,
  on: of.on,
  ...(of.note === undefined ? {} : { note: of.note }),
  lines: [
    { role: 'money', fund: unallocated, amountFen: positive(of.amountFen) },
    { role: 'unallocated', fund: unallocated, amountFen: credit(of.amountFen) },
  ],
})

export interface Share {
  readonly fund: string
  readonly amountFen: Fen
  readonly coverId?: number
}

/**
 * Cover takes effect: received money becomes a contribution to its funds, or a debt to the member where the plan gives
 * principal back. We recognise here and not when a payment notice goes out, since before effect nothing is due to us.
 */
export const contributionAllocated = (of: {
  reference: string
  on: CivilDate
  shares: readonly Share[]
  principal?: readonly PrincipalOwed[]
}): Posting => {
  const principal = of.principal ?? []
  const funds = totalByFund([...of.shares, ...principal.map(({ amountFen }) => ({ fund: principalFund, amountFen }))])
  const whole = sumFen(funds.values())
  return {
    event: 'contribution-allocated',
    reference: of.reference,
    on: of.on,
    lines: [
      { role: 'unallocated', fund: unallocated, amountFen: positive(whole) },
      { role: 'moved', fund: unallocated, amountFen: credit(whole) },
      ...[...funds].map(([fund, total]) => ({ role: 'moved', fund, amountFen: fen(total) })),
      ...of.shares.map(({ fund, amountFen, coverId }) => ({
        role: 'contribution',
        fund,
        amountFen: credit(amountFen),
        ...(coverId === undefined ? {} : { about: coverId }),
      })),
      ...principal.map(({ coverId, amountFen }) => ({
        role: 'principal',
        fund: principalFund,
        amountFen: credit(amountFen),
        about: coverId,
      })),
    ],
    ...(principal.length === 0 ? {} : { principal }),
  }
}

/** Money that is nobody's contribution goes back: paid twice, wrong kind. What was allocated is reversed first. */
export const refund = (of: { reference: string; on: CivilDate; amountFen: Fen }): Posting => ({
  event: 'refund',
  reference: of.reference,
  on: of.on,
  lines: [
    { role: 'unallocated', fund: unallocated, amountFen: positive(of.amountFen) },
    { role: 'money', fund: unallocated, amountFen: credit(of.amountFen) },
  ],
})

/** A benefit is decided: from this day the fund owes it. Reference: the decision. */
export const benefitPayable = (of: {
  reference: string
  on: CivilDate
  fund: string
  amountFen: Fen
  itemId: number
}): Posting => ({
  event: 'benefit-payable',
  reference: of.reference,
  on: of.on,
  lines: [
    { role: 'benefit', fund: of.fund, amountFen: positive(of.amountFen), about: of.itemId },
    { role: 'payable', fund: of.fund, amountFen: credit(of.amountFen), about: of.itemId },
  ],
})

export interface PaidItem {
  readonly itemId: number
  readonly fund: string
  readonly amountFen: Fen
}

/** The bank has paid these items: one journal, a line for each item and one of money for each fund. Reference: the batch and answer. */
export const benefitPaid = (of: { reference: string; on: CivilDate; items: readonly PaidItem[] }): Posting => ({
  event: 'benefit-paid',
  reference: of.reference,
  on: of.on,
  lines: [
    ...of.items.map(({ itemId, fund, amountFen }) => ({
      role: 'payable',
      fund,
      amountFen: positive(amountFen),
      about: itemId,
    })),
    ...[...totalByFund(of.items)].map(([fund, total]) => ({ role: 'money', fund, amountFen: credit(total) })),
  ],
})

/** Money paid and booked came back from the bank: it is owed again. Reference: the item of the batch. */
export const paymentReturned = (of: {
  reference: string
  on: CivilDate
  fund: string
  amountFen: Fen
  itemId: number
}): Posting => ({
  event: 'payment-returned',
  reference: of.reference,
  on: of.on,
  lines: [
    { role: 'money', fund: of.fund, amountFen: positive(of.amountFen), about: of.itemId },
    { role: 'payable', fund: of.fund, amountFen: credit(of.amountFen), about: of.itemId },
  ],
})

/** Principal due goes back to its members; `owed` names each debt as it was booked, with its plain amount. */
export const principalRepaid = (of: { reference: string; on: CivilDate; owed: readonly PrincipalOwed[] }): Posting => ({
  event: 'principal-repaid',
  reference: of.reference,
  on: of.on,
  lines: [
    ...of.owed.map(({ coverId, amountFen }) => ({
      role: 'principal',
      fund: principalFund,
      amountFen: positive(amountFen),
      about: coverId,
    })),
    { role: 'money', fund: principalFund, amountFen: credit(sumFen(of.owed.map(({ amountFen }) => amountFen))) },
  ],
  principal: of.owed.map((debt) => ({ ...debt, amountFen: credit(debt.amountFen) })),
})

/** The funds in which a posting does not balance; the database asks the same again. */
export const unbalancedFunds = ({ lines }: Posting): string[] => {
  const totals = new Map<string, number>()
  for (const { fund, amountFen } of lines) totals.set(fund, (totals.get(fund) ?? 0) + amountFen)
  return [...totals].filter(([, total]) => total !== 0).map(([fund]) => fund)
}
