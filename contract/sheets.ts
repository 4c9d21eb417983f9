import type { Refusals } from './refusals.ts'

export const sheetsRefusals = {
  sheet_kind_not_taken: { http: 415, zh: '读不懂这个文件。请在表格软件里“另存为” xlsx 或 csv 后再上传。' },
  sheet_old_format: { http: 415, zh: '这是旧的 xls 文件，或是加了密码的文件。请去掉密码，“另存为” xlsx 后再上传。' },
  sheet_is_ods: { http: 415, zh: '这是 ods 文件。请在表格软件里“另存为” xlsx 或 csv 后再上传。' },
  sheet_encoding_unknown: { http: 422, zh: '文件的文字编码读不懂。请“另存为” xlsx，或 UTF-8 编码的 csv。' },
  sheet_too_heavy: { http: 413, zh: '表格解开后太大（超过 {limit}），请删去空白的行列和图片，或分成几个文件。' },
  sheet_damaged: { http: 422, zh: '文件不完整或已损坏，请重新保存后再上传。' },
  sheet_quote_open: {
    http: 422,
    zh: '文件第 {line} 行的一格以引号（"）开头，后面的好几行都被算进了这一格。请删去这个多余的引号，或在表格软件里“另存为” xlsx 后再上传。',
  },
  sheet_empty: { http: 422, zh: '表格里没有内容，请确认保存的是有名单的那一张。' },
} satisfies Refusals
