import { benefitsOf, isTold } from '#modules/membership/index.ts'
import { sql } from '#platform/database/index.ts'
import type { FileCopy } from '#platform/files/index.ts'
import { announce, type Handler } from '#platform/jobs/index.ts'
import { sealsOf } from '#platform/vault/index.ts'
import { coversConcerned } from './offices-concerned.ts'
import { openItems } from './open-items.ts'
import { addPaper, type EventCopy, tellStage } from './store.ts'
import { withdrawItems } from './withdraw-claim.ts'

/** An event told in another office touches covers of this one: they become items here, and the first office learns the stage. */
const told: Handler = async (ctx, tx, payload) => {
  const sent = payload as EventCopy
  // Withdrawn before the word of it came here: there is nothing to open any more.
  if (!(await isTold(tx, sent.personId, sent.eventId))) return
  const { vault } = ctx.services
  const seals = await sealsOf(vault, tx, [sent.personId])
  const again = (purpose: 'payee.name' | 'payee.account', hex: string): string =>
    seals.seal(sent.personId, purpose, vault.open(purpose, Buffer.from(hex, 'hex'))).toString('hex')
  const event: EventCopy = {
    ...sent,
    payeeName: again('payee.name', sent.payeeName),
    account: again('payee.account', sent.account),
  }
  const concerned = await coversConcerned(tx, event.personId, event.facts)
  const covers = concerned.filter((cover) => cover.officeId === tx.office)
  for (const itemId of await openItems(tx, ctx, event, covers, await benefitsOf(tx, event.personId))) {
    await announce(tx, {
      kind: 'claims.stage',
      office: event.eventOfficeId,
      at: ctx.at,
      payload: { eventId: event.eventId, itemId, stage: 'opened' },
    })
  }
}

interface CopiedPaper {
  readonly eventOfficeId: number
  readonly eventId: number
  readonly paperId: number
  readonly kind: string
  readonly fileId: number
  readonly personId: number
  readonly file: FileCopy
}

/** A paper of such an event: the office gets a row of its own for the same sealed file. */
const paper: Handler = async (ctx, tx, payload) => {
  const copy = payload as CopiedPaper
  await ctx.services.files.takeOver(tx, ctx, copy.fileId, copy.file, copy.personId)
  await addPaper(tx, { ...copy, id: copy.paperId, at: ctx.at })
}

const withdrawn: Handler = async (ctx, tx, payload) => {
  const { eventOfficeId, eventId } = payload as { eventOfficeId: number; eventId: number }
  for (const itemId of await withdrawItems(tx, ctx, eventOfficeId, eventId)) {
    await announce(tx, {
      kind: 'claims.stage',
      office: eventOfficeId,
      at: ctx.at,
      payload: { eventId, itemId, stage: 'withdrawn' },
    })
  }
}

const stage: Handler = async (ctx, tx, payload) => {
  const told = payload as { eventId: number; itemId: number; stage: 'opened' | 'decided' | 'withdrawn' | 'paid' }
  await tellStage(tx, { ...told, on: ctx.today })
}

/** Paid items of events told elsewhere: their first office learns that too, and nothing else. */
const paid: Handler = async (ctx, tx, payload) => {
  const { itemIds } = payload as { itemIds: number[] }
  const { rows } = await sql<{ id: number; office: number; eventId: number }>`
    select id, event_office_id as office, event_id as "eventId" from claims.item
     where office_id = ${tx.office} and id = any (${itemIds}::bigint[]) and event_office_id <> office_id`.execute(tx.q)
  for (const { id, office, eventId } of rows)
    await announce(tx, { kind: 'claims.stage', office, at: ctx.at, payload: { eventId, itemId: id, stage: 'paid' } })
}

export const claimReactions: Readonly<Record<string, Handler>> = {
  'claims.told': told,
  'claims.paper': paper,
  'claims.withdrawn': withdrawn,
  'claims.stage': stage,
  'payments.paid': paid,
}
