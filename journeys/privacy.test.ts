import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { read } from '#platform/database/index.ts'
import { openTraces, type Traces } from '#platform/traces/index.ts'
import { openRing } from '#platform/vault/keys.ts'
import { keysInUse, retireKeys, rotateKeys, sealedColumns } from '#platform/vault/rotate.ts'
import { type Collector, openCollector } from '../test/collector.ts'
import { testContext } from '../test/database.ts'
import { everybody, telling } from './addresses.ts'
import { type FullWorld, openFullWorld, stay } from './places.ts'
import { pdf } from './world.ts'

// What is secret stays secret: on disk, in logs, in replies; what a member may know she gets; and forgetting is for ever.

let world: FullWorld
let traces: Traces
let collector: Collector
/** the members' names and numbers as they were before anybody was forgotten, and the staff's names */
let people: Awaited<ReturnType<typeof everybody>>
let logged = ''
const write = process.stderr.write.bind(process.stderr)
beforeAll(async () => {
  // Whatever the server writes while the whole story runs is kept, to be searched.
  process.stderr.write = ((chunk: string | Uint8Array) => {
    logged += chunk.toString()
    return true
  }) as typeof process.stderr.write
  collector = await openCollector()
  traces = await openTraces({ endpoint: collector.endpoint, serviceName: 'tongzhou' })
  world = await openFullWorld({ traces })
}, 240_000)
afterAll(async () => {
  process.stderr.write = write
  await world.close()
  await collector.close()
})

/** What must be found nowhere in clear: told to the server above and below. */
const secret = {
  account: '6222020000007777',
  name: '司马藏名',
  words: '腹痛三周不便与人言',
  paper: '住院小结第七七七号',
}
let told = { eventId: 0, items: [] as number[] }

test('a number is shown in full only for a purpose, and she reads who looked and why', async () => {
  const { agency_clerk: agency, member } = world.actors
  const url = `/members/${world.at.own.memberNumber}/reveal`
  expect(await agency.post(url, { what: 'paper' })).toMatchObject({ status: 400 })
  expect(
    await agency.post(`/members/${world.at.parent.memberNumber}/reveal`, { what: 'paper', purpose: '随便看看' }),
  ).toMatchObject({
    status: 404,
    body: { code: 'member_not_found' },
  })
  const seen = await agency.post<{ value: string }>(url, { what: 'paper', purpose: '核对医保结算单' })
  expect(seen.body.value).toMatch(/^\d{17}[\dX]$/)
  expect(
    (await agency.post<{ value: string }>(url, { what: 'account', purpose: '银行退回，核对账号' })).body.value,
  ).toBe('6222020000000012')
  const admin = await world.as('east-admin')
  const staff = (await admin.get<{ id: number; login: string }[]>('/staff')).body
  const kin = { memberNumber: world.at.own.memberNumber, relation: 'spouse', reason: '本人申报' }
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.at.own.unitId}/covers`)
  const colleague = covers.body.find((each) => each.memberNumber !== kin.memberNumber)?.memberNumber
  const declared = `/staff/${staff.find((each) => each.login === 'east-finance')?.id}/kin`
  expect((await admin.post(declared, kin)).status).toBe(201)
  // Of somebody else's kin nothing is told to her.
  expect((await admin.post(declared, { ...kin, relation: 'child', memberNumber: colleague })).status).toBe(201)
  const mine = await member.get<{
    me: { paper: string }
    signIns: unknown[]
    ofStaff: unknown[]
    claims: { words: string; account: string }[]
    whoLooked: { what: string; purpose: string; by: string }[]
    keptHow: { toBeChecked: boolean }[]
    covers: unknown[]
  }>('/me/data')
  expect(mine.body.me.paper).toBe(seen.body.value)
  expect(mine.body.claims[0]).toMatchObject({ words: '住院手术', account: '6222020000000012' })
  expect(mine.body.covers.length).toBe(2)
  expect(mine.body.signIns.length).toBeGreaterThan(0)
  expect(mine.body.ofStaff).toEqual([{ relation: 'spouse', from: world.today, until: null }])
  expect(mine.body.whoLooked).toMatchObject([
    { what: 'paper', purpose: '核对医保结算单', by: '王敏' },
    { what: 'account', purpose: '银行退回，核对账号', by: '王敏' },
  ])
  expect(JSON.stringify(mine.body)).not.toContain('Sealed')
  expect((await world.actors.agency_clerk.get('/me/data')).status).toBe(403)
  const acts = await world.base.owner.query(
    `select reason from platform.act where command = 'privacy.reveal' order by id`,
  )
  expect(acts.rows.map((row) => (row as { reason: string }).reason)).toEqual(['核对医保结算单', '银行退回，核对账号'])
})

test('consent is a row, and so is taking it back', async () => {
  const { member } = world.actors
  expect((await member.post('/me/consents', { purpose: 'settlement_data', given: true })).status).toBe(201)
  expect((await member.post('/me/consents', { purpose: 'settlement_data', given: false })).status).toBe(201)
  const mine = await member.get<{ consents: { purpose: string; given: boolean; wording: string }[] }>('/me/data')
  expect(mine.body.consents.map((each) => each.given)).toEqual([true, false])
  expect(mine.body.consents[0]?.wording).toContain('撤回')
})

test('nothing told in confidence is found in clear: not in tables, database files, stored papers, logs or error replies', async () => {
  const { agency_clerk: agency } = world.actors
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.at.own.unitId}/covers`)
  const other = [...new Set(covers.body.map((each) => each.memberNumber))][2]
  const code = await agency.post<{ login: string; code: string }>(`/members/${other}/sign-in-code`)
  const herself = await world.as(code.body.login, code.body.code)
  const claim = {
    ...stay(2),
    words: secret.words,
    payee: { name: secret.name, account: secret.account, branch: '示范银行东市支行' },
  }
  told = (await herself.post<typeof told>('/claims', claim)).body
  await herself.upload(`/claims/${told.eventId}/papers`, pdf(secret.paper), { kind: '出院记录' })
  // Things go wrong with her data in hand: refused, not understood, and thrown.
  const wrong = [
    await herself.post('/claims', claim),
    await herself.post('/claims', { ...claim, payee: { ...claim.payee, account: `${secret.account}不是` } }),
    await herself.post('/claims', { ...claim, event: { ...claim.event, kind: secret.words } }),
    await world.anybody.post('/sign-in', { login: secret.account, password: secret.name }),
  ]
  await world.base.owner.query('alter table claims.event rename to event_away')
  wrong.push(await herself.post('/claims', { ...claim, event: { ...stay(3).event } }))
  await world.base.owner.query('alter table claims.event_away rename to event')
  expect(wrong.map((each) => each.status)).toEqual([409, 400, 400, 401, 500])
  expect(logged).toContain('"route":"/claims"')

  people = await everybody(world)
  // Names of three signs and more: two signs are found by chance in any text.
  const needles = [...Object.values(secret), code.body.code, ...people.members.filter((each) => each.length >= 3)]
  expect(needles.length).toBeGreaterThan(20)
  for (const needle of needles) {
    expect(logged, 'the server’s log').not.toContain(needle)
    for (const each of wrong) expect(each.raw.toString('utf8'), 'an error reply').not.toContain(needle)
  }
  const { rows } = await world.base.owner.query<{ oid: string }>(
    `select oid::text from pg_database where datname = current_database()`,
  )
  const dir = await dataDirectory()
  const list = needles.join('\n')
  for (const where of [`${dir}/base/${rows[0]?.oid}`, `${dir}/pg_wal`, `${dir}/../postgres.log`, world.base.dir]) {
    const found = grep(where, list)
    expect(found, where).toEqual([])
  }
  // The log is the one that heard of the error above, and the search itself finds what is there.
  expect(grep(`${dir}/../postgres.log`, 'claims.event').length).toBe(1)
  expect(grep(`${dir}/base/${rows[0]?.oid}`, '示范远郊服务站').length).toBeGreaterThan(0)
})

const grep = (where: string, needles: string): string[] => {
  try {
    return execFileSync('grep', ['-rlaF', '-f', '-', where], { input: needles, env: { ...process.env, LC_ALL: 'C' } })
      .toString()
      .trim()
      .split('\n')
  } catch (error) {
    if ((error as { status?: number }).status === 1) return []
    throw error
  }
}
const dataDirectory = async (): Promise<string> => {
  const pg = await import('pg')
  const admin = new pg.default.Client(world.base.connection('postgres'))
  await admin.connect()
  await admin.query('checkpoint')
  const { rows } = await admin.query<{ data_directory: string }>('show data_directory')
  await admin.end()
  return rows[0]?.data_directory ?? ''
}

test('every sealed column is known to the rotation', async () => {
  const { rows } = await world.base.owner.query<{ name: string }>(`
    select table_schema || '.' || table_name || '.' || column_name as name from information_schema.columns
     where column_name like '%\\_sealed' and table_schema not in ('pg_catalog', 'information_schema')`)
  expect(rows.map((row) => row.name).sort()).toEqual(Object.keys(sealedColumns).sort())
})

test('the ring turns while members file claims: everything still opens, and the old key can go', async () => {
  const dir = `${world.base.dir}/keys`
  const { agency_clerk: agency } = world.actors
  expect(await keysInUse(world.base.owner)).toEqual([1])
  const [turned] = await Promise.all([
    rotateKeys(world.base.owner, dir),
    ...[5, 6].map(async () =>
      agency.post(`/members/${world.at.own.memberNumber}/reveal`, { what: 'name', purpose: '轮换时核对' }),
    ),
  ])
  expect(turned.current).toBe(2)
  expect(turned.rewrapped['membership.member.paper_sealed']).toBeGreaterThan(10)
  expect(turned.rewrapped['platform.member_key.wrapped_sealed']).toBeGreaterThan(2)
  // What somebody sealed meanwhile under the old key is taken by another run.
  await rotateKeys(world.base.owner, dir, { fresh: false })
  expect(await keysInUse(world.base.owner)).toEqual([2])
  expect(await retireKeys(world.base.owner, dir)).toEqual([1])
  expect(Object.keys((await openRing(dir)).keys)).toEqual(['2'])
  const mine = await world.actors.member.get<{ me: { name: string }; claims: { account: string }[] }>('/me/data')
  expect(mine.body.claims[0]?.account).toBe('6222020000000012')
  expect(mine.body.me.name.length).toBeGreaterThan(1)
  // And once more, to SM4: every ring-sealed value is of version 2 then, and opens as before.
  expect((await rotateKeys(world.base.owner, dir, { cipher: 'sm4' })).current).toBe(3)
  const { rows } = await world.base.owner.query<{ version: number }>(
    'select distinct get_byte(paper_sealed, 0) as version from membership.member where length(paper_sealed) > 0',
  )
  expect(rows).toEqual([{ version: 2 }])
  const again = await world.actors.member.get<{ claims: { account: string }[] }>('/me/data')
  expect(again.body.claims[0]?.account).toBe('6222020000000012')
})

test('a key is not destroyed while a cover, a claim or money is open, nor before the records may go', async () => {
  const { administrator: admin } = world.actors
  const url = `/members/${world.at.own.memberNumber}/key-destruction`
  const body = { reason: '会员书面要求' }
  expect(await admin.post(url, body)).toMatchObject({ status: 409, body: { code: 'forgetting_open_cover' } })
  world.today = day('2028-01-10')
  const later = async () => (await world.as('east-admin')).post<{ code: string; until: string }>(url, body)
  expect((await later()).body.code).toBe('forgetting_open_money')
  await world.base.owner.query(
    `insert into claims.item_end (office_id, item_id, how, ended_on)
     select office_id, id, 'withdrawn', '2026-07-21' from claims.item on conflict do nothing`,
  )
  await world.base.owner.query(`delete from payments.attempt`)
  await world.base.owner.query(`delete from disclosure.row`)
  await world.base.owner.query(`delete from payments.due`)
  expect((await later()).body).toMatchObject({ code: 'forgetting_too_early', until: '2036-07-20' })
})

test('once destroyed, payee, account, words and papers open for nobody; figures and decisions stay', async () => {
  world.today = day('2036-08-01')
  const person = await world.base.owner.query<{ id: number }>(
    `select id from membership.person where member_number = $1`,
    [world.at.own.memberNumber],
  )
  const id = person.rows[0]?.id ?? 0
  const paper = async () =>
    read(testContext(world.base, { office: 2 }), async (tx) => {
      const { rows } = await tx.client.query<{ id: number }>(
        `select id from platform.file where person_id = $1 limit 1`,
        [id],
      )
      return world.base.services.files.read(tx, rows[0]?.id ?? 0)
    })
  expect((await paper())?.bytes.toString()).toContain('%PDF')
  const before = await world.base.owner.query(
    `select item_id, benefit_fen, workings from claims.decision order by item_id`,
  )
  const admin = await world.as('east-admin')
  const url = `/members/${world.at.own.memberNumber}/key-destruction`
  expect(await admin.post(url, { reason: '保存期满' })).toMatchObject({ status: 201 })
  expect(await admin.post(url, { reason: '保存期满' })).toMatchObject({
    status: 409,
    body: { code: 'already_forgotten' },
  })
  expect(await paper()).toBeUndefined()
  const decider = await world.as('east-decider')
  for (const what of ['paper', 'name', 'account'])
    expect(
      await decider.post(`/members/${world.at.own.memberNumber}/reveal`, { what, purpose: '销毁后再看' }),
    ).toMatchObject({
      status: 404,
      body: { code: 'nothing_to_reveal' },
    })
  const claim = await decider.get<{ payee: { name: string; account: string }; facts: { kind: string } }>(
    `/claims/${world.at.own.eventId}`,
  )
  expect(claim.body.payee.name).toBe('')
  expect(claim.body.facts.kind).toBe('inpatient_stay')
  const after = await world.base.owner.query(
    `select item_id, benefit_fen, workings from claims.decision order by item_id`,
  )
  expect(after.rows).toEqual(before.rows)
  // An older copy of her rows (a backup) does not bring her back: her key is nowhere.
  const keys = await world.base.owner.query(`select from platform.member_key where office_id = 2 and person_id = $1`, [
    id,
  ])
  expect(keys.rows).toEqual([])
})

test('nobody’s number, account or name travels in an address: asked for, sent on to, or linked', async () => {
  world.today = day('2026-07-20')
  const { sibling } = world.at
  const decider = await world.as('east-decider')
  for (const url of ['/', '/reference', '/openapi.json', '/no-such-page', '/sign-in/oidc']) await world.anybody.get(url)
  for (const url of [
    `/notice-lists/${sibling.listId}/board`,
    `/notice-lists/${sibling.listId}`,
    `/claim-items/${sibling.itemId}/letter`,
    `/claim-items/${sibling.itemId}`,
    `/claims/${sibling.eventId}`,
  ])
    expect((await decider.get(url)).status, url).toBe(200)
  // The search finds what there is: addresses asked for, links of pages, paths in data.
  for (const known of [
    '/claims',
    `/notice-lists/${sibling.listId}/board`,
    '/tongzhou.css',
    '#会员',
    '/claims/{eventId}',
  ])
    expect(world.addresses).toContain(known)
  expect(
    telling([`/a?q=${encodeURIComponent(secret.name)}`, '/b/990001199001010018', '/c/7'], [secret.name]),
  ).toHaveLength(2)
  const words = [...people.members, ...people.staff, ...Object.values(secret), '6222020000000012', '某人']
  expect(words.length).toBeGreaterThan(40)
  expect(telling(world.addresses, words)).toEqual([])
})

test('nor does it stand in what a collector of traces is told of the whole story', async () => {
  await traces.stop()
  const names = new Set(collector.spans.map((span) => span.name))
  for (const name of ['POST /claims', 'claims.file', 'privacy.reveal', 'insert']) expect(names).toContain(name)
  const told = collector.raw()
  for (const word of [...people.members, ...Object.values(secret), '6222020000000012'].filter(
    (each) => each.length >= 3,
  ))
    expect(told).not.toContain(word)
})
