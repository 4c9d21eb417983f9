-- A file that names people who are on the roster already replaces their rows in place: looked for by their key, one by one,
-- however many rows the planner believes there are.
grant update (hand_in_id, row_number, paper_kind, paper_sealed, name_sealed, sex, born_on, staff_number, shares, option)
  on enrolment.roster_row to tongzhou_app;
