// For the command line too, which starts without the schemas.

/** A member's number, kept for life. Papers' numbers are longer and begin with a digit, so none is taken for it. */
export const memberNumberForm = /^M\d{10,16}$/
export const memberNumberSays = '会员号写作 M0000000001；证件号码不要填在这里'
