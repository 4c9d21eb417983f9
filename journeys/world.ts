import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { assert } from '#kernel/assert.ts'
import type { CivilDate } from '#kernel/days.ts'
import type { App, HttpOptions } from '#platform/http/http.ts'
import { writeCsv, writeXlsx } from '#platform/sheets/index.ts'
import { createApp, createWorker } from '../server/src/app.ts'
import { type Demonstration, demoPassword, seedDemonstration } from '../server/src/seed/demonstration.ts'
import { dice, type Person, person } from '../server/src/seed/people.ts'
import { scan } from '../server/src/seed/scan.ts'
import { type TestDatabase, testDatabase } from '../test/database.ts'
import { addressesIn } from './addresses.ts'

export interface Reply<T = Record<string, unknown>> {
  readonly status: number
  readonly body: T
  readonly raw: Buffer
}

/** A signed-in person at the real application, over its own HTTP edge. */
export interface Client {
  get<T = Record<string, unknown>>(url: string): Promise<Reply<T>>
  post<T = Record<string, unknown>>(url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply<T>>
  upload<T = Record<string, unknown>>(
    url: string,
    file: Buffer,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ): Promise<Reply<T>>
}

export interface World {
  readonly base: TestDatabase
  readonly app: App
  readonly demo: Demonstration
  /** the day it is, until it is set to another */
  today: CivilDate
  as(login: string, password?: string): Promise<Client>
  anybody: Client
  /** every address that was asked for or given in an answer so far */
  readonly addresses: ReadonlySet<string>
  /** delivers what modules announced to each other */
  deliver(): Promise<number>
  close(): Promise<void>
}

export const pdf = (text: string): Buffer => scan(text)

const form = (file: Buffer, fields: Record<string, string>) => {
  const boundary = 'journey-boundary-7d1'
  const parts: Buffer[] = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  )
  parts.push(
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\ncontent-type: application/octet-stream\r\n\r\n`,
    ),
    file,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  )
  return { payload: Buffer.concat(parts), type: `multipart/form-data; boundary=${boundary}` }
}

const clientOf = (app: App, seen: Set<string>, token?: string): Client => {
  const send = async <T>(
    method: 'GET' | 'POST',
    url: string,
    payload?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<T>> => {
    const reply = await app.inject({
      method,
      url,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
      ...(payload === undefined ? {} : { payload: payload as Buffer }),
    })
    for (const address of [url, ...addressesIn(reply.headers, reply.body)]) seen.add(address)
    const json = String(reply.headers['content-type']).includes('json')
    return { status: reply.statusCode, body: (json ? reply.json() : reply.body) as T, raw: reply.rawPayload }
  }
  return {
    get: (url) => send('GET', url),
    post: (url, body = {}, headers = {}) =>
      send('POST', url, JSON.stringify(body), { 'content-type': 'application/json', ...headers }),
    upload: (url, file, fields = {}, headers = {}) => {
      const { payload, type } = form(file, fields)
      return send('POST', url, payload, { ...headers, 'content-type': type })
    },
  }
}

export type MoreOptions = Pick<HttpOptions, 'oidc' | 'log' | 'traces'>

/** The demonstration association on a database of its own, on a day that the journey sets. */
export const openWorld = async (today: CivilDate, more: MoreOptions = {}): Promise<World> => {
  const base = await testDatabase()
  const world = { today }
  const addresses = new Set<string>()
  const clock = () => new Date(`${world.today}T10:00:00+08:00`)
  const options: HttpOptions = { db: base.db, services: base.services, clock, ...more }
  const demo = await seedDemonstration(base.db, base.services, clock(), today)
  const app = await createApp(options)
  const worker = createWorker(options)
  return Object.assign(world, {
    base,
    app,
    demo,
    anybody: clientOf(app, addresses),
    addresses,
    as: async (login: string, password = demoPassword): Promise<Client> => {
      const signedIn = await clientOf(app, addresses).post<{ token: string }>('/sign-in', { login, password })
      assert(signedIn.status === 200, `${login} could not sign in: ${JSON.stringify(signedIn.body)}`)
      return clientOf(app, addresses, signedIn.body.token)
    },
    deliver: () => worker.drain(),
    close: async () => {
      await app.close()
      await base.close()
    },
  })
}

/**
 * The statements that a piece of work sends to the database, beyond the session, and the opening and the commit of its
 * transaction. Counted at the driver, so that nothing can be sent past it. (Ids come in blocks of a thousand, by a connection
 * of their own.)
 */
export const statementsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  const sent: string[] = []
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    const [first] = given as [string | { text?: string }]
    sent.push((typeof first === 'string' ? first : (first.text ?? 'stream')).replace(/\s+/g, ' ').trim())
    return Reflect.apply(query, this, given)
  } as typeof query
  try {
    await work()
  } finally {
    pg.Client.prototype.query = query
  }
  return sent.filter((text) => !/^(BEGIN|COMMIT)|network\.session_of|platform\.take_ids/.test(text))
}

/** People of a unit: nobody's numbers, the same for the same start. */
export const peopleFrom = (start: number, count: number): Person[] => {
  const roll = dice(start)
  return Array.from({ length: count }, (_, i) => person(start + i, roll))
}

export const rosterOf = (people: readonly Person[], shares?: number): Promise<Buffer> =>
  writeXlsx([
    ['姓名', '身份证号', ...(shares ? ['份数'] : [])],
    ...people.map((each) => [each.name, each.paper, ...(shares ? [shares] : [])]),
  ])

/** A line of the demonstration bank's statement. */
export const statementOf = (
  lines: readonly { on: string; payer: string; yuan: string; note: string; reference: string }[],
): Buffer =>
  writeCsv([
    ['账户流水'],
    ['交易日期', '对方户名', '贷方金额', '附言', '流水号'],
    ...lines.map((line) => [line.on, line.payer, line.yuan, line.note, line.reference]),
  ])

export const tempDir = (): Promise<string> => mkdtemp(join(tmpdir(), 'tz-journey-'))

/** A unit's people covered by a plan from roster to money, as three officers do it; gives the covers' first day. */
export const enrol = async (
  world: World,
  key: 'east' | 'west',
  unit: 'unit1' | 'unit2',
  plan: string,
  people: readonly Person[],
  { shares, commonDay, heads = people.length }: { shares?: number; commonDay?: string; heads?: number } = {},
): Promise<{ rosterId: number; coverFrom: string; certificate: string }> => {
  const [officer, agency, finance] = [
    await world.as(`${key}-${unit}`),
    await world.as(`${key}-agency`),
    await world.as(`${key}-finance`),
  ]
  const editions = await officer.get<{ id: number; plan: string }[]>('/editions')
  const edition = editions.body.find((each) => each.plan === plan)
  const expectDone = <T>(reply: Reply<T>): T => {
    assert(reply.status < 300, `refused: ${JSON.stringify(reply.body)}`)
    return reply.body
  }
  const { rosterId } = expectDone(
    await officer.post<{ rosterId: number }>('/rosters', {
      unitId: world.demo.units[`${key}-${unit}`],
      editionId: edition?.id,
      ...(commonDay ? { commonDay } : {}),
    }),
  )
  expectDone(await officer.upload(`/rosters/${rosterId}/files`, await rosterOf(people, shares)))
  const kind = plan === 'demo-women' ? 'women' : 'staff'
  const { headCountId } = expectDone(
    await officer.upload<{ headCountId: number }>(`/rosters/${rosterId}/head-count`, pdf('社保缴费通知'), {
      kind,
      countedOn: world.today,
      heads: String(heads),
    }),
  )
  expectDone(await agency.post(`/rosters/${rosterId}/head-count/confirmation`, { headCountId }))
  const closed = expectDone(
    await officer.post<{ noticeNumber: string; dueFen: number }>(`/rosters/${rosterId}/closing`),
  )
  const yuan = (closed.dueFen / 100).toFixed(2)
  const read = expectDone(
    await finance.upload<{ effective: { certificate: string; coverFrom: string }[] }>(
      '/statements',
      statementOf([
        {
          on: world.today,
          payer: unit,
          yuan,
          note: `互助费 ${closed.noticeNumber}`,
          reference: `R${closed.noticeNumber}`,
        },
      ]),
    ),
  )
  const effective = read.effective[0]
  assert(effective, 'the receipt made the enrolment effective')
  return { rosterId, coverFrom: effective.coverFrom, certificate: effective.certificate }
}
