import type { FileClaim } from '#contract/claims.ts'
import { assert } from '#kernel/assert.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import {
  benefitsOf,
  coversOf,
  memberByNumber,
  type PersonCover,
  takeOccurrence,
  unitsOf,
} from '#modules/membership/index.ts'
import { mayDo, unitInReach } from '#modules/network/index.ts'
import { editionById } from '#modules/plans/index.ts'
import { type Context, type Tx, transact } from '#platform/database/index.ts'
import { announce } from '#platform/jobs/index.ts'
import { sealsOf } from '#platform/vault/index.ts'
import { alreadyTold, impossibleIn, occurrenceOf, standingOf } from './claim.ts'
import { openItems } from './open-items.ts'
import type { EventCopy } from './store.ts'

export interface Filed {
  readonly eventId: number
  readonly number: string
  readonly items: readonly number[]
  /** covers at other offices, where the items are decided there */
  readonly elsewhere: number
  /** covers of this office for which it is too late, by their own rule; no item is made of them */
  readonly tooLate: readonly { readonly title: string; readonly until: string }[]
}

/**
 * One event is told once, by the member or by an officer with her mandate. Her covers on the key dates are found wherever
 * they are; those of this office become items now, those of another go there with a copy of the facts.
 */
export const fileClaim = async (ctx: Context, input: FileClaim & { mandate?: Buffer }): Promise<Result<Filed>> => {
  // A member brings no mandate for herself; what she sends in its place is not looked at.
  const mandate =
    input.mandate && ctx.actor.kind === 'staff' ? await ctx.services.files.receive(input.mandate) : undefined
  if (mandate?.ok === false) return mandate
  const eventId = await ctx.db.ids.take()
  const telling = async (tx: Tx): Promise<Result<Filed>> => {
    const impossible = impossibleIn(input.event, ctx.today)
    if (impossible) return refuse(impossible)
    const occurrence = occurrenceOf(input.event)
    if (!occurrence.ok) return occurrence
    const person = await whose(tx, ctx, input)
    if (!person.ok) return person
    const { personId } = person.value
    if (ctx.actor.kind === 'staff' && !mandate) return refuse({ code: 'mandate_missing' })

    const dates: Record<string, string> = { ...input.event.dates, application: ctx.today }
    const facts = { ...input.event, dates }
    const number = `SL${ctx.today.slice(0, 4)}-${tx.office}-${eventId}`
    const { what, ...once } = occurrence.value
    const taken = alreadyTold(await takeOccurrence(tx, { personId, ...once, eventId, number }), what)
    if (taken) return refuse(taken)

    const concerned: PersonCover[] = []
    const late: { officeId: number; title: string; until: string }[] = []
    for (const cover of await coversOf(tx, personId)) {
      const adopted = await editionById(tx, cover.editionId)
      assert(adopted, 'a cover has an adopted edition')
      const { concerned: touches, lateSince } = standingOf(adopted.edition, cover, facts, ctx.today)
      if (touches) concerned.push(cover)
      if (lateSince) late.push({ officeId: cover.officeId, title: adopted.edition.title, until: lateSince })
    }
    if (concerned.length === 0)
      return refuse(late[0] ? { code: 'claim_too_late', until: late[0].until } : { code: 'no_cover_found' })

    const mandateFile = mandate && (await ctx.services.files.store(tx, ctx, mandate.value, personId))
    const { vault } = ctx.services
    // Under her own key here; an office that decides an item of it seals it under the key it keeps for her.
    const seals = await sealsOf(vault, tx, [personId])
    const given = { name: input.payee.name, account: input.payee.account.replaceAll(' ', '') }
    const payeeName = seals.seal(personId, 'payee.name', given.name)
    const account = seals.seal(personId, 'payee.account', given.account)
    const filedByKind = ctx.actor.kind === 'member' ? 'member' : 'staff'
    await tx.q
      .insertInto('claims.event')
      .values({
        office_id: tx.office,
        id: eventId,
        number,
        person_id: personId,
        kind: facts.kind,
        facts: JSON.stringify(facts),
        words_sealed: input.words ? seals.seal(personId, 'claim.words', input.words) : null,
        filed_by_kind: filedByKind,
        filed_by: ctx.actor.id,
        mandate_file_id: mandateFile?.id ?? null,
        name_in_notice: input.nameInNotice,
        payee_kind: input.payee.kind,
        payee_name_sealed: payeeName,
        account_sealed: account,
        bank_branch: input.payee.branch,
        filed_on: ctx.today,
        filed_at: ctx.at,
      })
      .execute()
    const copy: EventCopy = {
      eventOfficeId: tx.office,
      eventId,
      number,
      personId,
      facts,
      filedByKind,
      filedBy: ctx.actor.id,
      nameInNotice: input.nameInNotice,
      payeeKind: input.payee.kind,
      payeeName: payeeName.toString('hex'),
      account: account.toString('hex'),
      branch: input.payee.branch,
    }
    const here = concerned.filter((cover) => cover.officeId === tx.office)
    const items = await openItems(tx, ctx, copy, here, await benefitsOf(tx, personId))
    const others = new Set(concerned.filter((cover) => cover.officeId !== tx.office).map((cover) => cover.officeId))
    const onTheWay = {
      ...copy,
      payeeName: vault.seal('payee.name', given.name).toString('hex'),
      account: vault.seal('payee.account', given.account).toString('hex'),
    }
    for (const office of others) await announce(tx, { kind: 'claims.told', office, payload: onTheWay, at: ctx.at })
    const tooLate = late.flatMap(({ officeId, ...each }) => (officeId === tx.office ? [each] : []))
    return ok({ eventId, number, items, elsewhere: concerned.length - here.length, tooLate })
  }
  return transact(ctx, 'claims.file', telling, { object: `event:${eventId}` })
}

/** The member herself, or a member whom the officer may act for: one of a unit in his reach. */
const whose = async (tx: Tx, ctx: Context, input: FileClaim): Promise<Result<{ personId: number }>> => {
  if (ctx.actor.kind === 'member')
    return input.memberNumber ? refuse({ code: 'member_number_not_yours' }) : ok({ personId: ctx.actor.id })
  if (!mayDo(ctx.actor.role, 'claims.file-for-member')) return refuse({ code: 'not_allowed' })
  const member = input.memberNumber ? await memberByNumber(tx, input.memberNumber) : undefined
  if (!member) return refuse({ code: 'member_not_found' })
  for (const unitId of await unitsOf(tx, member.personId))
    if (await unitInReach(tx, ctx, unitId)) return ok({ personId: member.personId })
  return refuse({ code: 'member_not_found' })
}
