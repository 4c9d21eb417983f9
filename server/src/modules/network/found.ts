import {
  type AddAdministrators,
  type AddAgency,
  type AddOffice,
  type AddPoint,
  type Administrator,
  commonWords,
  type FoundAssociation,
  type SetWords,
} from '#contract/found.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Context, sql, type Tx, transact } from '#platform/database/index.ts'
import { hashSecret } from '#platform/sign-in/index.ts'
import { addAppointment, addStaff, loginTaken, temporarySecret } from './staff.ts'
import { wordsOf } from './store.ts'

// What a production installation begins with, done by whoever keeps the database: there is nobody yet who could sign in.

/** The head office's number, in every association. */
export const headOffice = 1

export interface FirstAdministrator {
  readonly login: string
  readonly staffId: number
  /** told once; good for nothing but setting her own */
  readonly password: string
}

type WithSecret = Administrator & { readonly password: string; readonly secretHash: string }
const withSecrets = (administrators: readonly Administrator[]): Promise<WithSecret[]> =>
  Promise.all(
    administrators.map(async (each) => {
      const password = temporarySecret()
      return { ...each, password, secretHash: await hashSecret(password) }
    }),
  )

/** They are appointed by their own office, as all administrators are: the head office has no hand in it afterwards. */
const addAdministrators = async (
  tx: Tx,
  ctx: Context,
  wanted: readonly WithSecret[],
): Promise<Result<FirstAdministrator[], Refused>> => {
  const added: FirstAdministrator[] = []
  for (const { name, login, password, secretHash } of wanted) {
    if (await loginTaken(tx, login)) return refuse({ code: 'staff_exists' })
    const { staffId } = await addStaff(tx, { name, login, secretHash, temporary: true })
    await addAppointment(tx, { staffId, role: 'administrator', from: ctx.today })
    added.push({ login, staffId, password })
  }
  return ok(added)
}

const associationName = async (tx: Tx): Promise<string | undefined> => {
  const { rows } = await sql<{ name: string }>`select name from network.association`.execute(tx.q)
  return rows[0]?.name
}

/** An association, its head office, and who administers it; once, in an empty database. Of two at once, one stands. */
export const foundAssociation = async (
  ctx: Context,
  input: FoundAssociation,
): Promise<Result<{ office: number; administrators: FirstAdministrator[] }, Refused>> => {
  if (ctx.services.demonstration) return refuse({ code: 'production_only' })
  const wanted = await withSecrets(input.administrators)
  return transact({ ...ctx, office: headOffice }, 'network.found', async (tx) => {
    const { numAffectedRows } = await sql`
      insert into network.association (name, short_name, demonstration) values (${input.association}, ${input.shortName}, false)
      on conflict do nothing`.execute(tx.q)
    if (numAffectedRows === 0n) return refuse({ code: 'association_exists', name: await associationName(tx) })
    await sql`
      insert into network.office (id, name, kind, region, opened_on)
      values (${headOffice}, ${input.office}, 'head', ${input.region}, ${ctx.today}::date)`.execute(tx.q)
    await sql`
      insert into network.word (body, term, word)
      select 0, term, word from unnest(${Object.keys(commonWords)}::text[], ${Object.values(commonWords)}::text[]) as common (term, word)`.execute(
      tx.q,
    )
    const administrators = await addAdministrators(tx, ctx, wanted)
    return administrators.ok ? ok({ office: headOffice, administrators: administrators.value }) : administrators
  })
}

/** The next office's number, short enough to be typed. */
const nextOffice = async (tx: Tx): Promise<number> => {
  const { rows } = await sql<{ next: number }>`select coalesce(max(id), 0) + 1 as next from network.office`.execute(
    tx.q,
  )
  return rows[0]?.next ?? headOffice
}

/** As that office itself: the database lets nobody else appoint there, not even for a first time. */
const asOffice = async <T>(tx: Tx, office: number, work: (there: Tx) => Promise<T>): Promise<T> => {
  const become = (which: number) => sql`select set_config('app.office', ${String(which)}, true)`.execute(tx.q)
  await become(office)
  const answer = await work({ ...tx, office })
  await become(tx.office)
  return answer
}

/** An office below the head office, with who administers it. */
export const addOffice = async (
  ctx: Context,
  input: AddOffice,
): Promise<Result<{ office: number; administrators: FirstAdministrator[] }, Refused>> => {
  const wanted = await withSecrets(input.administrators)
  return transact({ ...ctx, office: headOffice }, 'network.add-office', async (tx) => {
    if ((await associationName(tx)) === undefined) return refuse({ code: 'association_missing' })
    await sql`select pg_advisory_xact_lock(hashtextextended('network.office', 0))`.execute(tx.q)
    const office = await nextOffice(tx)
    const { numAffectedRows } = await sql`
      insert into network.office (id, name, kind, region, opened_on)
      values (${office}, ${input.office}, 'office', ${input.region}, ${ctx.today}::date)
      on conflict (name) do nothing`.execute(tx.q)
    if (numAffectedRows === 0n) return refuse({ code: 'office_exists', name: input.office })
    const administrators = await asOffice(tx, office, (there) => addAdministrators(there, ctx, wanted))
    return administrators.ok ? ok({ office, administrators: administrators.value }) : administrators
  })
}

const officeExists = async (tx: Tx, office: number): Promise<boolean> => {
  const { rows } = await sql`select from network.office where id = ${office}`.execute(tx.q)
  return rows.length > 0
}

/** Where an office's only administrator left, or lost her second step: nobody there could appoint or help anybody. */
export const addAdministratorsTo = async (
  ctx: Context,
  { office, administrators, reason }: AddAdministrators,
): Promise<Result<{ office: number; administrators: FirstAdministrator[] }, Refused>> => {
  const wanted = await withSecrets(administrators)
  return transact(
    { ...ctx, office },
    'network.add-administrator',
    async (tx) => {
      if (!(await officeExists(tx, office))) return refuse({ code: 'office_not_found' })
      const added = await addAdministrators(tx, ctx, wanted)
      return added.ok ? ok({ office, administrators: added.value }) : added
    },
    { object: `office:${office}`, reason },
  )
}

/** An agency of an office: units are registered at one. */
export const addAgency = (ctx: Context, input: AddAgency): Promise<Result<{ agencyId: number }, Refused>> =>
  transact(
    { ...ctx, office: headOffice },
    'network.add-agency',
    async (tx) => {
      if (!(await officeExists(tx, input.office))) return refuse({ code: 'office_not_found' })
      const agencyId = await tx.ids.take()
      const { numAffectedRows } = await sql`
        insert into network.agency (id, office_id, name) values (${agencyId}, ${input.office}, ${input.name})
        on conflict (office_id, name) do nothing`.execute(tx.q)
      return numAffectedRows === 0n ? refuse({ code: 'agency_exists', name: input.name }) : ok({ agencyId })
    },
    { object: `office:${input.office}` },
  )

/** A point of an agency, in a street or a large workplace: clerks are appointed there, and units registered. */
export const addPoint = (ctx: Context, input: AddPoint): Promise<Result<{ pointId: number }, Refused>> =>
  transact(
    { ...ctx, office: headOffice },
    'network.add-point',
    async (tx) => {
      const { rows } = await sql`
        select from network.agency where id = ${input.agency} and office_id = ${input.office}`.execute(tx.q)
      if (rows.length === 0) return refuse({ code: 'agency_not_here', agency: input.agency })
      const pointId = await tx.ids.take()
      const { numAffectedRows } = await sql`
        insert into network.point (id, office_id, agency_id, name)
        values (${pointId}, ${input.office}, ${input.agency}, ${input.name})
        on conflict (agency_id, name) do nothing`.execute(tx.q)
      return numAffectedRows === 0n ? refuse({ code: 'point_exists', name: input.name }) : ok({ pointId })
    },
    { object: `office:${input.office}` },
  )

/** What an office calls things. The head office's words are everybody's who has said none of her own. */
export const setWords = (ctx: Context, { office, words }: SetWords): Promise<Result<Record<string, string>, Refused>> =>
  transact(
    { ...ctx, office: headOffice },
    'network.set-words',
    async (tx) => {
      if (!(await officeExists(tx, office))) return refuse({ code: 'office_not_found' })
      const body = office === headOffice ? 0 : office
      await sql`
        insert into network.word (body, term, word)
        select ${body}, term, word from unnest(${Object.keys(words)}::text[], ${Object.values(words)}::text[]) as said (term, word)
        on conflict (body, term) do update set word = excluded.word`.execute(tx.q)
      return ok(await wordsOf({ ...tx, office }))
    },
    { object: `office:${office}` },
  )
