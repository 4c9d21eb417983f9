import { assert } from '#kernel/assert.ts'
import { type CivilDate, day } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { addingPersonCovers, enrolling, lockPlan, withPersons } from '#modules/membership/index.ts'
import { type Edition, editionById, feeOf, numberOn, termStarting } from '#modules/plans/index.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface Activated {
  readonly edition: Edition
  readonly from: CivilDate
  readonly until: CivilDate
  /** the unit's; null where nobody is covered */
  readonly certificate: string | null
  readonly persons: number
  /** contributions of the covered, in fen, at the price of the notice; what came for those left out is freed again */
  readonly feeFen: number
  readonly refused: number
  readonly firstCoverId: number
}

/**
 * Money and papers are in: everybody on the roster becomes a covered member, in sets. Whoever the plan covers already in
 * these days is left out and counted. Happens once per roster; runs in the transaction that completes the money. Ages were
 * judged for the start expected when the roster was closed: late money leaves nobody out. Refused: no_scheme_date.
 */
export const activate = async (
  tx: Tx,
  ctx: Context,
  rosterId: number,
  complete: CivilDate,
): Promise<Result<Activated>> => {
  const { rows: found } = await sql<{
    unitId: number
    editionId: number
    commonDay: string | null
    persons: number
    pricedOn: string
    closedOn: string
  }>`
    select r.unit_id as "unitId", r.edition_id as "editionId", r.common_day as "commonDay", c.persons, c.priced_on as "pricedOn", c.closed_on as "closedOn"
      from enrolment.roster r join enrolment.closing c on c.office_id = r.office_id and c.roster_id = r.id
     where r.office_id = ${tx.office} and r.id = ${rosterId} for no key update of r`.execute(tx.q)
  const roster = found[0]
  assert(roster, 'only a closed roster is activated')
  const adopted = await editionById(tx, roster.editionId)
  assert(adopted, 'a roster has an adopted edition')
  const { edition } = adopted
  const ready = complete > roster.closedOn ? complete : day(roster.closedOn)
  const span = termStarting(edition, ready, roster.commonDay ? day(roster.commonDay) : null)
  // The last scheme date may have gone by while the money was on its way.
  if (!span) return refuse({ code: 'no_scheme_date' })
  const { from, until } = span
  const unitCertificate = `${tx.office}-${rosterId}`
  const grace = edition.term.grace_days ? numberOn(edition, edition.term.grace_days, from) : -1
  const feePerUnit = feeOf(edition, 1, roster.pricedOn)
  const feeFen = edition.fee.per === 'share' ? sql`${feePerUnit}::bigint * shares` : sql`${feePerUnit}::bigint`

  await lockPlan(tx, edition.plan)
  const firstCoverId = await tx.ids.take(roster.persons)
  const people = await enrolling(
    tx,
    sql`select paper_hash, name_sealed, paper_kind, paper_sealed, sex, born_on, shares, option, hand_in_id, row_number
          from enrolment.roster_row where office_id = ${tx.office} and roster_id = ${rosterId}`,
    { unitId: roster.unitId, on: ctx.today, count: roster.persons },
  )
  // A large roster is sorted in memory, not on disk.
  await sql`set local work_mem = '64MB'`.execute(tx.q)
  // One statement, in which each person is looked for once: members, then their covers, here and where covers are known
  // everywhere. Every part sees the covers as they were before it.
  const { rows: covered } = await withPersons(tx, () =>
    sql<{ persons: number; feeFen: number }>`
    with ${people},
    judged as materialized (
      select e.person_id, e.shares, e.option, e.hand_in_id, e.row_number, coalesce(c.covers, false) as covered,
             coalesce(c.continues, false) as continuous, ${feeFen} as fee_fen
        from enrolling e cross join lateral (
          select bool_or(c.from_on < ${until}::date and ${from}::date < c.until_on) as covers,
                 bool_or(c.until_on <= ${from}::date and ${from}::date <= c.until_on + ${grace}::integer) as continues
            from membership.person_cover c where e.known and c.person_id = e.person_id and c.plan = ${edition.plan}) c),
    activation as (
      insert into enrolment.activation (office_id, roster_id, unit_certificate, from_on, until_on, persons, refused, activated_on)
      select ${tx.office}, ${rosterId}, case when count(*) < ${roster.persons} then ${unitCertificate}::text end, ${from}::date, ${until}::date, ${roster.persons}, count(*), ${ctx.today}::date
        from judged where covered),
    numbered as materialized (
      select ${firstCoverId}::bigint + row_number() over (order by hand_in_id, row_number) - 1 as cover_id,
             person_id, shares, option, fee_fen, continuous
        from judged where not covered),
    new_cover as (
      insert into enrolment.cover (office_id, id, certificate, person_id, unit_id, edition_id, plan, roster_id, from_on,
        until_on, shares, option, fee_fen, continuous)
      select ${tx.office}, cover_id, ${tx.office}::text || '-' || cover_id, person_id, ${roster.unitId}, ${roster.editionId},
             ${edition.plan}, ${rosterId}, ${from}::date, ${until}::date, shares, option, fee_fen, continuous
        from numbered),
    ${addingPersonCovers(
      tx,
      sql`select person_id, ${edition.plan}::text as plan, ${from}::date as from_on, ${until}::date as until_on, cover_id,
                 ${roster.editionId}::bigint as edition_id, ${roster.unitId}::bigint as unit_id, shares
            from numbered order by person_id`,
    )}
    select count(*) as persons, coalesce(sum(fee_fen), 0)::bigint as "feeFen" from numbered`.execute(tx.q),
  )
  const { persons, feeFen: fees } = covered[0] ?? { persons: 0, feeFen: 0 }
  return ok({
    edition,
    from,
    until,
    certificate: persons > 0 ? unitCertificate : null,
    persons,
    feeFen: fees,
    refused: roster.persons - persons,
    firstCoverId,
  })
}

/** Principal owed on the covers that were just made, by cover, where the edition returns it. */
export const principalOf = async (tx: Tx, { edition, firstCoverId, persons }: Activated) => {
  if (!edition.principal) return []
  const { rows } = await sql<{ coverId: number; personId: number; shares: number; dueOn: string; from: string }>`
    select id as "coverId", person_id as "personId", shares, until_on as "dueOn", from_on as "from" from enrolment.cover
     where office_id = ${tx.office} and id >= ${firstCoverId} and id < ${firstCoverId + persons} order by id`.execute(
    tx.q,
  )
  const { amount_per_share: amount } = edition.principal
  return rows.map((row) => ({
    coverId: row.coverId,
    personId: row.personId,
    dueOn: day(row.dueOn),
    amountFen: numberOn(edition, amount, row.from) * row.shares,
  }))
}
