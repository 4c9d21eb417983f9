import type { Refusals } from './refusals.ts'

export const platformRefusals = {
  sign_in_first: { http: 401, zh: '请先登录；若刚才已登录，可能是登录已过期，请重新登录。' },
  sign_in_refused: { http: 401, zh: '用户名或密码不对。请核对后再试；忘记密码请联系本级管理员重设。' },
  not_allowed: { http: 403, zh: '您现在的岗位不能做这件事；如工作需要，请联系本级管理员调整任职。' },
  second_step_needed: {
    http: 403,
    zh: '这一步需要第二步验证：请输入验证器上的六位数字，或用 SM2 钥匙签名（都还没有的，先在“我的登录”里绑定一样），然后再试。',
  },
  device_unknown: {
    http: 403,
    zh: '这台设备还不认识您：带人员信息的表格要在认识的设备上下载。请在“我的登录”里做一次第二步验证，然后再试；以后在这台设备上登录就不用了。',
  },
  from_another_page: { http: 403, zh: '这个请求不是从同舟的页面发出的，没有执行。请回到同舟的页面再操作。' },
  no_such_page: { http: 404, zh: '没有这个地址，请核对后再试。' },
  input_not_understood: { http: 400, zh: '有内容填写得不对，请按提示修改后再提交。' },
  file_missing: { http: 400, zh: '没有收到文件，或文件是空的。请选择文件后再上传。' },
  input_too_large: { http: 413, zh: '文件太大，请压缩或拆分后再上传。' },
  too_many_requests: { http: 429, zh: '操作太频繁，请过一分钟再试。' },
  idempotency_key_reused: { http: 409, zh: '这个防重复编号已用于另一项操作，请换一个新的编号。' },
} satisfies Refusals
