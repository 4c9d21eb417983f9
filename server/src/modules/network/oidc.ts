import type { LinkOidc, WithReason } from '#contract/access.ts'
import { civilDayAt } from '#kernel/days.ts'
import { ok, type Refused, type Result, refuse } from '#kernel/result.ts'
import { type Actor, type Context, read, sql, type Tx, transact } from '#platform/database/index.ts'
import { endSessionsOf, type OidcProvider, oidcTries, type RoundTrip } from '#platform/sign-in/index.ts'
import { signInToMend } from './mend-sign-in.ts'
import type { OwnContext } from './own-account.ts'
import { type AtTheDoor, type Opened, openSession } from './sign-in.ts'
import { isFromAbove } from './staff.ts'

// Staff may come from a body's own provider. It vouches for an identity; which officer that is, is a row here, and nobody
// comes to be by signing in.

type Errand =
  | { readonly what: 'sign-in'; readonly appointmentId?: number | undefined }
  | { readonly what: 'link'; readonly office: number; readonly sessionId: number; readonly actor: Actor }

/** What one browser carries to the provider and back, sealed: how the answer is known as its own, and what it is for. */
interface Trip extends RoundTrip {
  readonly errand: Errand
  readonly until: number
}
export interface Departure {
  /** where the browser goes */
  readonly address: string
  /** what it brings back, in a cookie that no script sees */
  readonly sealed: string
}
/** seconds a round trip may take: time to sign in there, with a second factor */
export const tripSeconds = 600

type Asked = Pick<AtTheDoor, 'services' | 'now'>

const depart = async (at: Asked, provider: OidcProvider | undefined, errand: Errand): Promise<Result<Departure>> => {
  if (!provider) return refuse({ code: 'oidc_off' })
  // For a link she signs in there anew: on a shared computer a colleague's open sign-in would be linked instead.
  const begun = await provider.begin({ anew: errand.what === 'link' })
  if (!begun) return refuse({ code: 'oidc_unreachable' })
  const trip: Trip = { ...begun.trip, errand, until: at.now.getTime() + tripSeconds * 1_000 }
  const sealed = at.services.vault.seal('oidc.trip', JSON.stringify(trip)).toString('base64url')
  return ok({ address: begun.address, sealed })
}

export const beginSignIn = (
  at: Asked,
  provider: OidcProvider | undefined,
  input: { appointmentId?: number | undefined },
): Promise<Result<Departure>> => depart(at, provider, { what: 'sign-in', appointmentId: input.appointmentId })

/** An officer links her own identity: signed in with her password, and her second step made. */
export const beginLink = (ctx: OwnContext, provider: OidcProvider | undefined): Promise<Result<Departure>> =>
  depart({ services: ctx.services, now: ctx.at }, provider, {
    what: 'link',
    office: ctx.office,
    sessionId: ctx.sessionId,
    actor: { ...ctx.actor, name: '' },
  })

const tripOf = (at: Asked, sealed: string | undefined): Trip | null => {
  if (!sealed || sealed.length > 4_000) return null
  try {
    const trip = JSON.parse(at.services.vault.open('oidc.trip', Buffer.from(sealed, 'base64url'))) as Trip
    return at.now.getTime() < trip.until ? trip : null
  } catch {
    return null // not sealed by us, or by a key that is gone
  }
}

export type Arrived =
  | { readonly what: 'signed-in'; readonly session: Opened }
  | { readonly what: 'linked'; readonly linkId: number }

/** The browser is back: its answer is held against what it took along, then against the rows of links. */
export const finish = async (
  at: AtTheDoor,
  provider: OidcProvider | undefined,
  came: {
    sealed: string | undefined
    state: string | undefined
    search: string
    told: (why: string) => void
  },
): Promise<Result<Arrived, Refused>> => {
  if (!provider) return refuse({ code: 'oidc_off' })
  if (oidcTries.full(at.address, at.now.getTime())) return refuse({ code: 'too_many_requests' })
  const refused = (code: string, facts: object = {}) => {
    oidcTries.note(at.address, at.now.getTime())
    return refuse({ code, ...facts })
  }
  const trip = tripOf(at, came.sealed)
  if (!trip || trip.state !== came.state) return refused('oidc_trip_lost')
  const vouched = await provider.finish(came.search, trip)
  if (!vouched.ok) {
    came.told(vouched.why)
    return refused(vouched.code, vouched.code === 'oidc_declined' ? { why: vouched.why } : {})
  }
  if (trip.errand.what === 'link') return linkOwn(at, provider, trip.errand, vouched.subject)
  const { rows } = await at.db.pool.query<{
    office_id: number
    staff_id: number
    link_id: number
    by_herself: boolean
  }>('select * from network.oidc_sign_in_of($1)', [subjectHash(at, provider, vouched.subject)])
  const link = rows[0]
  if (!link) return refused('oidc_not_linked', { subject: vouched.subject })
  const session = await openSession(
    at,
    { office: link.office_id, kind: 'staff', id: link.staff_id },
    {
      command: 'network.sign-in-oidc',
      object: `oidc-link:${link.link_id}`,
      appointmentId: trip.errand.appointmentId,
      // An administrator who links an identity of her own to somebody's login gains no second step by it.
      secondStep: vouched.secondStep && link.by_herself,
    },
  )
  if (!session) return refused('oidc_no_appointment')
  return session.ok ? ok({ what: 'signed-in', session: session.value }) : session
}

/** The provider's number for a person, as it is kept: nobody reads it out of a table, and another issuer's is another. */
const subjectHash = (at: Pick<Context, 'services'>, { issuer }: OidcProvider, subject: string): Buffer =>
  at.services.vault.hash('oidc.subject', `${issuer}\n${subject}`)

const addLink = async (
  tx: Tx,
  link: { staffId: number; issuer: string; hash: Buffer; at: Date; by: number },
): Promise<Result<{ linkId: number }>> => {
  const linkId = await tx.ids.take()
  // One identity opens one login, whichever office it is of: the index sees what this office does not.
  const { numAffectedRows } = await sql`
    insert into network.oidc_link (office_id, id, staff_id, issuer, subject_hash, linked_at, linked_by)
    values (${tx.office}, ${linkId}, ${link.staffId}, ${link.issuer}, ${link.hash}, ${link.at}, ${link.by})
    on conflict do nothing`.execute(tx.q)
  return numAffectedRows === 0n ? refuse({ code: 'oidc_already_linked' }) : ok({ linkId })
}

const linkOwn = async (
  at: AtTheDoor,
  provider: OidcProvider,
  errand: Extract<Errand, { what: 'link' }>,
  subject: string,
): Promise<Result<Arrived, Refused>> => {
  const ctx: Context = {
    db: at.db,
    services: at.services,
    office: errand.office,
    actor: errand.actor,
    today: civilDayAt(at.now),
    at: at.now,
    requestId: at.requestId,
    from: at.address,
    ...(at.trace ? { trace: at.trace } : {}),
  }
  return transact(ctx, 'network.link-own-oidc', async (tx) => {
    if (!(await sessionStands(tx, errand, at.now))) return refuse({ code: 'sign_in_first' })
    const added = await addLink(tx, {
      staffId: errand.actor.id,
      issuer: provider.issuer,
      hash: subjectHash(at, provider, subject),
      at: at.now,
      by: errand.actor.id,
    })
    return added.ok ? ok({ what: 'linked', linkId: added.value.linkId }) : added
  })
}

/** The session that set out on it has not been ended meanwhile: by its owner, or because somebody took it. */
const sessionStands = async (tx: Tx, by: { sessionId: number; actor: Actor }, at: Date): Promise<boolean> => {
  const { rows } = await sql`
    select from platform.session where office_id = ${tx.office} and id = ${by.sessionId} and actor_kind = 'staff'
       and actor_id = ${by.actor.id} and ended_at is null and expires_at > ${at}`.execute(tx.q)
  return rows.length > 0
}

/** An administrator links an officer's identity. Her sessions end, as with a new password, so that she notices. */
export const linkFor = (
  ctx: Context,
  provider: OidcProvider | undefined,
  input: LinkOidc & { staffId: number },
): Promise<Result<{ linkId: number }>> =>
  transact(
    ctx,
    'network.link-oidc',
    async (tx) => {
      const refused = await notHisToChange(tx, ctx, input.staffId)
      if (refused) return refused
      if (!provider) return refuse({ code: 'oidc_off' })
      const hers = await signInToMend(tx, ctx, input.staffId, 'password')
      if (!hers.ok) return hers
      const added = await addLink(tx, {
        staffId: input.staffId,
        issuer: provider.issuer,
        hash: subjectHash(ctx, provider, input.subject),
        at: ctx.at,
        by: ctx.actor.id,
      })
      if (added.ok) await endSessionsOf(tx, { kind: 'staff', id: input.staffId }, ctx.at)
      return added
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )

const notHisToChange = async (tx: Tx, ctx: Context, staffId: number) => {
  if (staffId === ctx.actor.id) return refuse({ code: 'not_yourself' })
  const { rows } = await sql`
    select from network.staff where office_id = ${tx.office} and id = ${staffId}`.execute(tx.q)
  if (rows.length === 0) return refuse({ code: 'staff_not_found' })
  return (await isFromAbove(tx, staffId)) ? refuse({ code: 'watcher_from_above' }) : null
}

const takeOff = async (tx: Tx, ctx: Context, input: { staffId: number; linkId: number }): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    update network.oidc_link set removed_at = ${ctx.at}, removed_by = ${ctx.actor.id}
     where office_id = ${tx.office} and id = ${input.linkId} and staff_id = ${input.staffId} and removed_at is null`.execute(
    tx.q,
  )
  return numAffectedRows === 1n
}

/** An administrator takes a link off: who left, or whose identity there is in doubt. Every session of hers ends. */
export const unlinkFor = (
  ctx: Context,
  input: WithReason & { staffId: number; linkId: number },
): Promise<Result<{ removed: true }>> =>
  transact(
    ctx,
    'network.unlink-oidc',
    async (tx) => {
      const refused = await notHisToChange(tx, ctx, input.staffId)
      if (refused) return refused
      if (!(await takeOff(tx, ctx, input))) return refuse({ code: 'oidc_link_not_found' })
      await endSessionsOf(tx, { kind: 'staff', id: input.staffId }, ctx.at)
      return ok({ removed: true })
    },
    { object: `staff:${input.staffId}`, reason: input.reason },
  )

/** One's own link, taken off: every session of hers but this one ends. */
export const unlinkOwn = (ctx: OwnContext, input: { linkId: number }): Promise<Result<{ removed: true }>> =>
  transact(
    ctx,
    'network.unlink-own-oidc',
    async (tx) => {
      if (!(await takeOff(tx, ctx, { ...input, staffId: ctx.actor.id }))) return refuse({ code: 'oidc_link_not_found' })
      await endSessionsOf(tx, { kind: 'staff', id: ctx.actor.id }, ctx.at, ctx.sessionId)
      return ok({ removed: true })
    },
    { object: `oidc-link:${input.linkId}` },
  )

/** The identities that open a login, and since when; never the provider's number itself. */
export const linksOf = (ctx: Context, staffId: number) =>
  read(ctx, async (tx) => {
    const { rows: staff } = await sql`
      select from network.staff where office_id = ${tx.office} and id = ${staffId}`.execute(tx.q)
    if (staff.length === 0) return refuse({ code: 'staff_not_found' })
    const { rows } = await sql<{ id: number; issuer: string; since: Date; byHerself: boolean }>`
      select id, issuer, linked_at as since, linked_by = staff_id as "byHerself" from network.oidc_link
       where office_id = ${tx.office} and staff_id = ${staffId} and removed_at is null order by id`.execute(tx.q)
    return ok(rows)
  })
