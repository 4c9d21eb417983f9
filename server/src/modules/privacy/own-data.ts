import { type Context, sql, type Tx } from '#platform/database/index.ts'
import { opensOf } from '#platform/vault/index.ts'
import { ownActs } from './acts.ts'

const json = async <T>(tx: Tx, query: ReturnType<typeof sql>): Promise<T[]> => {
  const { rows } = await sql<T>`${query}`.execute(tx.q)
  return rows
}

const shown = ({ personSealed: _, ...row }: { personSealed: Buffer } & Record<string, unknown>) => row

/** Everything this office holds on a member, opened for her: what the law calls a copy of one's personal information. */
export const ownData = async (tx: Tx, ctx: Context) => {
  const id = ctx.actor.id
  const { vault } = ctx.services
  const seals = await opensOf(vault, tx, [id])
  const [member] = await json<{ nameSealed: Buffer; paperSealed: Buffer } & Record<string, unknown>>(
    tx,
    sql`select p.member_number as "memberNumber", m.name_sealed as "nameSealed", m.paper_kind as "paperKind",
           m.paper_sealed as "paperSealed", m.sex, m.born_on as "bornOn", m.joined_on as "joinedOn"
      from membership.member m join membership.person p on p.id = m.person_id
     where m.office_id = ${tx.office} and m.person_id = ${id}`,
  )
  const events = await json<
    { wordsSealed: Buffer | null; payeeNameSealed: Buffer; accountSealed: Buffer } & Record<string, unknown>
  >(
    tx,
    sql`select number, kind, facts, words_sealed as "wordsSealed", filed_by_kind as "filedBy", name_in_notice as "nameInNotice",
           payee_name_sealed as "payeeNameSealed", account_sealed as "accountSealed", bank_branch as "bankBranch", filed_on as "filedOn",
           (select coalesce(json_agg(json_build_object('kind', p.kind, 'handedInAt', p.handed_in_at) order by p.id), '[]')
              from claims.paper p where p.office_id = e.office_id and p.event_office_id = e.office_id and p.event_id = e.id) as papers
      from claims.event e where office_id = ${tx.office} and person_id = ${id} order by id`,
  )
  // Which member a worker is, and who is kin of hers, is sealed: that of this member is found by opening those of the office.
  const ofStaff = await json<{ personSealed: Buffer } & Record<string, unknown>>(
    tx,
    sql`select relation, from_on as "from", until_on as "until", person_sealed as "personSealed"
        from network.staff_kin where office_id = ${tx.office}
        union all
        select 'herself', from_on, null, person_sealed from network.staff_person where office_id = ${tx.office}
        order by 2`,
  )
  return {
    on: ctx.today,
    me: member && {
      ...member,
      nameSealed: undefined,
      paperSealed: undefined,
      name: vault.open('member.name', member.nameSealed),
      paper: vault.open('member.paper', member.paperSealed),
    },
    units: await json(
      tx,
      sql`select u.name, b.from_on as "from" from membership.belonging b
        join network.unit u on u.office_id = b.office_id and u.id = b.unit_id
       where b.office_id = ${tx.office} and b.person_id = ${id} order by b.from_on`,
    ),
    covers: await json(
      tx,
      sql`select c.plan, c.from_on as "from", c.until_on as "until", c.shares, o.name as office
        from membership.person_cover c join network.office o on o.id = c.office_id where c.person_id = ${id} order by c.from_on`,
    ),
    benefits: await json(
      tx,
      sql`select plan, part, key_on as "keyOn", decided_on as "decidedOn", benefit_fen as "benefitFen"
        from membership.person_benefit where person_id = ${id} order by item_id`,
    ),
    claims: events.map(({ wordsSealed, payeeNameSealed, accountSealed, ...event }) => ({
      ...event,
      words: wordsSealed && seals.open(id, 'claim.words', wordsSealed),
      payee: seals.open(id, 'payee.name', payeeNameSealed),
      account: seals.open(id, 'payee.account', accountSealed),
    })),
    decisions: await json(
      tx,
      sql`select i.event_number as "claim", d.part, d.outcome, d.benefit_fen as "benefitFen", d.decided_on as "decidedOn",
             d.workings, d.refused_because as "refusedBecause", d.edition_sha256 as "edition"
        from claims.item i join claims.decision d on d.office_id = i.office_id and d.item_id = i.id
       where i.office_id = ${tx.office} and i.person_id = ${id} order by i.id`,
    ),
    payments: await json(
      tx,
      sql`select d.plan, d.amount_fen as "amountFen", d.due_on as "dueOn", o.outcome, o.booked_on as "bookedOn"
        from payments.due d left join payments.outcome o on o.office_id = d.office_id and o.due_id = d.id
       where d.office_id = ${tx.office} and d.person_id = ${id} order by d.id`,
    ),
    whoLooked: await json(
      tx,
      sql`select r.what, r.purpose, r.by_role as "role", s.name as "by", r.revealed_at as "at"
        from privacy.revealed r left join network.staff s on s.office_id = r.office_id and s.id = r.by_staff
       where r.office_id = ${tx.office} and r.person_id = ${id} order by r.id`,
    ),
    acts: (await ownActs(tx, ctx)).acts,
    unitAnswers: await json(
      tx,
      sql`select i.event_number as "claim", u.name as unit, a.ours, a.employment, a.left_on as "leftOn", a.reason, a.confirmed_on as "on"
        from claims.item i
        join claims.employment_answer a on a.office_id = i.office_id and a.event_office_id = i.event_office_id
         and a.event_id = i.event_id and a.item_id = i.id
        join network.unit u on u.office_id = a.office_id and u.id = a.unit_id
       where i.office_id = ${tx.office} and i.person_id = ${id} order by a.confirmed_at`,
    ),
    consents: await json(
      tx,
      sql`select purpose, given, wording, told_at as "at" from privacy.consent
       where office_id = ${tx.office} and person_id = ${id} order by id`,
    ),
    signIns: await json(
      tx,
      sql`select created_at as "at", from_address as "fromAddress", device, ended_at as "endedAt" from platform.session
       where office_id = ${tx.office} and actor_kind = 'member' and actor_id = ${id} order by id`,
    ),
    knownDevices: await json(
      tx,
      sql`select label, first_seen_at as "firstSeen", last_seen_at as "lastSeen", forgotten_at as "forgotten"
        from platform.known_device
       where office_id = ${tx.office} and actor_kind = 'member' and actor_id = ${id} order by id`,
    ),
    ofStaff: ofStaff.filter(({ personSealed }) => vault.open('staff.person', personSealed) === String(id)).map(shown),
    keptHow: await json(
      tx,
      sql`select distinct on (kind) zh as what, months, counted_from as "countedFrom", source, to_be_checked as "toBeChecked"
        from privacy.retention where from_on <= ${ctx.today}::date order by kind, from_on desc`,
    ),
    otherOffices: await json(
      tx,
      sql`select distinct o.name from membership.person_cover c join network.office o on o.id = c.office_id
       where c.person_id = ${id} and c.office_id <> ${tx.office}`,
    ),
  }
}
