import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { saveToken } from './connection.ts'
import { main } from './tongzhou.ts'

test('an ID number typed where a member number is meant is refused before it leaves this machine', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tz-cli-'))
  process.env.TONGZHOU_DIR = dir
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(String(req.url))
    res.writeHead(201, { 'content-type': 'application/json' }).end('{"login":"a","code":"b"}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await saveToken(dir, 'east-agency', { token: 'x', name: 'x', role: 'x' }, address)
    const type = async (number: string) => {
      const err: string[] = []
      const code = await main(['members', 'code', number], { out: () => {}, err: (line) => err.push(line) })
      return { code, err: err.join('\n') }
    }
    for (const paper of ['990001199001010018', '99000119900101001X', '张三'])
      expect(await type(paper), paper).toMatchObject({ code: 2, err: expect.stringContaining('证件号码不要填在这里') })
    expect(asked).toEqual([])
    expect((await type('M0000000007')).code).toBe(0)
    expect(asked).toEqual(['/members/M0000000007/sign-in-code'])
  } finally {
    delete process.env.TONGZHOU_DIR
    await new Promise((done) => server.close(done))
    await rm(dir, { recursive: true, force: true })
  }
})
