-- What was done to an object includes the requests about it: they are looked for by their subject.
CREATE INDEX change_request_subject ON change_request (trust_domain_id, subject);
