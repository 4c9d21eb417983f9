-- What is due to a member stays due however often a bank sends it back, and there is no other way to her than the next attempt.
-- The limit of twenty stopped not only that item but every batch of its office; an attempt still hangs on the failure before it.
alter table payments.attempt drop constraint attempt_attempt_check;
alter table payments.attempt add constraint attempt_attempt_check check (attempt >= 1);
