import { assert } from '#kernel/assert.ts'
import { mayDo, type Permit } from '#modules/network/index.ts'
import { demoPassword } from '../server/src/seed/demonstration.ts'
import { dice } from '../server/src/seed/people.ts'
import { type FullWorld, type Place, places, type Records } from './places.ts'
import { peopleFrom } from './world.ts'

// Hostile requests made from the description of the interface itself, the same for the same seed: so that what is added to
// the interface is attacked from its first day.

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly required?: readonly string[]
}
interface Operation {
  readonly method: string
  readonly path: string
  readonly params: readonly string[]
  readonly query: readonly string[]
  readonly body: Schema | null
  readonly upload: boolean
}

/** What ends the attacker's own sign-in is left out: it would only make the rest of the attack weaker. */
const left = ['/sign-out', '/me/sessions/end-others', '/me/password', '/me/sessions/{sessionId}/end']

export const operationsOf = async (world: FullWorld): Promise<Operation[]> => {
  const { paths } = (await world.anybody.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')).body
  return Object.entries(paths)
    .filter(([path]) => !left.includes(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, each]) => {
        const operation = each as {
          parameters?: { name: string; in: string }[]
          description?: string
          requestBody?: { content?: Record<string, { schema: Schema }> }
        }
        return {
          method: method.toUpperCase(),
          path,
          params: (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name),
          query: (operation.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name),
          body: operation.requestBody?.content?.['application/json']?.schema ?? null,
          upload: operation.description?.startsWith('multipart') ?? false,
        }
      }),
    )
}

const wellFormed = (name: string, schema: Schema, at: Records): unknown => {
  if (name in at) return at[name as keyof Records]
  if (schema.anyOf) return wellFormed(name, schema.anyOf[0] ?? {}, at)
  if (schema.enum) return schema.enum[0]
  if (schema.format === 'date') return '2026-07-20'
  switch (schema.type) {
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, each]) => [key, wellFormed(key, each, at)]),
      )
    default:
      return /account/i.test(name) ? '6222020000000012' : 'abc.defgh'
  }
}

/** Halves of a character cannot stand in an address. */
const wellFormedText = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')
const long = (sign: string, n: number): string => sign.repeat(n)
const strange: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  2 ** 53,
  0.5,
  '',
  ' ',
  [],
  [1],
  {},
  { $gt: '' },
  { toString: 'x' },
  '0x10',
  'NaN',
  '1e3',
  '\u0000',
  '\ud800',
  '‮倒',
  'null',
  '2026-02-30',
]
const evil: readonly string[] = [
  "' or '1'='1",
  "'; drop table network.unit; --",
  '../../../../etc/passwd',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%00',
  'ab\u0000cd',
  'ab\ud800cd',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '#{7*7}',
  '=cmd|" /C calc"!A0',
  '@SUM(1+1)*cmd',
  'http://169.254.169.254/latest/meta-data/',
  'file:///etc/passwd',
  `${long('a', 30_000)}!`,
  `${long('0', 30_000)}x`,
  `${long(' ', 30_000)}.`,
  `${long('1 ', 15_000)}x`,
  long('长', 20_000),
]
const files: readonly Buffer[] = [
  Buffer.from(
    `姓名,身份证号,工号\n${peopleFrom(70_000, 2)
      .map((each) => `${each.name}\u0000,${each.paper},ab\u0000cd`)
      .join('\n')}\n`,
  ),
  Buffer.alloc(0),
  Buffer.from('<html><script>alert(1)</script></html>'),
  Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="http://169.254.169.254/"/></svg>',
  ),
  Buffer.from('%PDF-1.4\n<script>alert(1)</script>'),
  Buffer.from('PK\u0003\u0004 not a zip at all'),
  Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(4_000, 0xff)]),
  Buffer.from('姓名,身份证号\n=cmd|" /C calc"!A0,@SUM(1+1)\n'),
  Buffer.from(`姓名,身份证号\n${long('甲', 30_000)},${long('1', 30_000)}\n`),
  Buffer.from('交易日期,对方户名,贷方金额,附言,流水号\n2026-07-20,=1+1,1e400,x,-1\n'),
  Buffer.from([0xff, 0xfe, 0x00, 0x00, 0x80, 0x81]),
]

const kinds = [
  'a neighbour’s ids',
  'an id that is none',
  'another type',
  'evil words',
  'too long',
  'too much set',
  'broken body',
  'forged token',
  'odd headers',
  'evil file',
  'odd query',
] as const
export type Kind = (typeof kinds)[number]

export interface Hostile {
  readonly kind: Kind
  readonly name: string
  readonly inject: {
    readonly method: 'GET' | 'POST'
    readonly url: string
    readonly headers: Record<string, string>
    readonly payload?: Buffer | string
  }
}

const boundary = 'attack-boundary-31f'
const multipart = (file: Buffer, filename: string, fields: Record<string, string>): Buffer =>
  Buffer.concat([
    ...Object.entries(fields).map(([name, value]) =>
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    ),
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\ncontent-type: text/html\r\n\r\n`,
    ),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])

export interface Attacker {
  readonly role: string
  readonly token: string
}
/** Everybody of the east, signed in. */
export const attackersOf = async (world: FullWorld): Promise<Attacker[]> => {
  const attackers: Attacker[] = []
  const people = ['unit1', 'agency', 'reviewer', 'decider', 'finance', 'releaser', 'supervisor', 'admin'].map(
    (each) => ({
      login: `east-${each}`,
      password: demoPassword,
    }),
  )
  for (const signIn of [...people, { login: world.member.login, password: world.member.code }]) {
    const { body } = await world.anybody.post<Attacker>('/sign-in', signIn)
    attackers.push({ role: body.role, token: body.token })
  }
  return attackers
}
const permitsOf = (world: FullWorld, { method, path }: Operation): readonly string[] =>
  world.app.routes.find((route) => route.method === method && route.url === path.replace(/\{(\w+)\}/g, ':$1'))
    ?.permits ?? []

/** `count` hostile requests by officers and members of the east, each kind and each operation in turn and at random. */
export const hostileRequests = async (
  world: FullWorld,
  attackers: readonly Attacker[],
  { seed, count }: { seed: number; count: number },
): Promise<Hostile[]> => {
  const operations = await operationsOf(world)
  const roll = dice(seed)
  return Array.from({ length: count }, (_, n): Hostile => {
    const operation = operations[n % operations.length]
    assert(operation, 'the interface has operations')
    let kind: Kind = roll.of(kinds)
    if (operation.method === 'GET' && ['another type', 'too much set', 'broken body', 'evil file'].includes(kind))
      kind = 'evil words'
    if (operation.upload && ['another type', 'too much set', 'broken body'].includes(kind)) kind = 'evil file'
    const place: Place = kind === 'a neighbour’s ids' ? 'foreign' : roll.of(places)
    const at = world.at[place]
    // Mostly somebody who may do such a thing at all: the others are refused at the door.
    const able = attackers.filter(({ role }) =>
      permitsOf(world, operation).some((permit) => mayDo(role, permit as Permit)),
    )
    const tokens = (able.length > 0 && roll.next() < 0.8 ? able : attackers).map((each) => each.token)
    const headers: Record<string, string> = { authorization: `Bearer ${roll.of(tokens)}` }
    const word = (): string => roll.of(evil)
    let url = operation.path.replace(/\{(\w+)\}/g, (_all, param: string) => {
      if (kind === 'an id that is none')
        return encodeURIComponent(String(roll.of([0, -1, 1.5, 'x', '9'.repeat(30), 'null', '1;2', 2 ** 53])))
      if ((kind === 'evil words' || kind === 'too long') && roll.next() < 0.5)
        return roll.next() < 0.3
          ? word()
              .slice(0, 400)
              .replaceAll(/[^\x21-\x7e]/g, '_')
          : encodeURIComponent(wellFormedText(word().slice(0, 3_000)))
      const value = at[param as keyof Records]
      return String(value ?? (param === 'period' ? '2026-07' : 1))
    })
    if (kind === 'odd query' || (operation.query.length > 0 && roll.next() < 0.4)) {
      const name = operation.query.length > 0 ? roll.of(operation.query) : 'office'
      const value = encodeURIComponent(
        roll.next() < 0.5
          ? wellFormedText(word().slice(0, 2_000))
          : (JSON.stringify(roll.of(strange)) ?? '').slice(0, 200),
      )
      url += roll.of([
        `?${name}=${value}`,
        `?${name}[]=${value}`,
        `?${name}=1&${name}=2`,
        `?__proto__[x]=1`,
        `?${name}`,
      ])
    }
    if (kind === 'forged token') {
      headers.authorization = roll.of([
        `Bearer ${word()
          .slice(0, 150)
          .replaceAll(/[^\x20-\x7e]/g, '_')}`,
        `Bearer ${long('a', 43)}`,
        'Bearer ',
        'Basic YWRtaW46YWRtaW4=',
        `bearer ${roll.of(tokens)}`,
      ])
      if (roll.next() < 0.3) headers.cookie = `session=${roll.of(tokens)}`
    }
    if (kind === 'odd headers') {
      headers['idempotency-key'] = roll.of([long('k', 5_000), "'; --", '\t', 'k'])
      headers['x-forwarded-for'] = '127.0.0.1, 10.0.0.1'
      headers['accept-language'] = long('zh,', 500)
      headers['content-type'] = roll.of(['application/xml', 'text/plain', 'application/json; charset=utf-16', 'x', ''])
    }
    let payload: Buffer | string | undefined
    if (operation.method === 'POST') {
      const body = (wellFormed('', operation.body ?? { type: 'object' }, at) ?? {}) as Record<string, unknown>
      headers['content-type'] ??= 'application/json'
      const fields = Object.keys(body)
      if (operation.upload || kind === 'evil file') {
        headers['content-type'] = `multipart/form-data; boundary=${boundary}`
        const names = ['kind', 'mode', 'appliedOn', 'workers', 'countedOn', 'heads', 'account', 'claim']
        payload = multipart(
          roll.of(files),
          roll.of(['x.pdf', '../../x.sh', 'a\u0000.pdf', `${long('n', 3_000)}.xlsx`]),
          Object.fromEntries(
            names.map((name) => [
              name,
              roll.next() < 0.5 ? '1' : roll.next() < 0.2 ? 'ab\u0000cd' : word().slice(0, 5_000),
            ]),
          ),
        )
      } else if (kind === 'broken body')
        payload = roll.of([
          '{"a":',
          '[]',
          'null',
          '"x"',
          `${long('[', 20_000)}${long(']', 20_000)}`,
          `${long('{"a":', 5_000)}1${long('}', 5_000)}`,
          `{"__proto__":{"role":"administrator"}}`,
          `{"constructor":{"prototype":{"x":1}}}`,
          Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
          long('x', 1_200_000),
        ])
      else {
        for (const field of fields) {
          if (kind === 'another type' && roll.next() < 0.6) body[field] = roll.of(strange)
          if (kind === 'evil words' && roll.next() < 0.6) body[field] = word()
          if (kind === 'too long' && roll.next() < 0.6) body[field] = long(roll.of(['a', '1', '长']), 50_000)
        }
        if (kind === 'too much set')
          Object.assign(body, {
            id: 1,
            office_id: 3,
            officeId: 3,
            person_id: 1,
            role: 'administrator',
            decided_by: 1,
            benefitFen: 99_999_999,
            made_by: 1,
            admitted_on: '2020-01-01',
            isAdmin: true,
          })
        payload = JSON.stringify(body)
      }
    }
    return {
      kind,
      name: `${n} ${kind}: ${operation.method} ${operation.path}`,
      inject: {
        method: operation.method as 'GET' | 'POST',
        url,
        headers,
        ...(payload === undefined ? {} : { payload }),
      },
    }
  })
}

/** Readings that leave an act of their own (and its line to be sealed), on purpose: a sheet was fetched, a record opened. */
const fetched = `'watcher.opened', 'payments.fetch-file', 'enrolment.fetch-roster', 'enrolment.fetch-report'`

/** A fingerprint of every table: what an attack must leave as it was. */
export const fingerprint = async (world: FullWorld, office?: number): Promise<Record<string, string>> => {
  const { rows: tables } = await world.base.owner.query<{ name: string; office: boolean }>(`
    select n.nspname || '.' || c.relname as name,
           exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'office_id' and not a.attisdropped) as office
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'migrations')
       and n.nspname || '.' || c.relname not in ('platform.id_block', 'evidence.unsealed') order by 1`)
  const asked = tables
    .filter((table) => office === undefined || table.office)
    .map(
      ({ name }) =>
        `select '${name}' as name, count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as print from ${name} t
          where true ${office === undefined ? '' : `and office_id = ${office}`} ${name === 'platform.act' ? `and command not in (${fetched})` : ''}`,
    )
  const { rows } = await world.base.owner.query<{ name: string; print: string }>(asked.join(' union all '))
  return Object.fromEntries(rows.map((row) => [row.name, row.print]))
}

export interface Outcome {
  readonly broken: readonly string[]
  readonly slow: readonly string[]
  readonly changed: readonly string[]
  readonly refused: number
  readonly answered: number
  readonly byStatus: Readonly<Record<number, number>>
}

/** Sends them one after another; after each run of refusals nothing may have changed. */
export const attack = async (world: FullWorld, requests: readonly Hostile[]): Promise<Outcome> => {
  const broken: string[] = []
  const slow: string[] = []
  const changed: string[] = []
  const byStatus: Record<number, number> = {}
  let answered = 0
  let before = await fingerprint(world)
  let since: string[] = []
  const check = async (): Promise<void> => {
    const after = await fingerprint(world)
    for (const [table, print] of Object.entries(after))
      if (print !== before[table]) changed.push(`${table} changed by one of: ${since.join(' | ')}`)
    before = after
    since = []
  }
  for (const { name, inject } of requests) {
    // Time of the processor, not of the clock: what others do on the machine is not ours.
    const began = process.cpuUsage()
    const reply = await world.app.inject(inject)
    const ms = process.cpuUsage(began).user / 1_000
    byStatus[reply.statusCode] = (byStatus[reply.statusCode] ?? 0) + 1
    if (reply.statusCode >= 500)
      broken.push(`${name}: ${inject.url.slice(0, 200)} ${String(inject.payload ?? '').slice(0, 300)}`)
    if (ms > 3_000) slow.push(`${name}: ${Math.round(ms)} ms`)
    if (reply.statusCode < 400) answered += 1
    if (reply.statusCode < 400 && inject.method === 'POST') {
      // Something was rightly done (a well-formed request within the actor's rights): what came before must have done nothing.
      before = await fingerprint(world)
      since = []
    } else since.push(name)
    if (since.length >= 40) await check()
  }
  await check()
  return { broken, slow, changed, refused: requests.length - answered, answered, byStatus }
}
