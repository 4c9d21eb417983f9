import { randomInt } from 'node:crypto'

/** What brings a short message to a telephone. It answers whether the message was taken; the number and the text go nowhere else. */
export interface SmsGateway {
  send(phone: string, text: string): Promise<boolean>
}

export interface SmsPlace {
  readonly url: string
  readonly token: string
}

const patience = 10_000

/** A body's own gateway behind an address: POST {phone, text} with a token; any answer but a 2xx in ten seconds is a no. */
export const webhookSms = (
  { url, token }: SmsPlace,
  told: (why: string) => void,
  { timeoutMs = patience } = {},
): SmsGateway => ({
  send: async (phone, text) => {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ phone, text }),
        redirect: 'error', // the token goes to no other address
        signal: AbortSignal.timeout(timeoutMs),
      })
      await answer.body?.cancel()
      if (!answer.ok) told(`HTTP ${answer.status}`)
      return answer.ok
    } catch (error) {
      told(whyNot(error)) // by its code only: a message may repeat what was sent
      return false
    }
  },
})
const whyNot = (error: unknown): string => {
  const { name, cause } = error as { name?: string; cause?: { code?: string } }
  return cause?.code ?? name ?? 'failed'
}

/** A demonstration has no gateway: the message is shown where the server was started. */
export const shownSms = (say: (line: string) => void): SmsGateway => ({
  send: async (phone, text) => {
    say(`示范短信（没有真的发出）${maskPhone(phone)}：${text}`)
    return true
  },
})

export const smsDigits = (): string => String(randomInt(1_000_000)).padStart(6, '0')

/** 138****5678: enough for its owner to know it. */
export const maskPhone = (phone: string): string => `${phone.slice(0, 3)}****${phone.slice(-4)}`
