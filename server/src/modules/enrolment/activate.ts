import { assert } from '#kernel/assert.ts'
import { type CivilDate, day } from '#kernel/days.ts'
import { ok, type Result, refuse } from '#kernel/result.ts'
import { addPersonCovers, enrolPersons, lockPlan } from '#modules/membership/index.ts'
import { type Edition, editionById, feeOf, numberOn, termStarting } from '#modules/plans/index.ts'
import { type Context, sql, type Tx } from '#platform/database/index.ts'

export interface Activated {
  readonly edition: Edition
  readonly from: CivilDate
  readonly until: CivilDate
  readonly certificate: string
  readonly persons: number
  /** contributions of the covered, in fen, at the price of the notice; what came for those left out is freed again */
  readonly feeFen: number
  readonly refused: number
  readonly firstCoverId: number
}

/**
 * Money and papers are in: everybody on the roster becomes a covered member, in sets. Whoever the plan covers already in
 * these days is left out and counted. Happens once per roster; runs in the transaction that completes the money. Ages were
 * judged for the start expected when the row was handed in: late money leaves nobody out. Refused: no_scheme_date.
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
  const feeFen = edition.fee.per === 'share' ? sql`${feePerUnit}::bigint * w.shares` : sql`${feePerUnit}::bigint`

  await lockPlan(tx, edition.plan)
  const rows = sql`
    select w.paper_hash, w.name_sealed, w.paper_kind, w.paper_sealed, w.sex, w.born_on,
           row_number() over (order by w.hand_in_id, w.row_number) as nth
      from enrolment.roster_row w where w.office_id = ${tx.office} and w.roster_id = ${rosterId}`
  await enrolPersons(tx, rows, { unitId: roster.unitId, on: ctx.today, count: roster.persons })

  await sql`
    insert into enrolment.activation (office_id, roster_id, unit_certificate, from_on, until_on, persons, refused, activated_on)
    select ${tx.office}, ${rosterId}, ${unitCertificate}, ${from}::date, ${until}::date, ${roster.persons}, count(*), ${ctx.today}::date
      from enrolment.roster_row w join membership.person p on p.paper_hash = w.paper_hash
     where w.office_id = ${tx.office} and w.roster_id = ${rosterId}
       and exists (select from membership.person_cover c where c.person_id = p.id and c.plan = ${edition.plan}
                    and c.from_on < ${until}::date and ${from}::date < c.until_on)`.execute(tx.q)

  const firstCoverId = await tx.ids.take(roster.persons)
  const { rows: covered } = await sql<{ persons: number; feeFen: number }>`
    with new as (
      insert into enrolment.cover (office_id, id, certificate, person_id, unit_id, edition_id, plan, roster_id, from_on,
        until_on, shares, option, fee_fen, continuous)
      select office_id, id, office_id || '-' || id, person_id, ${roster.unitId}, ${roster.editionId}, ${edition.plan}, ${rosterId},
             ${from}::date, ${until}::date, shares, option, fee_fen, continuous
        from (select w.office_id, ${firstCoverId}::bigint + row_number() over (order by w.hand_in_id, w.row_number) - 1 as id,
                     p.id as person_id, w.shares, w.option, ${feeFen} as fee_fen,
                     exists (select from membership.person_cover c where c.person_id = p.id and c.plan = ${edition.plan}
                              and c.until_on <= ${from}::date and ${from}::date <= c.until_on + ${grace}::integer) as continuous
                from enrolment.roster_row w join membership.person p on p.paper_hash = w.paper_hash
               where w.office_id = ${tx.office} and w.roster_id = ${rosterId}
                 and not exists (select from membership.person_cover c where c.person_id = p.id and c.plan = ${edition.plan}
                                  and c.from_on < ${until}::date and ${from}::date < c.until_on)) as each
      returning fee_fen)
    select count(*) as persons, coalesce(sum(fee_fen), 0)::bigint as "feeFen" from new`.execute(tx.q)
  await addPersonCovers(
    tx,
    sql`select person_id, plan, from_on, until_on, id as cover_id, edition_id, unit_id, shares
          from enrolment.cover where office_id = ${tx.office} and roster_id = ${rosterId}`,
  )
  const { persons, feeFen: fees } = covered[0] ?? { persons: 0, feeFen: 0 }
  return ok({
    edition,
    from,
    until,
    certificate: unitCertificate,
    persons,
    feeFen: fees,
    refused: roster.persons - persons,
    firstCoverId,
  })
}

/** Principal owed on the covers of a roster, by cover, where the edition returns it. */
export const principalOf = async (tx: Tx, rosterId: number, edition: Edition) => {
  if (!edition.principal) return []
  const { rows } = await sql<{ coverId: number; personId: number; shares: number; dueOn: string; from: string }>`
    select id as "coverId", person_id as "personId", shares, until_on as "dueOn", from_on as "from" from enrolment.cover
     where office_id = ${tx.office} and roster_id = ${rosterId} order by id`.execute(tx.q)
  const { amount_per_share: amount } = edition.principal
  return rows.map((row) => ({
    coverId: row.coverId,
    personId: row.personId,
    dueOn: day(row.dueOn),
    amountFen: numberOn(edition, amount, row.from) * row.shares,
  }))
}
