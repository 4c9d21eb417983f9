import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createListener } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { day } from '#kernel/days.ts'
import { withoutValues } from '#platform/database/traced-client.ts'
import { openTraces, type Traces } from '#platform/traces/index.ts'
import { openWorld, peopleFrom, rosterOf, type World } from '../../journeys/world.ts'
import { type Collector, openCollector, type Received } from '../../test/collector.ts'
import { createApp } from './app.ts'
import { type Configuration, configurationFrom } from './configuration.ts'
import { demoPassword } from './seed/demonstration.ts'

/** Whether a process of its own that loads the whole application loads the tracing library with it. */
const isLoaded = (): boolean => {
  const look = `
    await Promise.all(['running', 'platform/traces/index'].map((each) => import('./server/src/' + each + '.ts')))
    const { createRequire } = await import('node:module')
    const loaded = Object.keys(createRequire(process.cwd() + '/x').cache)
    process.stdout.write(JSON.stringify([loaded.length > 0, loaded.some((path) => path.includes('@opentelemetry/sdk-trace'))]))`
  const said = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', look], {
    encoding: 'utf8',
  })
  const [others, traces] = JSON.parse(said) as [boolean, boolean]
  expect(others).toBe(true)
  return traces
}

let world: World
let collector: Collector
beforeAll(async () => {
  world = await openWorld(day('2026-03-02'))
  collector = await openCollector()
})
afterAll(async () => {
  await collector.close()
  await world.close()
})

const clock = () => new Date('2026-03-02T10:00:00+08:00')
const appWith = (traces?: Traces) =>
  createApp({ db: world.base.db, services: world.base.services, clock, ...(traces ? { traces } : {}) })
const signIn = { login: 'east-unit1', password: demoPassword }

/** Sends half a request and hangs up. */
const goAway = async (port: number): Promise<void> => {
  const half = connect(port, '127.0.0.1')
  half.write('POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{')
  await new Promise((go) => setTimeout(go, 100))
  half.destroy()
  await once(half, 'close')
}
const asked = '4bf92f3577b34da6a3ce929d0e0e4736'

test('who has not switched traces on loads nothing of them and leaves no span', async () => {
  expect((await world.anybody.post('/sign-in', signIn)).status).toBe(200)
  expect(collector.spans).toEqual([])
  expect(isLoaded()).toBe(false)
})

describe('what a collector is told', () => {
  let token = ''
  let roster = 0
  const named = (name: string): Received => {
    const found = collector.spans.find((span) => span.name === name)
    if (!found) throw new Error(`no span ${name} among ${collector.spans.map((span) => span.name).join(', ')}`)
    return found
  }
  const under = (parent: Received): Received[] => collector.spans.filter((span) => span.parentSpanId === parent.spanId)
  const people = peopleFrom(1, 5)

  beforeAll(async () => {
    const traces = await openTraces({ endpoint: collector.endpoint, serviceName: 'tongzhou-test' })
    const app = await appWith(traces)
    token = (await app.inject({ method: 'POST', url: '/sign-in', payload: signIn })).json<{ token: string }>().token
    const authorization = `Bearer ${token}`
    const editions = (await app.inject({ url: '/editions', headers: { authorization } })).json<
      { id: number; plan: string }[]
    >()
    const traceparent = `00-${asked}-00f067aa0ba902b7-01`
    const opened = await app.inject({
      method: 'POST',
      url: '/rosters',
      headers: { authorization, traceparent, tracestate: 'who=990001199001010018', baggage: 'name=someone' },
      payload: {
        unitId: world.demo.units['east-unit1'],
        editionId: editions.find((each) => each.plan === 'demo-critical')?.id,
      },
    })
    roster = opened.json<{ rosterId: number }>().rosterId
    await app.inject({
      method: 'POST',
      url: `/rosters/${roster}/files`,
      headers: { authorization, 'content-type': 'multipart/form-data; boundary=b' },
      payload: Buffer.concat([
        Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="f.xlsx"\r\n\r\n'),
        await rosterOf(people, 1),
        Buffer.from('\r\n--b--\r\n'),
      ]),
    })
    await app.inject({ method: 'POST', url: '/rosters/4242424/closing', headers: { authorization }, payload: {} })
    await app.inject('/no/such/place/990001199001010018?name=somebody')
    await app.listen({ host: '127.0.0.1', port: 0 })
    await goAway((app.server.address() as AddressInfo).port)
    await app.close()
    await traces.stop()
  })

  test('stopping hands everything over, to the address for traces, under the name that was set', () => {
    expect(collector.spans.length).toBeGreaterThan(20)
    expect(collector.raw()).toMatch(/^POST \/v1\/traces /)
    expect(collector.raw()).toContain('{"key":"service.name","value":{"stringValue":"tongzhou-test"}}')
  })

  test('a request, its command and the command’s statements are one trace, which the asker began', () => {
    const request = named('POST /rosters')
    expect(request).toMatchObject({ traceId: asked, parentSpanId: '00f067aa0ba902b7', kind: 2, failed: false })
    expect(request.told).toEqual({
      'http.request.method': 'POST',
      'http.route': '/rosters',
      'http.response.status_code': 201,
      'tongzhou.request_id': expect.stringMatching(/^[0-9a-f]{20}$/),
      'tongzhou.actor': 'staff',
    })
    expect(under(request).map((span) => span.name)).toEqual(['session', 'enrolment.open-roster'])
    const statements = under(named('enrolment.open-roster'))
    expect(statements.map((span) => span.name)).toEqual(expect.arrayContaining(['begin', 'insert', 'commit']))
    for (const span of statements) {
      expect(span).toMatchObject({ traceId: asked, kind: 3, told: { 'db.system.name': 'postgresql' } })
    }
    // Every span but those of requests hangs on another one that arrived too.
    const ids = new Set(collector.spans.map((span) => span.spanId))
    for (const span of collector.spans.filter((each) => each.kind !== 2))
      expect(ids, span.name).toContain(span.parentSpanId)
  })

  test('a refusal is told by its code, on the request and on its command; a path as its template', () => {
    const refused = { 'tongzhou.refusal': 'roster_not_found' }
    expect(named('POST /rosters/:rosterId/closing').told).toMatchObject({
      ...refused,
      'http.response.status_code': 404,
    })
    const command = under(named('POST /rosters/:rosterId/closing')).find((span) => span.name !== 'session')
    expect(command).toMatchObject({ name: 'enrolment.close-roster', failed: false, told: refused })
    expect(named('GET no such page').told).toMatchObject({
      'tongzhou.refusal': 'no_such_page',
      'tongzhou.actor': 'nobody',
    })
  })

  test('who goes away before the answer leaves a span too', () => {
    const gone = collector.spans.find((span) => span.told['error.type'] === 'gone')
    expect(gone).toMatchObject({ name: 'POST /sign-in', failed: true })
  })

  test('a batch of a roster’s rows is one statement, without the rows', () => {
    const texts = collector.spans.map((span) => String(span.told['db.query.text']))
    const taken = texts.filter((text) => text.includes('insert into enrolment.roster_row'))
    expect(taken).toHaveLength(1)
    expect(taken[0]).toMatch(/ from unnest\(\$\d+::integer\[\], \$\d+::bytea\[\]/)
  })

  test('nobody and nothing of anybody’s is in it: no person, number, address, password or token', () => {
    const secrets = [
      ...people.flatMap(({ name, paper }) => [name, paper]),
      ...['990001199001010018', 'somebody', 'someone', '4242424', 'east-unit1', token, demoPassword, '127.0.0.1"'],
      `/rosters/${roster}/`,
    ]
    // The headers of the sending itself are ours, and name the collector.
    const sent = collector.raw().replace(/^POST .*$/gm, '')
    for (const secret of secrets) expect(sent).not.toContain(secret)
  })
})

test('a statement is told without what is written into it', () => {
  expect(withoutValues(`select *\n  from t where name = '张''三' and kind = 'x' and id = $1`)).toBe(
    `select * from t where name = '?' and kind = '?' and id = $1`,
  )
})

describe('a collector that is not there', () => {
  const written: string[] = []
  const write = process.stderr.write.bind(process.stderr)
  beforeAll(() => {
    process.stderr.write = ((chunk: string | Uint8Array) => {
      written.push(chunk.toString())
      return true
    }) as typeof process.stderr.write
  })
  afterAll(() => {
    process.stderr.write = write
  })
  /** Sends requests while the collector is away: how many were answered, and how long the stop took. */
  const serve = async (endpoint: string): Promise<{ answered: number; stopMs: number }> => {
    const traces = await openTraces({ endpoint, serviceName: 'tongzhou' })
    const app = await appWith(traces)
    let answered = 0
    for (let i = 0; i < 600; i += 1) if ((await app.inject('/ready')).statusCode === 200) answered += 1
    await app.close()
    const since = Date.now()
    await traces.stop()
    return { answered, stopMs: Date.now() - since }
  }

  test('one that refuses connections slows and breaks nothing, and is told of once', async () => {
    const gone = createListener()
    await once(gone.listen(0, '127.0.0.1'), 'listening')
    const { port } = gone.address() as AddressInfo
    await new Promise((done) => gone.close(done))
    const { answered, stopMs } = await serve(`http://127.0.0.1:${port}`)
    expect(answered).toBe(600)
    expect(stopMs).toBeLessThan(8_000)
    expect(written.filter((line) => line.includes('"traces"'))).toHaveLength(1)
  })

  test('one that never answers does not keep the server from stopping', async () => {
    const silent = createServer(() => {})
    await once(silent.listen(0, '127.0.0.1'), 'listening')
    const { answered, stopMs } = await serve(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    expect(answered).toBe(600)
    expect(stopMs).toBeLessThan(8_000)
    silent.closeAllConnections()
    await new Promise((done) => silent.close(done))
  })
})

test('traces are switched on by the names of OpenTelemetry, and a slip in them is told before the start', () => {
  const on = (env: Record<string, string>) => (configurationFrom(env) as Configuration).traces
  const wrong = (env: Record<string, string>): string => {
    const found = configurationFrom(env)
    return 'length' in found ? found.join('\n') : ''
  }
  const endpoint = 'http://127.0.0.1:4318'
  expect(on({})).toBeUndefined()
  expect(on({ OTEL_SERVICE_NAME: 'east' })).toBeUndefined()
  expect(on({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toEqual({ endpoint, serviceName: 'tongzhou' })
  expect(on({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'east' })).toMatchObject({
    serviceName: 'east',
  })
  for (const said of [
    'collector:4318',
    'http://me:secret-of-mine@collector',
    'https://collector/?key=secret-of-mine',
  ]) {
    expect(wrong({ OTEL_EXPORTER_OTLP_ENDPOINT: said }), said).toContain('OTEL_EXPORTER_OTLP_ENDPOINT 应是')
    expect(wrong({ OTEL_EXPORTER_OTLP_ENDPOINT: said })).not.toContain('secret')
  }
  expect(wrong({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toContain('grpc')
})
