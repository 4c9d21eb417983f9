import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../io.ts'
import type { Called } from '../verb.ts'

/** A signature as the key's tool wrote it: text as it stands, bytes in base64. From standard input where no file is named. */
const signatureIn = async (path: string | undefined): Promise<string> => {
  const bytes =
    path === undefined || path === '-'
      ? await buffer(process.stdin)
      : await readFile(path).catch(() => {
          throw new UsageError(`打不开文件 ${path}`)
        })
  if (bytes.length === 0) throw new UsageError('没有读到签名：请写明文件，或从标准输入给出。')
  const text = bytes.toString('latin1').trim()
  return /^[\w+/=\s]+$/.test(text) ? text : bytes.toString('base64')
}

/** What the key is to sign, on the screen or in a file; without an end of line, which would be signed too. */
const showChallenge = async (
  { flag, save, show }: Called,
  given: { challenge: string; until: string },
  then: string,
) => {
  const to = flag('to')
  if (to) await save(to, given.challenge)
  const where = to ? `挑战已写入 ${to}` : `请让钥匙签名（SM2、SM3，末尾没有换行）：\n${given.challenge}`
  show(given, () => `${where}\n五分钟内：tongzhou account second-step ${then} 签名文件`)
}

interface Ways {
  readonly authenticator: { since: string } | null
  readonly key: { since: string; fingerprint: string } | null
  readonly sms: { phone: string } | null
}

const steps: Readonly<Record<string, (called: Called) => Promise<void>>> = {
  ways: async ({ api, show }) => {
    const ways = (await api.get('/me/second-step')).json<Ways>()
    show(ways, () =>
      [
        ways.authenticator ? `验证器，自 ${ways.authenticator.since}` : '没有验证器',
        ways.key ? `SM2 钥匙 ${ways.key.fingerprint}，自 ${ways.key.since}` : '没有 SM2 钥匙',
        ways.sms ? `短信 ${ways.sms.phone}` : '不用短信',
      ].join('\n'),
    )
  },
  enrol: async ({ api, show }) => {
    const done = (await api.post('/me/second-step')).json<{ secret: string; uri: string }>()
    show(
      done,
      () => `密钥 ${done.secret}\n${done.uri}\n在验证器里添加后：tongzhou account second-step confirm 六位数字`,
    )
  },
  confirm: async ({ api, word, words, show }) => {
    word(1, '验证码')
    const done = (await api.post('/me/second-step/confirmation', { code: words[1] })).json<{
      recoveryCodes: string[]
    }>()
    show(done, () => `已绑定。恢复码（每个用一次，请抄下保存）：\n${done.recoveryCodes.join('\n')}`)
  },
  verify: async ({ api, word, words, show }) => {
    word(1, '验证码')
    const done = (await api.post('/me/second-step/verification', { code: words[1] })).json<object>()
    show(done, () => '验证通过。')
  },
  sms: async ({ api, show }) => {
    const sent = (await api.post('/me/second-step/sms')).json<{ phone: string }>()
    show(sent, () => `验证码已发到 ${sent.phone}，五分钟内：tongzhou account second-step verify 六位数字`)
  },
  'key-enrol': async (called) => {
    called.word(1, '公钥文件')
    const { bytes } = await called.file(called.words[1] ?? '')
    const body = { publicKey: bytes.toString('utf8') }
    await showChallenge(called, (await called.api.post('/me/second-step/key', body)).json(), 'key-confirm')
  },
  'key-challenge': async (called) =>
    showChallenge(called, (await called.api.post('/me/second-step/key/challenge')).json(), 'key-verify'),
  'key-confirm': async ({ api, words, show }) => {
    const body = { signature: await signatureIn(words[1]) }
    const done = (await api.post('/me/second-step/key/confirmation', body)).json<object>()
    show(done, () => '已登记这把 SM2 钥匙。')
  },
  'key-verify': async ({ api, words, show }) => {
    const body = { signature: await signatureIn(words[1]) }
    const done = (await api.post('/me/second-step/key/verification', body)).json<object>()
    show(done, () => '验证通过。')
  },
}

export const secondStepUsage = [
  'account second-step ways',
  'account second-step enrol | confirm 验证码 | verify 验证码 | sms（发短信验证码）',
  'account second-step key-enrol 公钥文件 [--to 挑战文件] | key-confirm [签名文件]',
  'account second-step key-challenge [--to 挑战文件] | key-verify [签名文件]（不写文件就从标准输入读）',
]

/** One's second step: an authenticator's codes, a code by SMS, or a key that signs. */
export const secondStep = async (called: Called): Promise<void> => {
  const what = called.word(0, Object.keys(steps).join('、'))
  const step = steps[what]
  if (!step) throw new UsageError(`没有“second-step ${what}”，可用的有：${Object.keys(steps).join('、')}`)
  await step(called)
}
