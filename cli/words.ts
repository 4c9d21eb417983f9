/** What the API's names are called on the screen. */
export const unitKindWords: Readonly<Record<string, string>> = {
  employer: '用人单位',
  joint_union: '联合工会',
  without_code: '无代码单位',
}
