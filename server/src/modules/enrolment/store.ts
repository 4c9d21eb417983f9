import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import type { PaperKind } from '#kernel/identity-paper.ts'
import { type Context, column, sql, type Tx } from '#platform/database/index.ts'
import type { CleanColumns } from './check-rows.ts'

export interface Roster {
  readonly id: number
  readonly unitId: number
  readonly editionId: number
  readonly commonDay: string | null
  readonly closedOn: string | null
}

/**
 * A roster within the actor's reach; locked where something is to be added to it. The lock comes in a statement of its own,
 * so that what a twin did while we waited (closed it, for instance) is seen by the next one.
 */
export const rosterInReach = async (
  tx: Tx,
  ctx: Context,
  rosterId: number,
  lock = false,
): Promise<Roster | undefined> => {
  const place = ctx.actor.place
  if (lock)
    await sql`select from enrolment.roster where office_id = ${tx.office} and id = ${rosterId} for no key update`.execute(
      tx.q,
    )
  const { rows } = await sql<Roster>`
    select r.id, r.unit_id as "unitId", r.edition_id as "editionId", r.common_day as "commonDay",
           (select c.closed_on from enrolment.closing c where c.office_id = r.office_id and c.roster_id = r.id) as "closedOn"
      from enrolment.roster r
      join network.unit u on u.office_id = r.office_id and u.id = r.unit_id
     where r.office_id = ${tx.office} and r.id = ${rosterId}
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))`.execute(tx.q)
  return rows[0]
}

/** Rows ready for the database, as columns: hashes and ciphertext in place of numbers and names. */
export type SealedColumns = Omit<CleanColumns, 'name' | 'paper'> & {
  readonly paperHash: readonly Buffer[]
  readonly paperSealed: readonly Buffer[]
  readonly nameSealed: readonly Buffer[]
}

interface Taking {
  readonly rosterId: number
  readonly handInId: number
  readonly plan: string
  readonly from: string
  readonly until: string
  /** whether anybody was on the roster before */
  readonly others: boolean
}

export interface Taken {
  /** how many were on the roster before; which of them changed in shares, option or staff number */
  readonly alreadyIn: number
  readonly changed: readonly number[]
  /** rows of persons whom the plan covers already in these days, wherever that is: told, and not taken */
  readonly covered: readonly number[]
  /** rows of persons whom this office knows, with their names on record */
  readonly recorded: readonly number[]
  readonly recordedNames: readonly Buffer[]
}

/**
 * Good rows become rows of the roster, in the order of their hashes. Who is on it already gets the row as it is written now: the
 * newest counts until the roster is closed. The roster is locked by the caller.
 */
export const takeRows = async (
  tx: Tx,
  given: SealedColumns,
  { rosterId, handInId, plan, from, until, others }: Taking,
): Promise<Taken> => {
  // Where nobody is on it yet, a plain insert: ON CONFLICT writes half as much again.
  const replacing = others
    ? sql`on conflict (office_id, roster_id, paper_hash) do update set hand_in_id = excluded.hand_in_id,
        row_number = excluded.row_number, paper_kind = excluded.paper_kind, paper_sealed = excluded.paper_sealed,
        name_sealed = excluded.name_sealed, sex = excluded.sex, born_on = excluded.born_on,
        staff_number = excluded.staff_number, shares = excluded.shares, option = excluded.option`
    : sql``
  // Whoever is known is looked for by her key: the limits keep the planner, who knows nothing of rows of this hour and counts the
  // others by the million, from comparing every row with every other, or walking over all of them for each batch.
  const before = others
    ? sql`
      select g.row_number, (w.shares, w.option, w.staff_number) is distinct from (g.shares, g.option, g.staff_number) as changed
        from given g cross join lateral (
          select shares, option, staff_number from enrolment.roster_row
           where office_id = ${tx.office} and roster_id = ${rosterId} and paper_hash = g.paper_hash limit 1) w
       where g.row_number not in (select row_number from covered)`
    : sql`select null::integer as row_number, false as changed where false`
  const { rows } = await sql<Taken>`
    with given as materialized (
      select row_number, paper_hash, paper_kind, paper_sealed, name_sealed, sex, born_on::date, staff_number, shares, option
        from unnest(${column('int4', given.rowNumber)}::integer[], ${column('bytea', given.paperHash)}::bytea[],
               ${column('text', given.paperKind)}::text[], ${column('bytea', given.paperSealed)}::bytea[],
               ${column('bytea', given.nameSealed)}::bytea[], ${column('text', given.sex)}::text[], ${column('text', given.bornOn)}::text[],
               ${column('text', given.staffNumber)}::text[], ${column('int4', given.shares)}::integer[], ${column('text', given.option)}::text[])
             as each (row_number, paper_hash, paper_kind, paper_sealed, name_sealed, sex, born_on, staff_number, shares, option)
       order by paper_hash),
    known as materialized (
      select g.row_number, p.id
        from given g cross join lateral (select id from membership.person where paper_hash = g.paper_hash limit 1) p),
    covered as materialized (
      select k.row_number
        from known k cross join lateral (
          select from membership.person_cover c where c.person_id = k.id and c.plan = ${plan}
             and c.from_on < ${until}::date and ${from}::date < c.until_on limit 1) c),
    recorded as (
      select k.row_number, m.name_sealed
        from known k cross join lateral (
          select name_sealed from membership.member where office_id = ${tx.office} and person_id = k.id limit 1) m),
    before as (${before}),
    added as (
      insert into enrolment.roster_row (office_id, roster_id, paper_hash, hand_in_id, row_number, paper_kind, paper_sealed,
        name_sealed, sex, born_on, staff_number, shares, option)
      select ${tx.office}, ${rosterId}, paper_hash, ${handInId}, row_number, paper_kind, paper_sealed, name_sealed, sex,
             born_on, staff_number, shares, option
        from given where row_number not in (select row_number from covered)
      ${replacing})
    select (select coalesce(array_agg(row_number), '{}') from covered) as covered,
           (select count(*) from before) as "alreadyIn",
           (select coalesce(array_agg(row_number), '{}') from before where changed) as changed,
           coalesce(array_agg(row_number), '{}') as recorded, coalesce(array_agg(name_sealed), '{}') as "recordedNames"
      from recorded`.execute(tx.q)
  const taken = rows[0]
  assert(taken, 'an aggregate has a row')
  return taken
}

export const hasRows = async (tx: Tx, rosterId: number): Promise<boolean> => {
  const { rows } = await sql<{ has: boolean }>`
    select exists (select from enrolment.roster_row where office_id = ${tx.office} and roster_id = ${rosterId}) as has`.execute(
    tx.q,
  )
  return rows[0]?.has ?? false
}

export interface HandIn {
  readonly id: number
  readonly rosterId: number
  readonly rowsIn: number
  readonly accepted: number
  readonly toMend: number
  readonly alreadyIn: number
  readonly defects: Readonly<Record<string, number>>
  readonly fileId: number
  readonly defectsFileId: number
}

const handInColumns = sql`id, roster_id as "rosterId", rows_in as "rowsIn", accepted, to_mend as "toMend", already_in as "alreadyIn",
  defects, file_id as "fileId", defects_file_id as "defectsFileId"`

/** A file that was handed in before; `stands`: its rows are on the roster as it put them there. */
export interface EarlierHandIn extends HandIn {
  readonly handedInOn: CivilDate
  readonly stands: boolean
}
/** The same bytes handed in before for this roster in the same mode, the last time that was. */
export const handInOf = async (
  tx: Tx,
  rosterId: number,
  contentHash: Buffer,
  mode: string,
): Promise<EarlierHandIn | undefined> => {
  const { rows } = await sql<EarlierHandIn>`
    select ${handInColumns}, (handed_in_at at time zone 'Asia/Shanghai')::date as "handedInOn", accepted = (
             select count(*) from enrolment.roster_row w
              where w.office_id = h.office_id and w.roster_id = h.roster_id and w.hand_in_id = h.id) as stands
      from enrolment.hand_in h
     where office_id = ${tx.office} and roster_id = ${rosterId} and content_hash = ${contentHash} and mode = ${mode}
     order by id desc limit 1`.execute(tx.q)
  return rows[0]
}

export const handInById = async (tx: Tx, rosterId: number, id: number): Promise<HandIn | undefined> => {
  const { rows } = await sql<HandIn>`
    select ${handInColumns} from enrolment.hand_in
     where office_id = ${tx.office} and roster_id = ${rosterId} and id = ${id}`.execute(tx.q)
  return rows[0]
}

/** A row of a roster, named by the file it came in and its place there. */
export interface RowKey {
  readonly handInId: number
  readonly row: number
}
/** What an edition looks at in a person; a roster has far fewer kinds than people. */
export interface PersonKind {
  readonly sex: 'F' | 'M' | null
  readonly bornOn: CivilDate | null
  readonly option: string | null
  readonly shares: number
}

/** The days on which files with good rows were handed in for a roster. */
export const daysOfFiles = async (tx: Tx, rosterId: number): Promise<CivilDate[]> => {
  const { rows } = await sql<{ day: CivilDate }>`
    select distinct (handed_in_at at time zone 'Asia/Shanghai')::date as day from enrolment.hand_in
     where office_id = ${tx.office} and roster_id = ${rosterId} and accepted > 0`.execute(tx.q)
  return rows.map((each) => each.day)
}

export const personKinds = async (tx: Tx, rosterId: number): Promise<PersonKind[]> => {
  const { rows } = await sql<PersonKind>`
    select sex, born_on as "bornOn", option, shares from enrolment.roster_row
     where office_id = ${tx.office} and roster_id = ${rosterId} group by 1, 2, 3, 4`.execute(tx.q)
  return rows
}

export const rowsOfKinds = async (tx: Tx, rosterId: number, kinds: readonly PersonKind[]): Promise<RowKey[]> => {
  const { rows } = await sql<RowKey>`
    select w.hand_in_id as "handInId", w.row_number as "row" from enrolment.roster_row w
     where w.office_id = ${tx.office} and w.roster_id = ${rosterId}
       and (coalesce(w.sex, ''), coalesce(w.born_on::text, ''), coalesce(w.option, ''), w.shares) in (
         select * from unnest(${kinds.map((kind) => kind.sex ?? '')}::text[], ${kinds.map((kind) => kind.bornOn ?? '')}::text[],
           ${kinds.map((kind) => kind.option ?? '')}::text[], ${kinds.map((kind) => kind.shares)}::integer[]))
     order by 1, 2`.execute(tx.q)
  return rows
}

/** Takes rows off a roster, by the file they came in and their row there; tells how many were on it. */
export const takeOffRows = async (tx: Tx, rosterId: number, rows: readonly RowKey[]): Promise<number> => {
  const [files, numbers] = [rows.map((each) => each.handInId), rows.map((each) => each.row)]
  // The list of numbers is hashed, so that a long roster is walked once, whatever the planner thinks of its length.
  const { numAffectedRows } = await sql`
    delete from enrolment.roster_row w
     using (select distinct * from unnest(${files}::bigint[], ${numbers}::integer[]) as off (hand_in_id, row_number)) as off
     where w.office_id = ${tx.office} and w.roster_id = ${rosterId} and w.row_number = any(${numbers}::integer[])
       and w.hand_in_id = off.hand_in_id and w.row_number = off.row_number`.execute(tx.q)
  return Number(numAffectedRows ?? 0n)
}

export interface RosterRowView {
  readonly handInId: number
  readonly row: number
  readonly nameSealed: Buffer
  readonly paperSealed: Buffer
  readonly shares: number
  readonly state: 'on_roster' | 'covered' | 'left_out'
}

/** Who is on a roster, in the order of her files; once it has taken effect, who is covered and who was left out. */
export const rosterRows = async (
  tx: Tx,
  rosterId: number,
  of: { state: RosterRowView['state'] | null; after: { handInId: number; row: number }; limit: number },
): Promise<RosterRowView[]> => {
  const { rows } = await sql<RosterRowView>`
    select * from (
      select w.hand_in_id as "handInId", w.row_number as "row", w.name_sealed as "nameSealed", w.paper_sealed as "paperSealed", w.shares,
             case when a.roster_id is null then 'on_roster' when c.id is null then 'left_out' else 'covered' end as state
        from enrolment.roster_row w
        join enrolment.roster r on r.office_id = w.office_id and r.id = w.roster_id
        join plans.edition e on e.id = r.edition_id
        left join enrolment.activation a on a.office_id = w.office_id and a.roster_id = w.roster_id
        left join membership.person p on p.paper_hash = w.paper_hash
        left join membership.person_cover k on k.person_id = p.id and k.plan = e.plan and k.from_on = a.from_on and k.office_id = w.office_id
        left join enrolment.cover c on c.office_id = w.office_id and c.id = k.cover_id and c.roster_id = w.roster_id
       where w.office_id = ${tx.office} and w.roster_id = ${rosterId}) as each
     where (${of.state}::text is null or state = ${of.state}) and ("handInId", "row") > (${of.after.handInId}::bigint, ${of.after.row}::integer)
     order by 1, 2 limit ${of.limit}`.execute(tx.q)
  return rows
}

/** How many persons and shares a roster has. */
export const rosterTotals = async (tx: Tx, rosterId: number): Promise<{ persons: number; shares: number }> => {
  const { rows } = await sql<{ persons: number; shares: number }>`
    select count(*) as persons, coalesce(sum(shares), 0)::bigint as shares
      from enrolment.roster_row where office_id = ${tx.office} and roster_id = ${rosterId}`.execute(tx.q)
  return rows[0] ?? { persons: 0, shares: 0 }
}

export interface HeadCount {
  readonly id: number
  readonly kind: 'staff' | 'union_members' | 'women'
  readonly countedOn: string
  readonly heads: number
  readonly statedBy: number
  readonly confirmed: boolean
}

export const headCountsOf = async (tx: Tx, rosterId: number): Promise<HeadCount[]> => {
  const { rows } = await sql<HeadCount>`
    select h.id, h.kind, h.counted_on as "countedOn", h.heads, h.stated_by as "statedBy", c.head_count_id is not null as confirmed
      from enrolment.head_count h
      left join enrolment.head_count_confirmation c on c.office_id = h.office_id and c.roster_id = h.roster_id and c.head_count_id = h.id
     where h.office_id = ${tx.office} and h.roster_id = ${rosterId} order by h.id`.execute(tx.q)
  return rows
}

export interface RosterView extends Roster {
  readonly unit: string
  readonly plan: string
  readonly title: string
  readonly persons: number
  readonly certificate: string | null
  readonly coverFrom: string | null
  readonly coverUntil: string | null
}

/** Rosters within reach with how far they are, newest first. */
export const rostersInReach = async (tx: Tx, ctx: Context, rosterId?: number): Promise<RosterView[]> => {
  const place = ctx.actor.place
  const { rows } = await sql<RosterView>`
    select r.id, r.unit_id as "unitId", r.edition_id as "editionId", r.common_day as "commonDay", u.name as unit, e.plan, e.title,
           c.closed_on as "closedOn", a.unit_certificate as certificate, a.from_on as "coverFrom", a.until_on as "coverUntil",
           (select count(*) from enrolment.roster_row w where w.office_id = r.office_id and w.roster_id = r.id) as persons
      from enrolment.roster r
      join network.unit u on u.office_id = r.office_id and u.id = r.unit_id
      join plans.edition e on e.id = r.edition_id
      left join enrolment.closing c on c.office_id = r.office_id and c.roster_id = r.id
      left join enrolment.activation a on a.office_id = r.office_id and a.roster_id = r.id
     where r.office_id = ${tx.office} and (${rosterId ?? null}::bigint is null or r.id = ${rosterId ?? null})
       and (${place?.kind ?? null}::text is null
         or (${place?.kind ?? ''} = 'unit' and u.id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'agency' and u.agency_id = ${place?.id ?? 0})
         or (${place?.kind ?? ''} = 'point' and u.point_id = ${place?.id ?? 0}))
     order by r.id desc limit 200`.execute(tx.q)
  return rows
}

export interface CoverRow {
  readonly coverId: number
  readonly certificate: string
  readonly memberNumber: string
  readonly nameSealed: Buffer
  readonly plan: string
  readonly title: string
  readonly from: string
  readonly until: string
  readonly shares: number
}

/** Covers of one unit, or of one person, with their certificates. */
export const coversOfUnit = async (tx: Tx, unitId: number, limit: number): Promise<CoverRow[]> => {
  const { rows } = await sql<CoverRow>`
    select c.id as "coverId", c.certificate, p.member_number as "memberNumber", m.name_sealed as "nameSealed", c.plan, e.title,
           c.from_on as "from", c.until_on as "until", c.shares
      from enrolment.cover c
      join membership.member m on m.office_id = c.office_id and m.person_id = c.person_id
      join membership.person p on p.id = c.person_id
      join plans.edition e on e.id = c.edition_id
     where c.office_id = ${tx.office} and c.unit_id = ${unitId} order by c.id limit ${limit}`.execute(tx.q)
  return rows
}

/** The terms of covers as claims are judged by; `continuous` says whether waiting was served before. */
export const coverTerms = async (tx: Tx, coverId: number) => {
  const { rows } = await sql<{
    coverId: number
    from: string
    until: string
    shares: number
    option: string | null
    continuous: boolean
    editionId: number
    unitId: number
    personId: number
    coveredBefore: boolean
    unitKind: string
    sex: 'F' | 'M' | null
    bornOn: string | null
  }>`
    select c.id as "coverId", c.from_on as "from", c.until_on as "until", c.shares, c.option, c.continuous, c.edition_id as "editionId",
           c.unit_id as "unitId", c.person_id as "personId", u.kind as "unitKind", m.sex, m.born_on as "bornOn",
           exists (select from membership.person_cover o where o.person_id = c.person_id and o.plan = c.plan and o.until_on <= c.from_on) as "coveredBefore"
      from enrolment.cover c
      join network.unit u on u.office_id = c.office_id and u.id = c.unit_id
      join membership.member m on m.office_id = c.office_id and m.person_id = c.person_id
     where c.office_id = ${tx.office} and c.id = ${coverId}`.execute(tx.q)
  return rows[0]
}

export interface EarlierRosterRow {
  readonly handInId: number
  readonly row: number
  readonly nameSealed: Buffer
  readonly paperKind: PaperKind
  readonly paperSealed: Buffer
  readonly staffNumber: string | null
  readonly shares: number
}

/** The last roster of a unit and plan that took effect, to be downloaded, edited and handed in again. */
export const lastRosterRows = async (tx: Tx, unitId: number, plan: string): Promise<EarlierRosterRow[]> => {
  const { rows } = await sql<EarlierRosterRow>`
    select w.hand_in_id as "handInId", w.row_number as "row", w.name_sealed as "nameSealed",
           w.paper_kind as "paperKind", w.paper_sealed as "paperSealed", w.staff_number as "staffNumber", w.shares
      from enrolment.roster_row w
     where w.office_id = ${tx.office} and w.roster_id = (
       select r.id from enrolment.roster r join plans.edition e on e.id = r.edition_id
         join enrolment.activation a on a.office_id = r.office_id and a.roster_id = r.id
        where r.office_id = ${tx.office} and r.unit_id = ${unitId} and e.plan = ${plan} order by r.id desc limit 1)
     order by w.hand_in_id, w.row_number`.execute(tx.q)
  return rows
}

/** Of a member whose key was destroyed neither name nor number is left on the rosters. */
export const emptyRosterRows = async (tx: Tx, personId: number): Promise<void> => {
  await sql`
    update enrolment.roster_row r set name_sealed = '', paper_sealed = ''
      from membership.person p where p.id = ${personId} and r.office_id = ${tx.office} and r.paper_hash = p.paper_hash`.execute(
    tx.q,
  )
}
