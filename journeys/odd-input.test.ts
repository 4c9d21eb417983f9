import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { demoStaff } from '../server/src/seed/demonstration.ts'
import { type Dice, dice } from '../server/src/seed/people.ts'
import { as, closedRoster, done, moneyCame, rosterWith } from './steps.ts'
import { type Client, openWorld, pdf, peopleFrom, type Reply, rosterOf, type World } from './world.ts'

// Odd things at every address of the API, as everybody who can sign in: never an answer that says the system broke, and
// where the answer is no, nothing has changed. The oddities are thrown by a dice that falls the same way each time.

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: Schema | boolean
  readonly minimum?: number
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly description?: string
}

let world: World
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {}
const ids: Record<string, (number | string | undefined)[]> = {}
let reference = ''
const clients: [string, Client][] = []

beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  const at = ['east', 'unit1'] as const
  const roster = await closedRoster(world, at, 'demo-critical', peopleFrom(1, 12))
  done(
    await moneyCame(world, 'east', [
      { fen: roster.dueFen, note: roster.noticeNumber, reference: '1' },
      { fen: 5, reference: '2' },
    ]),
  )
  const open = await rosterWith(world, at, 'demo-hospital', peopleFrom(50, 3))
  world.today = day('2026-07-01')
  const agency = await as(world, 'east-agency')
  const covers = await agency.get<{ memberNumber: string }[]>(`/units/${world.demo.units['east-unit1']}/covers`)
  const memberOf = async (n: number) => {
    const url = `/members/${covers.body[n]?.memberNumber}/sign-in-code`
    const { login, code } = done(await agency.post<{ login: string; code: string }>(url))
    return world.as(login, code)
  }
  const file = async (client: Client) =>
    done(
      await client.post<{ eventId: number; items: number[] }>('/claims', {
        ...claimText,
        event: { ...claimText.event },
      }),
    )
  const [first, member] = [await memberOf(0), await memberOf(1)]
  const [paid, claim] = [await file(first), await file(member)]
  // One claim has gone all the way to the bank, another has just been told.
  done(await first.upload(`/claims/${paid.eventId}/papers`, pdf('病理报告'), { kind: '病理报告' }))
  done(await agency.post(`/claim-items/${paid.items[0]}/review`, { verdict: 'pass' }))
  done(await (await as(world, 'east-decider')).post(`/claim-items/${paid.items[0]}/decision`))
  const { batchId } = done(await (await as(world, 'east-finance')).post<{ batchId: number }>('/payment-batches'))
  const releaser = await as(world, 'east-releaser')
  done(await releaser.post(`/payment-batches/${batchId}/release`))
  reference =
    /(?<=,)\d+-\d+-1(?=,)/.exec((await releaser.get(`/payment-batches/${batchId}/file`)).raw.toString('latin1'))?.[0] ??
    ''
  const known = async (sql: string) => (await world.base.owner.query<{ id: number }>(sql)).rows.map((row) => row.id)
  Object.assign(ids, {
    rosterId: [open, roster.rosterId],
    unitId: [world.demo.units['east-unit1'], world.demo.units['west-unit1']],
    eventId: [claim.eventId, paid.eventId],
    itemId: [...claim.items, ...paid.items],
    batchId: [batchId],
    noticeId: [roster.noticeId],
    dueId: await known('select id from payments.due'),
    receiptId: await known('select id from contributions.receipt'),
    handInId: await known('select id from enrolment.hand_in'),
    editionId: await known(`select id from plans.edition where plan like 'demo-%'`),
    agencyId: [world.demo.agencies['east-agency1']],
    memberNumber: covers.body.slice(0, 3).map((each) => each.memberNumber),
    period: ['2026', '2026-03', '2026-13', '2199-01'],
  })
  for (const { login: name } of demoStaff('east')) clients.push([name, await as(world, name)])
  clients.push(['west-decider', await as(world, 'west-decider')], ['member', member], ['nobody', world.anybody])
  paths = (await world.anybody.get<{ paths: typeof paths }>('/openapi.json')).body.paths
}, 180_000)
afterAll(() => world.close())

const claimText = {
  event: {
    kind: 'diagnosis',
    dates: {
      diagnosis: '2026-06-20',
      admission: '2026-06-18',
      discharge: '2026-06-25',
      settlement: '2026-06-25',
      pathology: '2026-06-20',
      accident: '2026-06-18',
    },
    bill: { total: 3_000_000, in_scope_self_pay: 650_000 },
    days: { inpatient: 7 },
    codes: { diagnosis: 'C34', severity: 'severe', cause: 'disease', hospital_level: 3 },
  },
  words: '',
  nameInNotice: true,
  payee: { name: '某人', account: '6222020000000012', branch: '示范银行' },
}
/** What fits, made afresh; one or two places in it are then made odd. */
const fitting = (path: string, roll: Dice): unknown => {
  const a = (name: string) => roll.of(ids[name] ?? [])
  const bodies: Readonly<Record<string, unknown>> = {
    '/claims': claimText,
    '/rosters': { unitId: a('unitId'), editionId: a('editionId') },
    '/rosters/{rosterId}/removals': { rows: [{ handInId: a('handInId'), row: roll.whole(2, 5) }], reason: '交错了' },
    '/rosters/{rosterId}/closing': { payers: { unit: roll.of([0, 72_000, 10_800]) } },
    '/allocations': { receiptId: a('receiptId'), noticeId: a('noticeId'), amountFen: roll.of([1, 5, 72_000]) },
    '/claim-items/{itemId}/review': {
      verdict: roll.of(['pass', 'regrade']),
      facts: claimText.event,
      reason: '材料如此',
    },
    '/payment-dues/{dueId}/account': { ...claimText.payee, reason: '账号抄错' },
    '/units': { name: `某单位${roll.whole(1, 99)}`, kind: 'without_code', agencyId: a('agencyId') },
    '/sign-in': { login: 'east-unit1', password: 'x' },
  }
  return structuredClone(bodies[path] ?? {})
}
const makeOdd = (thing: unknown, roll: Dice): void => {
  if (thing === null || typeof thing !== 'object') return
  const keys = Object.keys(thing)
  if (keys.length === 0) return
  const key = roll.of(keys) as keyof typeof thing
  const value: unknown = thing[key]
  if (value !== null && typeof value === 'object' && roll.next() < 0.8) {
    makeOdd(value, roll)
    return
  }
  const odd = typeof value === 'number' ? oddNumbers : /^\d{4}-/.test(String(value)) ? oddDays : oddTexts
  Object.assign(thing, {
    [roll.next() < 0.9 ? key : roll.of(oddTexts)]: roll.next() < 0.85 ? roll.of(odd as unknown[]) : roll.of(oddThings),
  })
}

const oddTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '💥'.repeat(40),
  "'; drop table x; --",
  '=HYPERLINK("http://x")',
  '../../etc/passwd',
  '<script>1</script>',
  '１２３',
  'x'.repeat(3_000),
  '\u202e张三',
  '{{7*7}}',
  'null',
  '0',
  '-1',
  '1e309',
  '9007199254740993',
]
const oddDays = [
  '9999-12-31',
  '0001-01-01',
  '1799-12-31',
  '2026-02-30',
  '2028-02-29',
  '2199-12-31',
  '2026-07-01',
  '2026-06-20',
  '10000-01-01',
  '2026-07-02',
]
const oddNumbers = [
  0,
  -1,
  1,
  2,
  0.5,
  2_147_483_648,
  900_000_000_000,
  900_000_000_001,
  Number.MAX_SAFE_INTEGER,
  1e300,
  -0,
]
const oddThings: unknown[] = [null, [], {}, true, 7, 'x', [[]], { a: { b: [] } }]

/** A value that mostly fits what is asked for, and is odd in itself. */
const valueFor = (schema: Schema, roll: Dice, name = ''): unknown => {
  if (roll.next() < 0.04) return roll.of(oddThings)
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return roll.of(schema.enum)
  if (schema.anyOf) return valueFor(roll.of(schema.anyOf), roll, name)
  if (ids[name] && roll.next() < 0.7) return roll.of(ids[name] ?? [])
  const type = Array.isArray(schema.type) ? roll.of(schema.type as string[]) : schema.type
  if (type === 'object' || schema.properties) {
    const made: Record<string, unknown> = {}
    for (const [key, each] of Object.entries(schema.properties ?? {}))
      if (schema.required?.includes(key) ? roll.next() < 0.97 : roll.next() < 0.6) made[key] = valueFor(each, roll, key)
    if (schema.additionalProperties && typeof schema.additionalProperties === 'object')
      for (const key of [
        'diagnosis',
        'admission',
        'settlement',
        'accident',
        'inpatient',
        'total',
        'constructor',
        'x'.repeat(50),
      ])
        if (roll.next() < 0.4) made[key] = valueFor(schema.additionalProperties, roll, key)
    if (roll.next() < 0.05) made.extra = roll.of(oddThings)
    return made
  }
  if (type === 'array') return Array.from({ length: roll.whole(0, 3) }, () => valueFor(schema.items ?? {}, roll))
  if (type === 'integer' || type === 'number') return roll.of(oddNumbers)
  if (type === 'boolean') return roll.next() < 0.5
  if (type === 'null') return null
  if (schema.format === 'date') return roll.of(oddDays)
  if (name === 'account') return roll.of(['6222020000000012', '1234 5678 9', ...oddTexts])
  return roll.of(oddTexts)
}

const urlFor = (path: string, operation: Operation, roll: Dice): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(
      ids[name] && roll.next() < 0.8
        ? String(roll.of(ids[name] ?? []))
        : roll.of(oddTexts).replace(/\p{Surrogate}/gu, '�') || '0',
    ),
  )
  const query = (operation.parameters ?? [])
    .filter((each) => each.in === 'query' && roll.next() < 0.7)
    .map(
      ({ name, schema }) =>
        `${name}=${encodeURIComponent(String(valueFor(schema, roll, name)).replace(/\p{Surrogate}/gu, '�'))}`,
    )
  return query.length > 0 ? `${filled}?${query.join('&')}` : filled
}

const files = async (): Promise<Buffer[]> => [
  pdf('x'),
  Buffer.from('x'),
  await rosterOf(peopleFrom(90, 2)),
  Buffer.from('姓名,身份证号\r\n=1+1,"\u0000"\r\n'),
  Buffer.from(
    '交易日期,对方户名,贷方金额,附言,流水号\r\n2026-03-02,x,1e5,JF2026-2-1,\u0000\r\n2026-03-02,\u0000,5,x\u0000,7\r\n',
  ),
  Buffer.from('参考号,金额,结果,原因\r\n2-1-1,1.00,成功,\r\n\u0000,1,失败,\u0000\r\n'),
  Buffer.from(`参考号,金额,结果,原因\r\n${reference},10000.00,失败,户名不符\r\n`),
  Buffer.from(`参考号,金额,结果,原因\r\n${reference},10000.01,成功,\r\n`),
  Buffer.from(
    '交易日期,对方户名,贷方金额,附言,流水号\r\n2026-06-02,x,7.00,JF2026-2-1 JF9999-999999999999999999999-1,q1\r\n',
  ),
  Buffer.alloc(6_000, 'x,'),
  Buffer.concat([Buffer.from('姓名,身份证号\r\n'), Buffer.alloc(8_000, 'a'), Buffer.from([0, 44, 0, 13, 10])]),
  Buffer.from([0xff, 0xfe, 0x00, 0x01]),
]

/** Rows of every table; sign-ins and failed tries beside, which are meant to leave a trace. */
const digest = async (): Promise<string> => {
  const { rows } = await world.base.owner.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
      where schemaname in ('platform', 'network', 'membership', 'plans', 'enrolment', 'contributions', 'claims', 'payments', 'ledger', 'disclosure')
        and tablename not in ('session', 'id_block') order by 1`,
  )
  const counted = await world.base.owner.query(
    rows.map(({ name }) => `select '${name}' as t, count(*)::int as n from ${name}`).join(' union all ') +
      ' order by 1',
  )
  return JSON.stringify(counted.rows)
}

// In npm test twice more, for it has eight minutes; in npm run test:long eight times more.
const more = process.env.TEST_LONG ? 8 : 2

describe('odd things at every address', () => {
  test('nothing breaks, and what is refused changes nothing', async () => {
    const roll = dice(20_260_302)
    const uploads = await files()
    let [sent, taken] = [0, 0]
    const broken: string[] = []
    let before = await digest()
    for (const [path, methods] of Object.entries(paths))
      for (const [method, operation] of Object.entries(methods)) {
        if (path === '/sign-out') continue
        for (const [who, client] of clients) {
          const replies: [string, Reply][] = []
          const trial = async (): Promise<void> => {
            const url = urlFor(path, operation, roll)
            const form = operation.description?.includes('multipart')
            if (method === 'get') replies.push([url, await client.get(url)])
            else if (form && roll.next() < 0.9) {
              const names = [...(operation.description ?? '').matchAll(/[a-zA-Z]+/g)]
                .map(([name]) => name)
                .filter((name) => name !== 'multipart' && name !== 'file')
              const claim = structuredClone(claimText)
              if (roll.next() < 0.8) makeOdd(claim, roll)
              const good: Readonly<Record<string, string>> = {
                kind: roll.of(['staff', '病理报告']),
                countedOn: '2026-06-01',
                appliedOn: '2026-06-01',
                heads: '12',
                workers: '12',
                mode: roll.of(['good_rows', 'all_or_nothing']),
                account: '专户',
                claim: JSON.stringify({ ...claim, memberNumber: roll.of(ids.memberNumber ?? []) }),
              }
              const fields = Object.fromEntries(
                names.map((name) => [
                  name,
                  good[name] !== undefined && roll.next() < 0.8
                    ? good[name]
                    : roll.of(oddTexts).replace(/\p{Surrogate}/gu, '�'),
                ]),
              )
              replies.push([`${url} ${JSON.stringify(fields)}`, await client.upload(url, roll.of(uploads), fields)])
            } else {
              const schema = operation.requestBody?.content['application/json']?.schema
              const fit = fitting(path, roll)
              for (let i = roll.whole(0, 2); i > 0; i -= 1) makeOdd(fit, roll)
              const body =
                roll.next() < 0.6 ? fit : roll.next() < 0.1 ? roll.of(oddThings) : schema ? valueFor(schema, roll) : {}
              replies.push([`${url} ${JSON.stringify(body)?.slice(0, 400)}`, await client.post(url, body)])
            }
          }
          await trial()
          // Who may do a thing is tried longer.
          if (replies.some(([, reply]) => reply.status !== 403 && reply.status !== 401))
            for (let i = 0; i < more; i += 1) await trial()
          sent += replies.length
          taken += replies.filter(([, reply]) => reply.status < 400).length
          for (const [what, reply] of replies) if (reply.status >= 500) broken.push(`${who} ${method} ${what}`)
          // Who may not do a thing at all was stopped before it began.
          if (replies.every(([, reply]) => reply.status === 401 || reply.status === 403)) continue
          const after = await digest()
          if (replies.every(([, reply]) => reply.status >= 400)) expect([path, who, after]).toEqual([path, who, before])
          before = after
        }
      }
    expect(broken).toEqual([])
    expect(sent).toBeGreaterThan(1_000)
    expect(taken).toBeGreaterThan(50)
  }, 600_000)
})
