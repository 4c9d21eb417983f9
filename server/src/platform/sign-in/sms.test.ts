import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { maskPhone, shownSms, smsDigits, webhookSms } from './sms.ts'

const [phone, text] = ['13812345678', '验证码 246813']
/** A gateway that answers so, and what we told about it. */
const against = async (answers: RequestListener, { timeoutMs = 2_000 } = {}) => {
  const told: string[] = []
  const server = createServer(answers)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const place = { url: `http://127.0.0.1:${port}/messages`, token: 'the-token' }
  const sent = await webhookSms(place, (why) => told.push(why), { timeoutMs }).send(phone, text)
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  return { sent, told, place }
}

test('a message goes to the gateway with its token, and nowhere else', async () => {
  const got: unknown[] = []
  const { sent, told } = await against(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    got.push([req.method, req.url, req.headers.authorization, JSON.parse(Buffer.concat(chunks).toString())])
    res.end('{}')
  })
  expect(got).toEqual([['POST', '/messages', 'Bearer the-token', { phone, text }]])
  expect([sent, told]).toEqual([true, []])
})

test('a gateway that refuses, sends elsewhere, is silent or is not there is a no, told without number, code or token', async () => {
  const refuses = await against((_, res) => res.writeHead(500).end(`${phone} ${text}`))
  const elsewhere = await against((_, res) => res.writeHead(307, { location: 'http://127.0.0.1:1/' }).end())
  const silent = await against(() => {}, { timeoutMs: 100 })
  const told: string[] = []
  const gone = await webhookSms(refuses.place, (why) => told.push(why)).send(phone, text)
  expect([refuses.sent, elsewhere.sent, silent.sent, gone]).toEqual([false, false, false, false])
  expect(refuses.told).toEqual(['HTTP 500'])
  expect(silent.told).toEqual(['TimeoutError'])
  expect(told).toEqual(['ECONNREFUSED'])
  expect(elsewhere.told).toHaveLength(1)
  expect([...elsewhere.told, ...refuses.told].join()).not.toMatch(/13812345678|246813|the-token/)
})

test('a demonstration shows the message, the number masked; a code is six digits', async () => {
  const shown: string[] = []
  expect(await shownSms((line) => shown.push(line)).send(phone, text)).toBe(true)
  expect(shown.join()).toContain(`${maskPhone(phone)}：${text}`)
  expect(shown.join()).not.toContain(phone)
  for (let i = 0; i < 100; i += 1) expect(smsDigits()).toMatch(/^\d{6}$/)
})
