import { afterAll, beforeAll, expect, test } from 'vitest'
import { mayDo, type Permit, permitsAbout, type Role, roles } from '#modules/network/index.ts'
import { everybody, telling } from './addresses.ts'
import { type FullWorld, openFullWorld, type Place, places, type Records } from './places.ts'
import { pdf, peopleFrom, rosterOf, statementOf } from './world.ts'

// Every endpoint × role × place, tried on the real application: the answer is as the table of rights says. A new route
// without a permit, or without an example here, fails.

let world: FullWorld
beforeAll(async () => {
  world = await openFullWorld()
}, 120_000)
afterAll(() => world.close())

interface Route {
  readonly method: string
  readonly url: string
  readonly open: boolean
  readonly permits: readonly Permit[]
}
/** What the application really has, as Fastify knows it. */
const routesOf = (): Route[] => world.app.routes.filter((route) => route.method !== 'HEAD') as unknown as Route[]

type Body = { json?: unknown; file?: Buffer; fields?: Record<string, string> }
const statement = (n: number) =>
  statementOf([{ on: '2026-07-20', payer: 'x', yuan: '1.00', note: '', reference: `T${n}` }])
let last = 0
const nth = (): number => {
  last += 1
  return last
}
const claimOf = (memberNumber?: string) => ({
  ...(memberNumber ? { memberNumber } : {}),
  event: {
    kind: 'accident',
    dates: { accident: `2026-06-${String((nth() % 28) + 1).padStart(2, '0')}` },
    codes: { cause: 'accident' },
  },
  nameInNotice: false,
  payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
})

/** A right body for each route that takes one, naming the records of a place. */
const bodies: Readonly<Record<string, (at: Records) => Body | Promise<Body>>> = {
  'POST /units': (at) => ({ json: { name: `新单位${nth()}`, kind: 'without_code', agencyId: at.agencyId } }),
  'POST /units/:unitId/application': () => ({ file: pdf('x'), fields: { appliedOn: '2026-07-01', workers: '9' } }),
  'POST /rosters': (at) => ({ json: { unitId: at.unitId, editionId: world.editionId } }),
  'POST /rosters/:rosterId/files': async () => ({ file: await rosterOf(peopleFrom(90_000, 2), 1) }),
  'POST /rosters/:rosterId/removals': () => ({ json: { rows: [{ handInId: 1, row: 1 }], reason } }),
  'POST /rosters/:rosterId/head-count': () => ({
    file: pdf('x'),
    fields: { kind: 'staff', countedOn: '2026-07-20', heads: '6' },
  }),
  'POST /rosters/:rosterId/head-count/confirmation': (at) => ({ json: { headCountId: at.headCountId } }),
  'POST /statements': () => ({ file: statement(nth()) }),
  'POST /allocations': () => ({ json: { receiptId: 1, noticeId: 1, amountFen: 1 } }),
  'POST /claims': () => ({ json: claimOf() }),
  'POST /claims/for-member': (at) => ({ file: pdf('x'), fields: { claim: JSON.stringify(claimOf(at.memberNumber)) } }),
  'POST /claims/:eventId/papers': () => ({ file: pdf(`paper ${nth()}`), fields: { kind: '其他' } }),
  'POST /claims/:eventId/employment': () => ({ json: { ours: true, employment: 'employed' } }),
  'POST /claim-items/:itemId/review': () => ({ json: { verdict: 'pass' } }),
  'POST /payment-batches/:batchId/answers': () => ({ file: Buffer.from('参考号,金额,结果,原因\n') }),
  'POST /payment-dues/:dueId/account': () => ({
    json: { name: '某人', account: '6222020000000099', branch: '示范银行', reason: '账号抄错' },
  }),
}
const reason = '测试用的原因'
Object.assign(bodies, {
  'POST /staff': () => ({ json: { name: '某人', login: `t${nth()}-x`, reason } }),
  'POST /staff/:staffId/appointments': () => ({ json: { role: 'office_reviewer', from: '2026-08-01', reason } }),
  'POST /appointments/:appointmentId/end': () => ({ json: { on: '2026-07-21', reason } }),
  'POST /staff/:staffId/password-reset': () => ({ json: { reason } }),
  'POST /staff/:staffId/sessions/end': () => ({ json: { reason } }),
  'POST /staff/:staffId/phone': () => ({ json: { phone: '13800000000', reason } }),
  'POST /staff/:staffId/oidc-links': () => ({ json: { subject: 'nobody', reason } }),
  'POST /staff/:staffId/oidc-links/:linkId/removal': () => ({ json: { reason } }),
  'POST /staff/:staffId/person': (at: Records) => ({ json: { memberNumber: at.memberNumber, reason } }),
  'POST /staff/:staffId/kin': (at: Records) => ({
    json: { memberNumber: at.memberNumber, relation: 'sibling', reason },
  }),
  'POST /kin/:kinId/end': () => ({ json: { reason } }),
  'POST /offices/:helpedOfficeId/lent-hands': () => ({
    json: {
      name: '某人',
      login: `h${nth()}-x`,
      role: 'office_releaser',
      from: '2026-08-01',
      until: '2027-01-01',
      resolution: '决议第1号',
      reason,
    },
  }),
  'POST /offices/:watchedOfficeId/watchers': () => ({
    json: {
      name: '某人',
      login: `w${nth()}-x`,
      role: 'local_committee',
      from: '2026-08-01',
      resolution: '决议第1号',
      reason,
    },
  }),
  'POST /limits': () => ({ json: { role: 'office_decider', mostFen: 1, from: '2027-01-01', resolution: '决议第1号' } }),
  'POST /duty-rules': () => ({ json: { from: '2027-01-01', ownUnitBarred: true, resolution: '决议第1号' } }),
  'POST /stops': () => ({ json: { what: 'plan', plan: 'sh-accident', reason } }),
  'POST /stops/:stopId/lift': () => ({ json: { reason } }),
  'POST /staff/:staffId/second-step/removal': () => ({ json: { reason } }),
  'POST /me/second-step/key': () => ({ json: { publicKey: 'x' } }),
  'POST /me/second-step/key/confirmation': () => ({ json: { signature: 'x' } }),
  'POST /me/second-step/key/verification': () => ({ json: { signature: 'x' } }),
  'POST /me/second-step/confirmation': () => ({ json: { code: '000000' } }),
  'POST /me/second-step/verification': () => ({ json: { code: '000000' } }),
  'POST /members/:memberNumber/reveal': () => ({ json: { what: 'name', purpose: '核对收款人' } }),
  'POST /members/:memberNumber/key-destruction': () => ({ json: { reason } }),
  'POST /me/acts/read': () => ({ json: { newest: '1.a1' } }),
  'POST /me/consents': () => ({ json: { purpose: 'surveys', given: true } }),
  'POST /me/password': () => ({ json: { old: 'x', new: '船到桥头自然直-2026' } }),
} satisfies typeof bodies)

/** Where a record of its own kind is meant: the claim or roster that is still open. */
const openKinds: Readonly<Record<string, Partial<Record<keyof Records, keyof Records>>>> = {
  'POST /rosters/:rosterId/files': { rosterId: 'openRosterId' },
  'POST /rosters/:rosterId/removals': { rosterId: 'openRosterId' },
  'POST /rosters/:rosterId/head-count': { rosterId: 'openRosterId' },
  'POST /claims/:eventId/papers-request': { eventId: 'openEventId' },
  'POST /claims/:eventId/papers': { eventId: 'openEventId' },
  'POST /claims/:eventId/employment': { eventId: 'openEventId' },
  'POST /claims/:eventId/withdrawal': { eventId: 'openEventId' },
  'POST /claim-items/:itemId/review': { itemId: 'openItemId' },
  'POST /claim-items/:itemId/decision': { itemId: 'openItemId' },
}
/** Routes whose place stands in the body. */
const placedByBody = ['POST /units', 'POST /rosters', 'POST /claims/for-member']
/** What a record out of reach is answered with: as if it were not there. */
const outOfReach =
  /^(stop|unit|roster|report|claim|item|list|batch|due|member|agency|head_count|edition|staff|appointment|kin)_not_found$/

/** Which places a role reaches, from where it was appointed: unit 1, agency 1, or the east office. */
const reach = (role: Role): readonly Place[] =>
  role === 'member' || role === 'unit_officer'
    ? ['own']
    : role === 'agency_clerk'
      ? ['own', 'sibling']
      : ['own', 'sibling', 'parent']

const ask = async (role: Role | null, route: Route, at: Records) => {
  const name = `${route.method} ${route.url}`
  const url = route.url.replace(/:(\w+)/g, (_, param: keyof Records) => {
    const value = at[openKinds[name]?.[param] ?? param]
    if (value !== undefined) return String(value)
    if (String(param) === 'editionId') return String(world.editionId)
    if (String(param) === 'period') return '2026-07'
    if (['watchedOfficeId', 'helpedOfficeId'].includes(String(param))) return '2'
    if (['sessionId', 'linkId', 'deviceId'].includes(String(param))) return '7'
    throw new Error(`${name}: no example of ${param}`)
  })
  const client = role ? world.actors[role] : world.anybody
  if (route.method === 'GET')
    return client.get<Record<string, unknown>>(
      url + (url.endsWith('/last-roster') ? `?editionId=${world.editionId}` : ''),
    )
  const body = (await bodies[name]?.(at)) ?? { json: {} }
  return body.file
    ? client.upload<Record<string, unknown>>(url, body.file, body.fields)
    : client.post<Record<string, unknown>>(url, body.json)
}

test('every route says by which permit it is used, or that it is open', () => {
  const routes = routesOf()
  expect(routes.length).toBeGreaterThan(40)
  expect(routes.filter((route) => !route.open && route.permits.length === 0).map((route) => route.url)).toEqual([])
  expect(
    routes
      .filter((route) => route.open)
      .map((route) => `${route.method} ${route.url}`)
      .sort(),
  ).toEqual([
    'GET /',
    'GET /evidence/head',
    'GET /health',
    'GET /metrics',
    'GET /openapi.json',
    'GET /ready',
    'GET /reference',
    'GET /sign-in/oidc',
    'GET /sign-in/oidc/back',
    'GET /tongzhou.css',
    'POST /sign-in',
  ])
})

test('every permit is held by somebody and asked by some route', () => {
  const asked = new Set(routesOf().flatMap((route) => route.permits))
  const unasked = (Object.keys(permitsAbout) as Permit[]).filter((permit) => !asked.has(permit))
  expect(unasked).toEqual([])
})

test('without a sign-in every route but the open ones says: sign in first', async () => {
  for (const route of routesOf().filter((each) => !each.open))
    expect((await ask(null, route, world.at.own)).status, route.url).toBe(401)
})

test('who has no permit is refused before anything is looked at: unknown records and wrong bodies too', async () => {
  for (const role of roles)
    for (const route of routesOf().filter((each) => !each.open && !each.permits.some((one) => mayDo(role, one)))) {
      const url = route.url.replace(/:\w+/g, "9e9'--")
      const answer =
        route.method === 'GET' ? await world.actors[role].get(url) : await world.actors[role].post(url, [1])
      expect(answer, `${role} ${route.method} ${route.url}`).toMatchObject({
        status: 403,
        body: { code: 'not_allowed' },
      })
    }
})

test('every endpoint × role × place answers as the table of rights says', async () => {
  const wrong: string[] = []
  let tried = 0
  // Rows below are read before written, so that one role's act does not end what the next one is to be refused.
  const routes = routesOf().filter(
    (route) => !route.open && !['/sign-out', '/me/sessions/end-others'].includes(route.url),
  )
  for (const route of [...routes.filter((r) => r.method === 'GET'), ...routes.filter((r) => r.method !== 'GET')]) {
    const name = `${route.method} ${route.url}`
    const touches = new Set(route.permits.map((permit) => permitsAbout[permit].touches))
    const named =
      /:(?!period|editionId|watchedOfficeId|helpedOfficeId|sessionId|linkId|deviceId)/.test(route.url) ||
      placedByBody.includes(name)
    // What names no record is the same from everywhere.
    for (const role of roles)
      for (const place of named ? places : (['own'] as const)) {
        const answer = await ask(role, route, world.at[place])
        tried += 1
        const code = String((answer.body as { code?: unknown } | null)?.code ?? '')
        const allowed = route.permits.some((permit) => mayDo(role, permit))
        const within = !named || touches.has('reference') || reach(role).includes(place)
        // A batch or a due is the whole office's, whichever unit one looks from.
        const office = [...touches].every((each) => each === 'office') && place !== 'foreign'
        const seen =
          answer.status === 403 && code === 'not_allowed'
            ? 'not allowed'
            : answer.status === 404 && outOfReach.test(code)
              ? 'not found'
              : answer.status >= 500 || answer.status === 401 || answer.status === 400
                ? `broken (${answer.status} ${JSON.stringify(answer.body)})`
                : 'allowed'
        const expected = !allowed ? 'not allowed' : within || office ? 'allowed' : 'not found'
        if (seen !== expected && !narrower(role, name, seen, code))
          wrong.push(`${role} at ${place}: ${name} → ${seen} ${code}, table says ${expected}`)
      }
  }
  expect(wrong).toEqual([])
  expect(tried).toBeGreaterThan(1_500)
}, 300_000)

/** Where a rule of the matter is narrower than the table: a unit officer adds papers only where he filed for her himself. */
const narrower = (role: Role, name: string, seen: string, code: string): boolean =>
  role === 'unit_officer' && /papers$|withdrawal$/.test(name) && seen === 'not found' && code === 'claim_not_found'

test('lists show what is in reach and not a word of anything else', async () => {
  const lists = routesOf().filter((route) => route.method === 'GET' && !route.open && !/:/.test(route.url))
  expect(lists.length).toBeGreaterThan(8)
  for (const role of roles)
    for (const route of lists.filter((each) => each.permits.some((permit) => mayDo(role, permit)))) {
      const answer = await world.actors[role].get(route.url)
      expect(answer.status, `${role} ${route.url}`).toBe(200)
      const text = answer.raw.toString('utf8')
      for (const place of places.filter((each) => !reach(role).includes(each)))
        for (const word of [world.at[place].unit, world.at[place].eventNumber, world.at[place].memberNumber])
          expect(text, `${role} ${route.url} shows ${place}`).not.toContain(word)
    }
})

test('no endpoint lets input choose the office or the person that acts', async () => {
  const before = await world.base.owner.query(`select count(*)::int as n from enrolment.roster where office_id = 3`)
  const unit = world.actors.unit_officer
  for (const extra of [{ office: 3 }, { officeId: 3 }, { office_id: 3 }, { actor: { id: 1, role: 'administrator' } }]) {
    const answer = await unit.post('/rosters', {
      unitId: world.at.foreign.unitId,
      editionId: world.editionId,
      ...extra,
    })
    expect(answer).toMatchObject({ status: 404, body: { code: 'unit_not_found' } })
  }
  for (const header of ['x-office', 'x-role', 'x-actor', 'x-forwarded-user'])
    expect(await unit.post('/units', {}, { [header]: '3' })).toMatchObject({ status: 403 })
  const after = await world.base.owner.query(`select count(*)::int as n from enrolment.roster where office_id = 3`)
  expect(after.rows).toEqual(before.rows)
  // Whatever a request may carry, by the description of the interface: nothing names an office or an actor.
  const { paths } = (await world.anybody.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')).body
  const inputs = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map((each) => {
      const { parameters, requestBody } = each as { parameters?: unknown; requestBody?: unknown }
      return JSON.stringify({ parameters, requestBody })
    }),
  )
  expect(inputs.length).toBeGreaterThan(30)
  expect(inputs.filter((each) => /"(office|officeId|office_id|actor|actorId|actor_id)"/.test(each))).toEqual([])
})

test('in the database: without a context no table shows a row, with one each shows its own office only', async () => {
  const { rows: tables } = await world.base.owner.query<{ name: string; office: boolean; rls: boolean }>(`
    select n.nspname || '.' || c.relname as name, c.relrowsecurity as rls,
           exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'office_id' and not a.attisdropped) as office
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'migrations')`)
  const client = await world.base.db.pool.connect()
  let full = 0
  try {
    for (const table of tables.filter((each) => each.rls)) {
      await client.query('begin; set local role tongzhou_app')
      const { rows } = await client.query<{ may: boolean }>(
        `select has_table_privilege($1, 'select') or has_any_column_privilege($1, 'select') as may`,
        [table.name],
      )
      if (rows[0]?.may) {
        const seen = await client.query(`select 1 from ${table.name} limit 1`)
        expect(seen.rows, `${table.name} without a context`).toEqual([])
        if (table.office && !followsHer.includes(table.name)) {
          await client.query(`set local app.office = '3'`)
          const own = await client.query<{ office_id: number }>(`select distinct office_id from ${table.name}`)
          if (own.rows.length > 0) full += 1
          expect(
            own.rows.filter((row) => row.office_id !== 3),
            table.name,
          ).toEqual([])
        }
      }
      await client.query('rollback')
    }
  } finally {
    client.release()
  }
  expect(full).toBeGreaterThan(25)
})
/** Reference data, and what follows a person into every office (rule 2 of the database). */
const followsHer = [
  'network.agency',
  'network.point',
  'membership.person_cover',
  'membership.person_benefit',
  'membership.person_event',
  // a stop of the head office holds everywhere
  'network.stop',
  'network.stop_step',
]

test('of all that was asked and answered above, no address held anybody’s number, account or name', async () => {
  const { members, staff } = await everybody(world)
  expect(world.addresses.size).toBeGreaterThan(200)
  expect(telling(world.addresses, [...members, ...staff, '6222020000000012', '6222020000000099', '某人'])).toEqual([])
})
