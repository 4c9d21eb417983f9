import type { RawBuilder } from 'kysely'
import { memberNumberForm } from '#contract/member-number.ts'
import type { Span } from '#kernel/days.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface Application {
  readonly id: number
  readonly filedBy: number
}

/** The newest application of a unit. */
export const latestApplication = async (tx: Tx, unitId: number): Promise<Application | undefined> => {
  const { rows } = await sql<Application>`
    select id, filed_by as "filedBy" from membership.unit_application
     where office_id = ${tx.office} and unit_id = ${unitId} order by id desc limit 1`.execute(tx.q)
  return rows[0]
}

export const isAdmitted = async (tx: Tx, unitId: number): Promise<boolean> => {
  const { rows } = await sql`
    select from membership.unit_admission where office_id = ${tx.office} and unit_id = ${unitId}`.execute(tx.q)
  return rows.length > 0
}

export interface RollRow {
  readonly memberNumber: string
  readonly nameSealed: Buffer
  readonly unit: string
  readonly joinedOn: string
  readonly coversInForce: number
}

/** A member's number is made of her person's id; 0, which is nobody's, for what is no such number. */
const idOfNumber = (memberNumber: string): number =>
  memberNumberForm.test(memberNumber) ? Number(memberNumber.slice(1)) : 0

/** The roll on a day, of the persons in the officer's reach: each once, however many plans, shares or units, with the covers in force that day. */
export const rollOn = async (tx: Tx, ctx: Context, on: string, after: string, limit: number): Promise<RollRow[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<RollRow>`
    select p.member_number as "memberNumber", m.name_sealed as "nameSealed", m.joined_on as "joinedOn",
           coalesce((select u.name from membership.belonging b
                       join network.unit u on u.office_id = b.office_id and u.id = b.unit_id
                      where b.office_id = m.office_id and b.person_id = m.person_id and b.from_on <= ${on}::date
                      order by b.from_on desc, b.unit_id desc limit 1), '') as unit,
           (select count(*) from membership.person_cover c
             where c.person_id = m.person_id and c.from_on <= ${on}::date and ${on}::date < c.until_on
               and not exists (select from membership.person_benefit e
                                where e.person_id = c.person_id and e.cover_id = c.cover_id and e.ends_cover
                                  and e.decided_on <= ${on}::date)) as "coversInForce"
      from membership.member m
      join membership.person p on p.id = m.person_id
     where m.office_id = ${tx.office} and m.joined_on <= ${on}::date and p.id > ${idOfNumber(after)}
       and (${place?.kind ?? null}::text is null or exists (
         select from membership.belonging b join network.unit u on u.office_id = b.office_id and u.id = b.unit_id
          where b.office_id = m.office_id and b.person_id = m.person_id
            and case ${place?.kind ?? ''} when 'unit' then u.id = ${place?.id ?? 0} when 'agency' then u.agency_id = ${place?.id ?? 0} else u.point_id = ${place?.id ?? 0} end))
     order by p.id limit ${limit}`.execute(tx.q)
  return rows
}

export interface PersonCover {
  readonly officeId: number
  readonly coverId: number
  readonly plan: string
  readonly editionId: number
  readonly unitId: number
  readonly from: string
  readonly until: string
  readonly shares: number
}

/** Every cover of a person, wherever it was taken, oldest first; which day counts is the edition's to say. */
export const coversOf = async (tx: Tx, personId: number): Promise<PersonCover[]> => {
  const { rows } = await sql<PersonCover>`
    select office_id as "officeId", cover_id as "coverId", plan, edition_id as "editionId", unit_id as "unitId",
           from_on as "from", until_on as "until", shares
      from membership.person_cover where person_id = ${personId} order by from_on, cover_id`.execute(tx.q)
  return rows
}

export interface PersonBenefit {
  readonly itemId: number
  readonly coverId: number
  readonly plan: string
  readonly part: string
  readonly eventOfficeId: number
  readonly eventId: number
  readonly keyOn: string
  readonly benefitFen: number
  readonly carried: Readonly<Record<string, unknown>>
  readonly barsIllness: string | null
  readonly endsCover: boolean
}

/** Locks the person for a deciding transaction, then tells every benefit decided for her, wherever that was. */
export const lockedBenefitsOf = async (tx: Tx, personId: number): Promise<PersonBenefit[]> => {
  await sql`select from membership.person where id = ${personId} for no key update`.execute(tx.q)
  return benefitsOf(tx, personId)
}

export const benefitsOf = async (tx: Tx, personId: number): Promise<PersonBenefit[]> => {
  const { rows } = await sql<PersonBenefit>`
    select item_id as "itemId", cover_id as "coverId", plan, part, event_office_id as "eventOfficeId",
           event_id as "eventId", key_on as "keyOn", benefit_fen as "benefitFen", carried,
           bars_illness as "barsIllness", ends_cover as "endsCover"
      from membership.person_benefit where person_id = ${personId} order by item_id`.execute(tx.q)
  return rows
}

/** A decided benefit where it follows her everywhere: a part of the deciding statement, for each row of `decided`. */
export const addingBenefit = (
  tx: Tx,
  row: Omit<PersonBenefit, 'benefitFen'> & {
    personId: number
    editionId: number
    decidedOn: string
    benefitFen: number
  },
): RawBuilder<unknown> => sql`
    new_benefit as (
      insert into membership.person_benefit (person_id, item_id, office_id, cover_id, plan, edition_id, part,
        event_office_id, event_id, key_on, decided_on, benefit_fen, carried, bars_illness, ends_cover)
      select ${row.personId}, ${row.itemId}, ${tx.office}, ${row.coverId}, ${row.plan}, ${row.editionId}, ${row.part},
             ${row.eventOfficeId}, ${row.eventId}, ${row.keyOn}, ${row.decidedOn}, ${row.benefitFen},
             ${JSON.stringify(row.carried)}, ${row.barsIllness}, ${row.endsCover}
        from decided)`

/** Who she is in this office, by her member number or person id. */
export const memberByNumber = async (tx: Tx, memberNumber: string) => {
  const { rows } = await sql<{ personId: number; nameSealed: Buffer; sex: 'F' | 'M' | null; bornOn: string | null }>`
    select m.person_id as "personId", m.name_sealed as "nameSealed", m.sex, m.born_on as "bornOn"
      from membership.member m join membership.person p on p.id = m.person_id
     where m.office_id = ${tx.office} and p.id = ${idOfNumber(memberNumber)} and p.member_number = ${memberNumber}`.execute(
    tx.q,
  )
  return rows[0]
}

/** Of a member whose key was destroyed neither name nor number is left; the row stays, for figures and decisions. */
export const emptyMember = async (tx: Tx, personId: number): Promise<void> => {
  await sql`
    update membership.member set name_sealed = '', paper_sealed = ''
     where office_id = ${tx.office} and person_id = ${personId}`.execute(tx.q)
}

/** The units of this office a person belongs or belonged to, newest first. */
export const unitsOf = async (tx: Tx, personId: number): Promise<number[]> => {
  const { rows } = await sql<{ unitId: number }>`
    select unit_id as "unitId" from membership.belonging
     where office_id = ${tx.office} and person_id = ${personId} order by from_on desc, unit_id desc`.execute(tx.q)
  return rows.map((row) => row.unitId)
}

/** An event as it is told once: its occurrence, and of a stay in hospital its days. */
export interface Occurrence {
  readonly personId: number
  readonly occurrence: string
  readonly stay: Span | null
  readonly eventId: number
  readonly number: string
}

/**
 * Takes an occurrence of a person for an event, with the person locked; null where it has it now. Where another event has it
 * already, or a stay that overlaps, that one's number comes back.
 */
export const takeOccurrence = async (
  tx: Tx,
  { personId, occurrence, stay, eventId, number }: Occurrence,
): Promise<{ number: string; isSame: boolean } | null> => {
  await sql`select from membership.person where id = ${personId} for no key update`.execute(tx.q)
  const { rows } = await sql<{ number: string; isSame: boolean }>`
    with other as (
      select number, occurrence = ${occurrence} as same from membership.person_event
       where person_id = ${personId} and event_id <> ${eventId}
         and (occurrence = ${occurrence} or (from_on < ${stay?.until ?? null}::date and ${stay?.from ?? null}::date < until_on))
       order by same desc limit 1),
    taken as (
      insert into membership.person_event (person_id, occurrence, office_id, event_id, number, from_on, until_on)
      select ${personId}, ${occurrence}, ${tx.office}, ${eventId}, ${number}, ${stay?.from ?? null}::date, ${stay?.until ?? null}::date
       where not exists (select from other)
      on conflict do nothing)
    select number, same as "isSame" from other`.execute(tx.q)
  return rows[0] ?? null
}

/** Whether an event stands: told, and not withdrawn. */
export const isTold = async (tx: Tx, personId: number, eventId: number): Promise<boolean> => {
  const { rows } = await sql`
    select from membership.person_event where person_id = ${personId} and event_id = ${eventId}`.execute(tx.q)
  return rows.length > 0
}

/** A withdrawn event may be told again. */
export const freeOccurrence = async (tx: Tx, personId: number, eventId: number): Promise<void> => {
  // Wherever its items are reviewed: another office may have graded its dates otherwise.
  await sql`delete from membership.person_event where person_id = ${personId} and event_id = ${eventId}`.execute(tx.q)
}
