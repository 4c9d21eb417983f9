import type { RawBuilder } from 'kysely'
import type { EventFacts } from '#contract/claims.ts'
import { assert } from '#kernel/assert.ts'
import type { Assessment, Case, CoverTerms, PersonFacts } from '#modules/plans/core.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'
import type { UnitSays } from './claim.ts'
import { type KeepsOff, sayingWhomSheKeepsOff } from './own-claims.ts'

/** What travels with an event to every office that decides an item of it. */
export interface EventCopy {
  readonly eventOfficeId: number
  readonly eventId: number
  readonly number: string
  readonly personId: number
  readonly facts: EventFacts
  readonly filedByKind: 'member' | 'staff'
  readonly filedBy: number
  readonly nameInNotice: boolean
  readonly payeeKind: string
  /** sealed, in hex */
  readonly payeeName: string
  readonly account: string
  readonly branch: string
}

export interface NewItem {
  readonly event: EventCopy
  readonly unitId: number
  readonly coverId: number
  readonly editionId: number
  readonly plan: string
  readonly proposal: Assessment
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex')

export const addItems = async (tx: Tx, ctx: Context, items: readonly NewItem[]): Promise<number[]> => {
  if (items.length === 0) return []
  const first = await tx.ids.take(items.length)
  const { rows } = await tx.q
    .insertInto('claims.item')
    .values(
      items.map(({ event, proposal, ...item }, i) => ({
        office_id: tx.office,
        id: first + i,
        event_office_id: event.eventOfficeId,
        event_id: event.eventId,
        event_number: event.number,
        person_id: event.personId,
        unit_id: item.unitId,
        cover_id: item.coverId,
        edition_id: item.editionId,
        plan: item.plan,
        part: proposal.part,
        key_on: proposal.keyOn ?? ctx.today,
        facts: JSON.stringify(event.facts),
        filed_by_kind: event.filedByKind,
        filed_by: event.filedBy,
        name_in_notice: event.nameInNotice,
        payee_kind: event.payeeKind,
        payee_name_sealed: hex(event.payeeName),
        account_sealed: hex(event.account),
        bank_branch: event.branch,
        levels: proposal.levels,
        proposed_fen: proposal.missing.length > 0 ? null : proposal.benefitFen,
        proposal: JSON.stringify(proposal),
        opened_on: ctx.today,
      })),
    )
    .onConflict((same) => same.columns(['office_id', 'cover_id', 'event_office_id', 'event_id', 'part']).doNothing())
    .returning('id')
    .execute()
    .then((added) => ({ rows: added }))
  return rows.map((row) => row.id)
}

export interface ItemRow {
  readonly id: number
  readonly eventOfficeId: number
  readonly eventId: number
  readonly eventNumber: string
  readonly personId: number
  readonly unitId: number
  readonly coverId: number
  readonly editionId: number
  readonly plan: string
  readonly part: string
  readonly facts: EventFacts
  readonly filedByKind: 'member' | 'staff'
  readonly filedBy: number
  readonly nameInNotice: boolean
  readonly payeeKind: string
  readonly payeeNameSealed: Buffer
  readonly accountSealed: Buffer
  readonly memberNameSealed: Buffer | null
  readonly bankBranch: string
  readonly levels: number
  readonly proposedFen: number | null
  readonly proposal: Assessment
  readonly openedOn: string
  readonly ended: 'decided' | 'withdrawn' | null
  readonly reviewedBy: readonly number[]
  readonly reviews: readonly { level: number; verdict: string; reason: string | null; by: number; on: string }[]
  readonly lastFacts: EventFacts | null
  readonly lastPart: string | null
  readonly papers: readonly string[]
  /** the parts that other open items of the event stand for, under the same cover */
  readonly beside: readonly string[]
  /** what the unit of the cover answered last; null: nothing yet */
  readonly unitSays: UnitSays | null
  readonly terms: CoverTerms
  readonly person: PersonFacts
}

const itemQuery = (tx: Tx, ctx: Context, itemId: number, lock: boolean) => {
  const place = ctx.actor.place
  return sql<ItemRow>`
    select i.id, i.event_office_id as "eventOfficeId", i.event_id as "eventId", i.event_number as "eventNumber", i.person_id as "personId",
           i.unit_id as "unitId", i.cover_id as "coverId", i.edition_id as "editionId", i.plan, i.part, i.facts,
           i.filed_by_kind as "filedByKind", i.filed_by as "filedBy", i.name_in_notice as "nameInNotice", i.payee_kind as "payeeKind",
           i.payee_name_sealed as "payeeNameSealed", i.account_sealed as "accountSealed", i.bank_branch as "bankBranch", i.levels,
           (select m.name_sealed from membership.member m where m.office_id = i.office_id and m.person_id = i.person_id) as "memberNameSealed",
           i.proposed_fen as "proposedFen", i.proposal, i.opened_on as "openedOn",
           (select how from claims.item_end e where e.office_id = i.office_id and e.item_id = i.id) as ended,
           array(select reviewed_by from claims.review r where r.office_id = i.office_id and r.item_id = i.id order by level) as "reviewedBy",
           coalesce((select json_agg(json_build_object('level', level, 'verdict', verdict, 'reason', reason, 'by', reviewed_by, 'on', reviewed_on) order by level)
              from claims.review r where r.office_id = i.office_id and r.item_id = i.id), '[]') as reviews,
           (select facts from claims.review r where r.office_id = i.office_id and r.item_id = i.id and facts is not null order by level desc limit 1) as "lastFacts",
           (select part from claims.review r where r.office_id = i.office_id and r.item_id = i.id and part is not null order by level desc limit 1) as "lastPart",
           array(select distinct kind from claims.paper p where p.office_id = i.office_id and p.event_office_id = i.event_office_id and p.event_id = i.event_id) as papers,
           array(select coalesce((select part from claims.review r where r.office_id = o.office_id and r.item_id = o.id and part is not null
                                   order by level desc limit 1), o.part)
              from claims.item o
             where o.office_id = i.office_id and o.event_office_id = i.event_office_id and o.event_id = i.event_id and o.cover_id = i.cover_id
               and o.id <> i.id and not exists (select from claims.item_end e where e.office_id = o.office_id and e.item_id = o.id)) as beside,
           (select json_build_object('ours', a.ours, 'employment', a.employment, 'leftOn', a.left_on, 'reason', a.reason, 'by', s.name, 'on', a.confirmed_on)
              from claims.employment_answer a join network.staff s on s.office_id = a.office_id and s.id = a.confirmed_by
             where a.office_id = i.office_id and a.event_office_id = i.event_office_id and a.event_id = i.event_id and a.unit_id = i.unit_id
             order by a.sequence desc limit 1) as "unitSays",
           json_build_object('coverId', c.id, 'from', c.from_on, 'until', c.until_on, 'shares', c.shares, 'option', c.option, 'continuous', c.continuous,
             'unitKind', u.kind, 'coveredBefore', exists (select from membership.person_cover o
                where o.person_id = i.person_id and o.plan = i.plan and o.until_on <= c.from_on)) as terms,
           (select json_build_object('sex', m.sex, 'bornOn', m.born_on) from membership.member m
             where m.office_id = i.office_id and m.person_id = i.person_id) as person
      from claims.item i
      join enrolment.cover c on c.office_id = i.office_id and c.id = i.cover_id
      join network.unit u on u.office_id = i.office_id and u.id = i.unit_id
      join membership.person g on g.id = i.person_id
     where i.office_id = ${tx.office} and i.id = ${itemId}
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))
     ${lock ? sql`for no key update of g` : sql``}`
}

/** An item within the officer's reach, with all that a review or decision looks at. */
export const itemInReach = async (tx: Tx, ctx: Context, itemId: number): Promise<ItemRow | undefined> => {
  const { rows } = await itemQuery(tx, ctx, itemId, false).execute(tx.q)
  return rows[0]
}

/**
 * The same, with the person locked: whatever else is decided about her waits until this is done. What is read beside the
 * lock is as it was before the wait; benefits are read after it, and the keys of review and end decide the rest.
 */
export const lockedItem = async (tx: Tx, ctx: Context, itemId: number): Promise<ItemRow | undefined> => {
  const { rows } = await itemQuery(tx, ctx, itemId, true).execute(tx.q)
  return rows[0]
}

export const addReview = async (
  tx: Tx,
  ctx: Context,
  item: ItemRow,
  level: number,
  off: KeepsOff,
  review: { verdict: 'pass' | 'regrade'; facts: EventFacts | null; part: string | null; reason: string | null },
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    insert into claims.review (office_id, item_id, level, filed_by_kind, filed_by, reviewed_by, verdict, facts, part, reason, reviewed_on)
    select ${tx.office}, ${item.id}, ${level}, ${item.filedByKind}, ${item.filedBy}, ${ctx.actor.id}, ${review.verdict},
           ${review.facts ? JSON.stringify(review.facts) : null}::jsonb, ${review.part}, ${review.reason}, ${ctx.today}
      from (${sayingWhomSheKeepsOff(off)}) as said
    on conflict do nothing`.execute(tx.q)
  return numAffectedRows === 1n
}

export interface NewDecision {
  readonly item: ItemRow
  readonly part: string
  readonly assessment: Assessment
  /** the case as it was judged: from it the decision is replayed */
  readonly inputs: { readonly case: Case; readonly part: string }
  readonly editionSha256: string
  readonly engine: string
  readonly letter: {
    readonly number: string
    readonly kind: 'granted' | 'part' | 'refused'
    readonly until: string
    readonly where: string
  }
}

/**
 * The end of an item, its decision and its letter, sealed, and what follows from it in other modules (parts that read `decided`), in
 * one statement; false where somebody ended it first, or where the event was withdrawn in its own office and the word of it is
 * still on its way here, and then nothing follows.
 */
export const addDecision = async (
  tx: Tx,
  ctx: Context,
  off: KeepsOff,
  decision: NewDecision,
  consequences: readonly RawBuilder<unknown>[],
): Promise<boolean> => {
  const { item, assessment, letter } = decision
  const { rows } = await sql<{ done: number }>`
    with said as materialized (${sayingWhomSheKeepsOff(off)}),
    ended as (
      insert into claims.item_end (office_id, item_id, how, ended_on)
      select ${tx.office}, ${item.id}, 'decided', ${ctx.today}::date
       where exists (select from membership.person_event v where v.person_id = ${item.personId}
                        and v.office_id = ${item.eventOfficeId} and v.event_id = ${item.eventId})
      on conflict do nothing returning item_id),
    decided as (
      insert into claims.decision (office_id, item_id, filed_by_kind, filed_by, part, outcome, benefit_fen, inputs, workings, refused_because,
        edition_sha256, engine, decided_by, decided_on)
      select ${tx.office}, item_id, ${item.filedByKind}, ${item.filedBy}, ${decision.part}, ${assessment.benefitFen > 0 ? 'granted' : 'refused'}, ${assessment.benefitFen},
             ${JSON.stringify(decision.inputs)}::jsonb, ${JSON.stringify(assessment.workings)}::jsonb,
             ${assessment.benefitFen > 0 ? null : JSON.stringify(assessment.refused)}::jsonb, ${decision.editionSha256}, ${decision.engine}, ${ctx.actor.id}, ${ctx.today}
        from ended cross join said returning *),
    written as (
      insert into claims.letter (office_id, item_id, number, kind, object_until, object_where, issued_on)
      select ${tx.office}, item_id, ${letter.number}, ${letter.kind}, ${letter.until}::date, ${letter.where}, ${ctx.today} from decided returning *),
    sealed as (
      insert into evidence.unsealed (office_id, source, id, part, leaf)
      select office_id, 'decision', item_id, 0, evidence.leaf_hash(claims.decision_line(row(decided.*)::claims.decision)) from decided
      union all
      select office_id, 'letter', item_id, 0, evidence.leaf_hash(claims.letter_line(row(written.*)::claims.letter)) from written)
    ${consequences.length > 0 ? sql`, ${sql.join(consequences)}` : sql``}
    select count(*)::integer as done from decided`.execute(tx.q)
  return rows[0]?.done === 1
}

export interface ItemSummary {
  readonly id: number
  readonly eventNumber: string
  readonly eventId: number
  readonly eventOfficeId: number
  readonly plan: string
  readonly title: string
  readonly part: string
  readonly unit: string
  readonly stage: 'opened' | 'reviewed' | 'withdrawn' | 'refused' | 'granted' | 'paid'
  readonly levels: number
  readonly reviewsDone: number
  readonly proposedFen: number | null
  readonly benefitFen: number | null
  readonly letter: string | null
  readonly openedOn: string
}

const summary = (where: ReturnType<typeof sql>) => sql<ItemSummary>`
    select * from (
      select i.id, i.event_number as "eventNumber", i.event_id as "eventId", i.event_office_id as "eventOfficeId", i.plan, e.title,
             coalesce(d.part, i.part) as part, u.name as unit, i.levels, i.proposed_fen as "proposedFen", i.opened_on as "openedOn",
             d.benefit_fen as "benefitFen", l.number as letter,
             (select count(*) from claims.review r where r.office_id = i.office_id and r.item_id = i.id) as "reviewsDone",
             case when exists (select from payments.due p join payments.outcome o on o.office_id = p.office_id and o.due_id = p.id and o.outcome = 'paid'
                                where p.office_id = i.office_id and p.item_id = i.id) then 'paid'
                  when d.outcome is not null then d.outcome
                  when x.how = 'withdrawn' then 'withdrawn'
                  when exists (select from claims.review r where r.office_id = i.office_id and r.item_id = i.id) then 'reviewed'
                  else 'opened' end as stage
        from claims.item i
        join plans.edition e on e.id = i.edition_id
        join network.unit u on u.office_id = i.office_id and u.id = i.unit_id
        left join claims.item_end x on x.office_id = i.office_id and x.item_id = i.id
        left join claims.decision d on d.office_id = i.office_id and d.item_id = i.id
        left join claims.letter l on l.office_id = i.office_id and l.item_id = i.id
       where ${where}) as each`

/** Items of one event in this office. */
export const itemsOfEvent = async (tx: Tx, eventOfficeId: number, eventId: number): Promise<ItemSummary[]> => {
  const { rows } =
    await sql<ItemSummary>`${summary(sql`i.office_id = ${tx.office} and i.event_office_id = ${eventOfficeId} and i.event_id = ${eventId}`)} order by id`.execute(
      tx.q,
    )
  return rows
}

/** Items within reach at a stage, oldest first: an officer's work list. */
export const itemsInReach = async (tx: Tx, ctx: Context, stage: string | null): Promise<ItemSummary[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<ItemSummary>`${summary(sql`i.office_id = ${tx.office}
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))`)}
     where ${stage}::text is null or stage = ${stage} order by id limit 500`.execute(tx.q)
  return rows
}

export interface EventRow {
  readonly id: number
  readonly number: string
  readonly personId: number
  readonly kind: string
  readonly facts: EventFacts
  readonly filedByKind: 'member' | 'staff'
  readonly filedBy: number
  readonly nameInNotice: boolean
  readonly payeeKind: string
  readonly payeeNameSealed: Buffer
  readonly accountSealed: Buffer
  readonly memberNameSealed: Buffer | null
  readonly bankBranch: string
  readonly filedOn: string
  readonly papers: readonly { id: number; kind: string; fileId: number }[]
  readonly asked: { kinds: string[]; until: string } | null
}

/** An event told in this office: to the member her own, to an officer those of persons who belong to a unit in his reach. */
export const eventInReach = async (tx: Tx, ctx: Context, eventId: number): Promise<EventRow | undefined> => {
  const place = ctx.actor.place
  const { rows } = await sql<EventRow>`
    select v.id, v.number, v.person_id as "personId", v.kind, v.facts, v.filed_by_kind as "filedByKind", v.filed_by as "filedBy",
           v.name_in_notice as "nameInNotice", v.payee_kind as "payeeKind", v.payee_name_sealed as "payeeNameSealed",
           v.account_sealed as "accountSealed", v.bank_branch as "bankBranch", v.filed_on as "filedOn",
           (select m.name_sealed from membership.member m where m.office_id = v.office_id and m.person_id = v.person_id) as "memberNameSealed",
           coalesce((select json_agg(json_build_object('id', p.id, 'kind', p.kind, 'fileId', p.file_id) order by p.id) from claims.paper p
              where p.office_id = v.office_id and p.event_office_id = v.office_id and p.event_id = v.id), '[]') as papers,
           (select json_build_object('kinds', q.kinds, 'until', q.hand_in_until) from claims.papers_request q
             where q.office_id = v.office_id and q.event_id = v.id) as asked
      from claims.event v
     where v.office_id = ${tx.office} and v.id = ${eventId}
       and (${ctx.actor.kind} <> 'member' or v.person_id = ${ctx.actor.id})
       and (${place?.kind ?? null}::text is null or exists (
         select from membership.belonging b join network.unit u on u.office_id = b.office_id and u.id = b.unit_id
          where b.office_id = v.office_id and b.person_id = v.person_id
            and case ${place?.kind ?? ''} when 'unit' then u.id = ${place?.id ?? 0} when 'agency' then u.agency_id = ${place?.id ?? 0} else u.point_id = ${place?.id ?? 0} end))`.execute(
    tx.q,
  )
  return rows[0]
}

/** Whether this officer filed the event for her. */
export const filedBy = (event: Pick<EventRow, 'filedByKind' | 'filedBy'>, actor: Context['actor']): boolean =>
  actor.kind === 'staff' && event.filedByKind === 'staff' && event.filedBy === actor.id

export const copyOf = (officeId: number, event: EventRow): EventCopy => ({
  eventOfficeId: officeId,
  eventId: event.id,
  number: event.number,
  personId: event.personId,
  facts: event.facts,
  filedByKind: event.filedByKind,
  filedBy: event.filedBy,
  nameInNotice: event.nameInNotice,
  payeeKind: event.payeeKind,
  payeeName: event.payeeNameSealed.toString('hex'),
  account: event.accountSealed.toString('hex'),
  branch: event.bankBranch,
})

/** A paper's row, here or (with the file's row) in an office that decides an item of the event. */
export const addPaper = async (
  tx: Tx,
  paper: { eventOfficeId: number; eventId: number; id: number; kind: string; fileId: number; at: Date },
): Promise<void> => {
  await sql`
    insert into claims.paper (office_id, event_office_id, event_id, id, kind, file_id, handed_in_at)
    values (${tx.office}, ${paper.eventOfficeId}, ${paper.eventId}, ${paper.id}, ${paper.kind}, ${paper.fileId}, ${paper.at})
    on conflict do nothing`.execute(tx.q)
}

export interface LetterRow {
  readonly number: string
  readonly kind: 'granted' | 'part' | 'refused'
  readonly objectUntil: string
  readonly objectWhere: string
  readonly issuedOn: string
  readonly eventNumber: string
  readonly editionId: number
  readonly part: string
  readonly keyOn: string
  readonly benefitFen: number
  readonly workings: Assessment['workings']
  readonly refusedBecause: Assessment['refused']
  /** why a reviewer graded the facts otherwise than they were told */
  readonly regradedBecause: string | null
  readonly personId: number
  readonly nameSealed: Buffer
  readonly office: string
}

/** The letter of an item's decision with what its text is made of. */
export const letterOf = async (tx: Tx, itemId: number): Promise<LetterRow | undefined> => {
  const { rows } = await sql<LetterRow>`
    select l.number, l.kind, l.object_until as "objectUntil", l.object_where as "objectWhere", l.issued_on as "issuedOn",
           i.event_number as "eventNumber", i.edition_id as "editionId", d.part, i.key_on as "keyOn", d.benefit_fen as "benefitFen",
           d.workings, d.refused_because as "refusedBecause",
           (select r.reason from claims.review r where r.office_id = d.office_id and r.item_id = d.item_id and r.verdict = 'regrade'
             order by r.level desc limit 1) as "regradedBecause", i.person_id as "personId", m.name_sealed as "nameSealed", o.name as office
      from claims.letter l
      join claims.item i on i.office_id = l.office_id and i.id = l.item_id
      join claims.decision d on d.office_id = l.office_id and d.item_id = l.item_id
      join membership.member m on m.office_id = i.office_id and m.person_id = i.person_id
      join network.office o on o.id = l.office_id
     where l.office_id = ${tx.office} and l.item_id = ${itemId}`.execute(tx.q)
  return rows[0]
}

/** A decision with everything it was judged by, for the auditor's record. */
export const decisionOf = async (tx: Tx, itemId: number) => {
  const { rows } = await sql<{
    part: string
    benefitFen: number
    inputs: { readonly case: Case; readonly part: string }
    workings: Assessment['workings']
    refused: Assessment['refused']
    engine: string
    sha256: string
    text: string
    clauses: string
  }>`
    select d.part, d.benefit_fen as "benefitFen", d.inputs, d.workings, d.refused_because as refused, d.engine, e.sha256, e.text, e.clauses
      from claims.decision d join plans.edition e on e.sha256 = d.edition_sha256
     where d.office_id = ${tx.office} and d.item_id = ${itemId}`.execute(tx.q)
  return rows[0]
}

export const tellStage = async (
  tx: Tx,
  row: { eventId: number; itemId: number; stage: 'opened' | 'decided' | 'withdrawn' | 'paid'; on: string },
): Promise<void> => {
  const order = { opened: 1, decided: 2, withdrawn: 2, paid: 3 }
  await sql`
    insert into claims.stage_elsewhere (office_id, event_id, item_id, sequence, stage, told_on)
    values (${tx.office}, ${row.eventId}, ${row.itemId}, ${order[row.stage]}, ${row.stage}, ${row.on}) on conflict do nothing`.execute(
    tx.q,
  )
}

export const stagesElsewhere = async (
  tx: Tx,
  eventId: number,
): Promise<{ itemId: number; stage: string; on: string }[]> => {
  const { rows } = await sql<{ itemId: number; stage: string; on: string }>`
    select distinct on (item_id) item_id as "itemId", stage, told_on as "on" from claims.stage_elsewhere
     where office_id = ${tx.office} and event_id = ${eventId} order by item_id, sequence desc`.execute(tx.q)
  return rows
}

export const officeName = async (tx: Tx): Promise<string> => {
  const { rows } = await sql<{ name: string }>`select name from network.office where id = ${tx.office}`.execute(tx.q)
  assert(rows[0], 'a context has an office')
  return rows[0].name
}
