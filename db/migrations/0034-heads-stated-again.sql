-- A head count that was wrong and confirmed in haste may be stated again as long as the roster is open, and confirmed anew: each
-- stated count has its own confirmation, and the newest stated one counts.
alter table enrolment.head_count_confirmation drop constraint head_count_confirmation_pkey,
  add primary key (office_id, head_count_id);
