import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sm2Device } from '../../../../test/sm2-device.ts'
import { sm2KeyOf, sm2SignatureOf, sm2Verifies } from './sm2.ts'

// The example of GB/T 32918.5-2017, A.2.
const standard = {
  point: Buffer.from(
    '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
    'hex',
  ),
  message: Buffer.from('message digest'),
  r: 'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3',
  s: 'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
}
const signature = { r: BigInt(`0x${standard.r}`), s: BigInt(`0x${standard.s}`) }
const der = Buffer.from(`3046022100${standard.r}022100${standard.s}`, 'hex')
const head = '3059301306072a8648ce3d020106082a811ccf5501822d034200'
const n = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n

test('the signature that the standard prints is right, and no other', () => {
  const { point, message } = standard
  expect(sm2Verifies(point, message, signature)).toBe(true)
  expect(sm2Verifies(point, Buffer.from('message digesu'), signature)).toBe(false)
  expect(sm2Verifies(sm2Device().point, message, signature)).toBe(false)
  for (const [r, s] of [
    [0n, signature.s],
    [signature.r, 0n],
    [signature.r + n, signature.s],
    [signature.r, signature.s + n],
    [signature.r, n - signature.r], // their sum is the order: no point
    [signature.s, signature.r],
  ] as const)
    expect(sm2Verifies(point, message, { r, s })).toBe(false)
})

test('a signature is read as devices write it: base64 or hex, ASN.1 or bare', () => {
  for (const bytes of [der, Buffer.from(standard.r + standard.s, 'hex')])
    for (const text of [bytes.toString('base64'), bytes.toString('hex'), `${bytes.toString('hex').toUpperCase()}\n`])
      expect(sm2SignatureOf(text)).toEqual(signature)
  for (const text of ['', 'no signature', der.subarray(1).toString('base64'), `${der.toString('hex')}00`])
    expect(sm2SignatureOf(text), text).toBeNull()
})

const pemOf = (curve: string) =>
  generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ format: 'pem', type: 'spki' })

test('a key is an SM2 key, by its PEM, or it is refused', () => {
  const device = sm2Device()
  expect(sm2KeyOf(device.pem)).toEqual(device.point)
  expect(sm2KeyOf(String(pemOf('SM2')))).toHaveLength(65)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'SM2' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'pem', type: 'spki' })
  const off = Buffer.concat([Buffer.from(head, 'hex'), Buffer.from([4]), Buffer.alloc(64, 7)])
  for (const pem of [
    String(pemOf('prime256v1')),
    String(rsa),
    String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    `-----BEGIN PUBLIC KEY-----\n${off.toString('base64')}\n-----END PUBLIC KEY-----`,
    `${device.pem}${device.pem}`,
    'x',
  ])
    expect(sm2KeyOf(pem)).toBeNull()
})

const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: 'pipe' })
const hasOpenssl = (() => {
  try {
    return /^OpenSSL 3/.test(openssl('version').toString())
  } catch {
    return false
  }
})()

test.runIf(hasOpenssl)('another implementation’s key, certificate and signature are taken', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tz-sm2-'))
  const [key, cert, message, signed] = ['key', 'cert', 'message', 'signed'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ]
  const id = 'distid:1234567812345678'
  openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:SM2', '-out', key)
  writeFileSync(message, 'tongzhou')
  openssl('dgst', '-sm3', '-sign', key, '-sigopt', id, '-out', signed, message)
  openssl('req', '-x509', '-new', '-key', key, '-sm3', '-sigopt', id, '-subj', '/CN=li.ming', '-out', cert)
  const point = sm2KeyOf(openssl('pkey', '-in', key, '-pubout').toString())
  expect(point && sm2KeyOf(readFileSync(cert, 'utf8'))).toEqual(point)
  const made = sm2SignatureOf(readFileSync(signed).toString('base64'))
  expect(point && made && sm2Verifies(point, Buffer.from('tongzhou'), made)).toBe(true)
})
